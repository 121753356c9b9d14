import io
import json
import struct
import zipfile
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from annotations.exceptions import BadFile, BadInput
from annotations.formats import label_mask
from annotations.formats.instance import Instance
from annotations.formats.label_zip import LabelZipReader, LabelZipWriter
from ml import rle
from tests.unit.formats.masks import images_with_disjoint_masks

Scene = tuple[tuple[int, int], list[Instance]]


def pack(scenes: list[Scene], name: str = "{}.png") -> io.BytesIO:
    file = io.BytesIO()
    with LabelZipWriter(file) as writer:
        for number, ((height, width), instances) in enumerate(scenes):
            writer.add(name.format(number), width, height, instances)
    return file


def manifest_of(file: io.BytesIO) -> dict[str, Any]:
    with zipfile.ZipFile(file) as archive:
        return json.loads(archive.read("manifest.json"))


def make_zip(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


@given(st.lists(images_with_disjoint_masks(), min_size=1, max_size=3))
def test_masks_that_do_not_overlap_come_back_lossless(scenes: list[Scene]) -> None:
    reader = LabelZipReader(pack(scenes))
    assert [file.image for file in reader.files] == [f"{n}.png" for n in range(len(scenes))]
    for file, ((height, width), instances) in zip(reader.files, scenes, strict=True):
        assert file.known
        labels = reader.labels(file, width, height)
        back = [
            Instance(bbox, counts, file.class_of(label))
            for label, bbox, counts in label_mask.extract(labels)
        ]
        assert back == instances


def test_the_pngs_are_16_bit_grey_and_count_up_from_one() -> None:
    pixels = [np.zeros((3, 400), dtype=bool) for _ in range(300)]
    for column, mask in enumerate(pixels):
        mask[1, column] = True
    file = pack([((3, 400), [Instance(*rle.encode(mask)) for mask in pixels])])
    with zipfile.ZipFile(file) as archive, Image.open(archive.open("labels/0.png")) as image:
        assert image.mode == "I;16"
        assert np.asarray(image)[1, :301].tolist() == [*range(1, 301), 0]


def test_of_overlapping_masks_the_first_keeps_the_pixels_and_the_loss_is_counted() -> None:
    first, second = np.zeros((4, 6), dtype=bool), np.zeros((4, 6), dtype=bool)
    first[:, :4], second[:, 2:] = True, True
    file = pack([((4, 6), [Instance(*rle.encode(mask)) for mask in (first, second)])])
    assert manifest_of(file)["images"][0]["contested_pixels"] == 8
    reader = LabelZipReader(file)
    assert reader.labels(reader.files[0], 6, 4)[0].tolist() == [1, 1, 1, 1, 2, 2]


def test_more_nuclei_than_16_bits_are_refused() -> None:
    pixel = Instance([0, 0, 1, 1], "01")
    with pytest.raises(BadInput, match="65,535"):
        label_mask.paint(1, 1, [pixel] * 65_536)


def test_member_names_are_safe_and_differ() -> None:
    file = io.BytesIO()
    with LabelZipWriter(file) as writer:
        for image in ["a.png", "A.tif", "..", "Kern ß (1).png", 'x<y>:"z.png']:
            writer.add(image, 2, 2, [])
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == [
            "labels/a.png",
            "labels/A_2.png",
            "labels/image.png",
            "labels/Kern ß (1).png",
            "labels/x_y___z.png",
            "manifest.json",
        ]
    assert [entry["image"] for entry in manifest_of(file)["images"]][1] == "A.tif"


# --- foreign and broken files -------------------------------------------------------------------


def png(pixels: np.ndarray, mode: str | None = None) -> bytes:
    content = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(content, "PNG")
    return content.getvalue()


LABELS = np.array([[0, 1, 1], [0, 0, 200]], dtype=np.uint8)


@pytest.mark.parametrize("labels", [LABELS, LABELS.astype(np.uint16) * 300, LABELS > 0])
def test_grey_pngs_of_any_depth_are_read(labels: np.ndarray) -> None:
    read = label_mask.from_png(png(labels), "a.png", 3, 2)
    assert np.array_equal(read, labels)
    assert read.dtype == (np.uint16 if labels.dtype == np.uint16 else np.uint8)


def test_the_indexes_of_a_palette_are_labels() -> None:
    content = io.BytesIO()
    image = Image.fromarray(LABELS, "P")
    image.putpalette(bytes(range(256)) * 3)
    image.save(content, "PNG")
    assert np.array_equal(label_mask.from_png(content.getvalue(), "a.png", 3, 2), LABELS)


def test_a_zip_without_manifest_names_images_after_its_members() -> None:
    members = {"deep/a.png": png(LABELS), "b.PNG": png(LABELS), "notes.txt": b"hello"}
    clutter = {"__MACOSX/._a.png": b"x", "deep/": b"", ".DS_Store": b"y"}
    reader = LabelZipReader(make_zip(members | clutter))
    assert [(file.image, file.known) for file in reader.files] == [
        ("a.png", False),
        ("b.PNG", False),
    ]
    assert reader.others == ["notes.txt"]
    assert np.array_equal(reader.labels(reader.files[0], 3, 2), LABELS)


def bomb(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n\0\0\0\r" + header + struct.pack(">I", zlib.crc32(header))
    return start + struct.pack(">I", 1_000) + b"IDAT" + bytes(1_000)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a PNG"),
        (b"<svg/>", "not a PNG"),
        (png(LABELS)[:20], "not a PNG"),
        (png(LABELS)[:48], "damaged or truncated"),
        (png(LABELS.T), "2×3 pixels, but its image is 3×2"),
        (bomb(50_000, 50_000), "50000×50000 pixels"),
        (png(LABELS, "RGB"), "it is colour"),
        (png(LABELS, "RGBA"), "colour with transparency"),
        (png(LABELS, "LA"), "grey with transparency"),
        (bomb(3, 2), "damaged or truncated"),
    ],
)
def test_pngs_that_are_no_label_masks(content: bytes, message: str) -> None:
    reader = LabelZipReader(make_zip({"a.png": content}))
    with pytest.raises(BadFile, match=message) as refusal:
        reader.labels(reader.files[0], 3, 2)
    assert refusal.value.detail.startswith("a.png")


