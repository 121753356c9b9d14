import struct
import subprocess
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from annotations.exceptions import BadImage
from annotations.services.image_decoding import AT_ONCE, DecodedImage, decode_upload

HEIGHT, WIDTH = 40, 60
random = np.random.default_rng(7)
GREY = random.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
RGB = random.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
RAMP = np.linspace(1000, 5000, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)


def decode(path: Path, name: str = "cells.png") -> DecodedImage:
    return decode_upload(path=path, name=name, out_dir=path.parent / "out")


def pixels(decoded: DecodedImage) -> np.ndarray:
    with Image.open(decoded.pixels_path) as image:
        assert image.mode == "RGB"
        assert image.format == "PNG"
        assert image.size == (decoded.width, decoded.height)
        return np.asarray(image)


def png_header(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n\0\0\0\r" + header + struct.pack(">I", zlib.crc32(header))
    return start + struct.pack(">I", 1_000_000) + b"IDAT" + zlib.compress(bytes(1_000_000))


# --- good files ---------------------------------------------------------------------------------


def test_a_colour_png_is_kept_to_the_pixel(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    Image.fromarray(RGB).save(path, "PNG")
    decoded = decode(path)
    assert np.array_equal(pixels(decoded), RGB)
    assert (decoded.width, decoded.height, decoded.format) == (WIDTH, HEIGHT, "png")
    assert (decoded.bit_depth, decoded.channels, decoded.microns_per_pixel) == (8, 3, None)


def test_the_thumbnail_is_a_webp_of_at_most_256_pixels(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    Image.new("RGB", (900, 300), "purple").save(path, "PNG")
    with Image.open(decode(path).thumbnail_path) as thumbnail:
        assert thumbnail.format == "WEBP"
        assert thumbnail.size == (256, 85)


def test_grey_becomes_three_equal_channels(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    Image.fromarray(GREY).save(path, "PNG")
    decoded = decode(path)
    assert np.array_equal(pixels(decoded), np.repeat(GREY[..., None], 3, axis=2))
    assert decoded.channels == 1


def test_one_bit_png(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    Image.fromarray(GREY > 100).save(path, "PNG")
    decoded = decode(path)
    assert np.array_equal(pixels(decoded)[..., 0] == 255, GREY > 100)
    assert decoded.bit_depth == 1


def test_a_palette_shows_its_colours(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    image = Image.fromarray(np.arange(4, dtype=np.uint8).reshape(2, 2), "P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    image.save(path, "PNG")
    assert pixels(decode(path)).tolist() == [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 9, 9]]]


def test_transparent_pixels_become_white(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    rgba = np.dstack([RGB, np.full((HEIGHT, WIDTH), 255, dtype=np.uint8)])
    rgba[0, 0, 3] = 0
    Image.fromarray(rgba).save(path, "PNG")
    shown = pixels(decode(path))
    assert shown[0, 0].tolist() == [255, 255, 255]
    assert np.array_equal(shown[1:], RGB[1:])


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_windowed_between_percentiles(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "upload"
    Image.fromarray(RAMP.astype(np.uint16)).save(path, kind)
    decoded = decode(path)
    shown = pixels(decoded)
    assert decoded.bit_depth == 16
    assert (shown.min(), shown.max()) == (0, 255)
    assert abs(int(shown[HEIGHT // 2, 0, 0]) - 127) <= 1
    assert np.all(np.diff(shown[..., 0].ravel().astype(int)) >= 0)


def test_sixteen_bit_colour_png_keeps_faint_detail(tmp_path: Path) -> None:
    from imagecodecs import png_encode

    path = tmp_path / "upload"
    faint = np.stack([RAMP / 20, RAMP / 20, RAMP], axis=-1).astype(np.uint16)  # red below 256
    path.write_bytes(png_encode(faint))
    shown = pixels(decode(path))
    assert shown[..., 0].max() == 255
    assert len(np.unique(shown[..., 0])) > 150


def test_a_jpeg_is_turned_as_its_exif_says(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    image = Image.new("RGB", (64, 32), "black")
    image.paste("white", (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    image.save(path, "JPEG", exif=exif)
    decoded = decode(path, "photo.tif")
    assert (decoded.width, decoded.height, decoded.format) == (32, 64, "jpeg")
    shown = pixels(decoded)
    assert shown[:24].min() > 240
    assert shown[40:].max() < 15
    with Image.open(decoded.pixels_path) as written:
        assert not written.getexif()


def test_a_cmyk_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    Image.new("CMYK", (32, 32), (0, 255, 255, 0)).save(path, "JPEG")
    assert np.allclose(pixels(decode(path))[10, 10], [255, 0, 0], atol=8)


@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
def test_a_colour_tiff_is_kept_to_the_pixel(
    tmp_path: Path, bigtiff: bool, compression: str | None
) -> None:
    path = tmp_path / "upload"
    tifffile.imwrite(path, RGB, photometric="rgb", bigtiff=bigtiff, compression=compression)
    decoded = decode(path)
    assert decoded.format == "tiff"
    assert decoded.channels == 3
    assert np.array_equal(pixels(decoded), RGB)


def test_tiled_and_planar_tiffs(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    planes = np.moveaxis(RGB, -1, 0)
    tifffile.imwrite(path, planes, photometric="rgb", planarconfig="separate", tile=(16, 16))
    assert np.array_equal(pixels(decode(path)), RGB)


def test_a_float_tiff_with_holes_in_its_data(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    values = (RAMP / 5000).astype(np.float32)
    values[0, :3] = [np.nan, np.inf, -np.inf]
    tifffile.imwrite(path, values)
    decoded = decode(path)
    assert decoded.bit_depth == 32
    assert pixels(decoded)[0, :3, 0].tolist() == [0, 255, 0]
    assert pixels(decoded)[-1, -1, 0] == 255


def test_an_even_image_does_not_divide_by_zero(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    tifffile.imwrite(path, np.full((8, 8), 300, dtype=np.uint16))
    assert pixels(decode(path)).max() == 0


def test_of_many_channels_the_first_three_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    channels = np.stack([np.roll(RAMP, n, axis=0) for n in range(5)]).astype(np.uint16)
    metadata = {"axes": "CYX", "PhysicalSizeX": 0.25, "PhysicalSizeXUnit": "µm"}
    tifffile.imwrite(path, channels, ome=True, metadata=metadata, photometric="minisblack")
    decoded = decode(path)
    assert (decoded.channels, decoded.bit_depth, decoded.microns_per_pixel) == (5, 16, 0.25)
    shown = pixels(decoded)
    assert [int(shown[..., n].argmin()) // WIDTH for n in range(3)] == [0, 1, 2]


def test_two_channels_leave_blue_black(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    tifffile.imwrite(path, np.stack([GREY, GREY[::-1]]), photometric="minisblack")
    shown = pixels(decode(path))
    assert np.array_equal(shown[..., 0], GREY)
    assert np.array_equal(shown[..., 1], GREY[::-1])
    assert not shown[..., 2].any()


def test_pages_of_another_size_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    with tifffile.TiffWriter(path) as tif:
        tif.write(RGB, photometric="rgb")
        tif.write(RGB[::2, ::2], photometric="rgb")
    assert np.array_equal(pixels(decode(path)), RGB)


def test_white_is_zero_and_palette_tiffs(tmp_path: Path) -> None:
    inverted, coloured = tmp_path / "inverted", tmp_path / "coloured"
    tifffile.imwrite(inverted, GREY, photometric="miniswhite")
    assert np.array_equal(pixels(decode(inverted))[..., 0], 255 - GREY)
    colormap = random.integers(0, 256, (3, 256)).astype(np.uint16) * 257
    tifffile.imwrite(coloured, GREY, photometric="palette", colormap=colormap)
    assert np.array_equal(pixels(decode(coloured)), (colormap.T // 257)[GREY])


def test_a_cmyk_tiff(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    Image.new("CMYK", (32, 32), (0, 255, 255, 0)).save(path, "TIFF")
    assert pixels(decode(path))[10, 10].tolist() == [255, 0, 0]


def test_a_turned_tiff(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    tifffile.imwrite(path, RGB, photometric="rgb", extratags=[(274, "H", 1, 6, True)])
    assert np.array_equal(pixels(decode(path)), np.rot90(RGB, -1))


@pytest.mark.parametrize(
    ("options", "microns"),
    [
        ({"resolution": (20_000, 20_000), "resolutionunit": "CENTIMETER"}, 0.5),
        ({"resolution": (72, 72), "resolutionunit": "INCH"}, None),
        ({"imagej": True, "resolution": (4, 4), "metadata": {"unit": "um"}}, 0.25),
        ({"ome": True, "metadata": {"PhysicalSizeX": 650, "PhysicalSizeXUnit": "nm"}}, 0.65),
        ({"description": "Aperio |AppMag = 20|MPP = 0.4990"}, 0.499),
    ],
)
def test_microns_per_pixel(tmp_path: Path, options: dict, microns: float | None) -> None:
    path = tmp_path / "upload"
    tifffile.imwrite(path, GREY, **options)
    assert decode(path).microns_per_pixel == pytest.approx(microns)


# --- bad files ----------------------------------------------------------------------------------


def refuse(path: Path, message: str, name: str = "cells.png") -> None:
    with pytest.raises(BadImage, match=message) as refusal:
        decode(path, name)
    assert refusal.value.detail.endswith(".")
    assert "\n" not in refusal.value.detail
    assert list((path.parent / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cells.png is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "not a PNG, JPEG or TIFF"),
        (b"<!doctype html><script>alert(1)</script>", "not a PNG, JPEG or TIFF"),
        (b"GIF89a" + bytes(100), "not a PNG, JPEG or TIFF"),
        (b"%PDF-1.7", "not a PNG, JPEG or TIFF"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"II*\0", "damaged"),
        (b"II*\0" + b"\xff" * 400, "damaged"),
        (png_header(50_000, 50_000), "50000×50000 pixels, more than the 150 megapixels"),
        (png_header(100_000, 1_000), "longer than"),
        (png_header(10_100, 10), "times as long"),
    ],
)
def test_what_is_not_an_image(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    refuse(path, message)


def test_the_name_is_spoken_safely(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"")
    refuse(path, r"^x.png is empty", name="../../etc/\u202e\nx.png")
    refuse(path, r"^The file is empty", name="")
    refuse(path, r"^a{60}…a{12}.png is empty", name="a" * 500 + ".png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_truncated_files(tmp_path: Path, kind: str, kept: float) -> None:
    path = tmp_path / "upload"
    Image.fromarray(RGB).save(path, kind)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    refuse(path, "damaged|truncated")


def test_a_truncated_tiff_whose_directory_is_intact(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    tifffile.imwrite(path, RGB, photometric="rgb", rowsperstrip=8, compression="lzw")
    path.write_bytes(path.read_bytes()[:-200])
    refuse(path, "truncated")


def test_a_tiff_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    tifffile.imwrite(path, GREY, compression="zlib")
    with tifffile.TiffFile(path, mode="r+") as tif:
        for tag in ("ImageWidth", "ImageLength"):
            tif.pages.first.tags[tag].overwrite(50_000)
    refuse(path, "50000×50000")


def test_too_many_pages(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    tifffile.imwrite(path, np.zeros((300, 4, 4), np.uint8), photometric="minisblack")
    refuse(path, "more than 256 pages")


@pytest.mark.parametrize("options", [{"ome": True}, {"imagej": True}])
def test_stacks_are_refused_rather_than_cut(tmp_path: Path, options: dict) -> None:
    path = tmp_path / "upload"
    stack = np.zeros((5, 8, 8), np.uint8)
    tifffile.imwrite(path, stack, metadata={"axes": "ZYX"}, photometric="minisblack", **options)
    refuse(path, "stack of 5 slices")


def test_complex_samples(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    tifffile.imwrite(path, np.zeros((8, 8), np.complex64))
    refuse(path, "complex")


def test_entities_in_ome_xml_are_not_expanded(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    bomb = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><OME>&b;</OME>'
    tifffile.imwrite(path, GREY, description=bomb, metadata=None)
    refuse(path, "damaged")


def test_memory_is_limited(tmp_path: Path, settings) -> None:
    settings.DECODE_MEMORY_MB = 400
    path = tmp_path / "upload"
    Image.new("RGB", (12_000, 12_000)).save(path, "PNG")
    refuse(path, "400 MB of memory")


def test_few_uploads_are_decoded_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may take DECODE_MEMORY_MB."""
    path = tmp_path / "upload"
    Image.fromarray(RGB).save(path, "PNG")
    running, most = Counter[str](), 0
    run = subprocess.run

    def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal most
        running["now"] += 1
        most = max(most, running["now"])
        try:
            return run(*arguments, **options)
        finally:
            running["now"] -= 1

    monkeypatch.setattr("annotations.services.image_decoding.subprocess.run", counted)
    with ThreadPoolExecutor(5) as people:
        folders = [tmp_path / str(number) for number in range(5)]
        uploads = people.map(lambda f: decode_upload(path=path, name="a.png", out_dir=f), folders)
        assert {upload.width for upload in uploads} == {WIDTH}
    assert most == AT_ONCE


def test_a_leftover_of_the_failed_attempt_is_removed(tmp_path: Path, settings) -> None:
    settings.MAX_IMAGE_MEGAPIXELS = 0.001
    path = tmp_path / "upload"
    Image.fromarray(RGB).save(path, "PNG")
    refuse(path, "0.001 megapixels")