@pytest.mark.parametrize(
    "name", ["../a.png", "x/../../a.png", "/etc/a.png", "..\\a.png", "C:\\a.png", "\\a.png"]
)
def test_names_that_lead_out_of_the_zip(name: str) -> None:
    with pytest.raises(BadFile, match="points outside"):
        LabelZipReader(make_zip({"a.png": png(LABELS), name: png(LABELS)}))


def manifest(**changes: Any) -> bytes:
    entry = {"image": "a", "labels": "a.png", "classes": [None]} | changes.pop("entry", {})
    whole = {"format": "sppnet-annotate label masks 1", "images": [entry]} | changes
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "no label masks"),
        ({"a.txt": b"x"}, "no label masks"),
        ({"a.png": b"\0" * 3_000_000}, "suspiciously"),
        ({"manifest.json": b"{", "a.png": b""}, "manifest.json in the zip is damaged"),
        ({"manifest.json": b"[]", "a.png": b""}, "manifest.json in the zip is damaged"),
        ({"manifest.json": b"\xff", "a.png": b""}, "manifest.json in the zip is damaged"),
        ({"manifest.json": b"[" * 99_999, "a.png": b""}, "manifest.json in the zip is damaged"),
        ({"manifest.json": manifest(format="x"), "a.png": b""}, "not of the format"),
        ({"manifest.json": manifest(), "b.png": b""}, "speaks of 'a.png'"),
        ({"manifest.json": manifest(entry={"classes": 4}), "a.png": b""}, "is damaged"),
        ({"manifest.json": manifest(entry={"classes": [4]}), "a.png": b""}, "no name"),
    ],
)
def test_broken_zips(members: dict[str, bytes], message: str) -> None:
    with pytest.raises(BadFile, match=message):
        LabelZipReader(make_zip(members))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"{}", png(LABELS)])
def test_what_is_no_zip(content: bytes) -> None:
    with pytest.raises(BadFile, match="neither a PNG nor a whole zip"):
        LabelZipReader(io.BytesIO(content))


def test_a_member_that_lies_about_its_content() -> None:
    file = make_zip({"a.png": png(LABELS)}, zipfile.ZIP_STORED)
    file = io.BytesIO(file.getvalue().replace(b"IDAT", b"IDAS", 1))
    reader = LabelZipReader(file)
    with pytest.raises(BadFile, match="damaged"):
        reader.labels(reader.files[0], 3, 2)


def test_an_encrypted_zip() -> None:
    content = bytearray(make_zip({"a.png": png(LABELS)}).getvalue())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BadFile, match="encrypted"):
        LabelZipReader(io.BytesIO(content))
