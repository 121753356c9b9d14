"""TIFF, BigTIFF, OME-TIFF and ImageJ TIFF → 8-bit RGB. One plane of any number of channels."""

import math
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice, repeat
from pathlib import Path

import numpy as np
import tifffile
from defusedxml import ElementTree

from annotations.formats.rendering import UnreadableImage, check_size, to_rgb

MAX_PAGES = 256
# Outside these a "resolution" is for printers (72 dpi), not for microscopes.
PLAUSIBLE_MICRONS = (0.01, 20.0)
MICRONS = {"µm": 1.0, "μm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0}
OME_UNITS = MICRONS | {"nm": 1e-3, "mm": 1e3, "cm": 1e4, "m": 1e6, "pm": 1e-6}
RESOLUTION_UNITS = {2: 25_400.0, 3: 10_000.0}  # inch, centimetre in micrometres

PHOTOMETRIC = tifffile.PHOTOMETRIC


def read(source: Path, megapixels: float) -> tuple[np.ndarray, Mapping[str, object]]:
    """The file → (HWC uint8 RGB, {bit_depth, channels, microns_per_pixel}).

    Only the first page's size counts: pages of another size (thumbnails, pyramids) are left out.
    Raises UnreadableImage; any other exception also means a damaged file.
    """
    with _opened(source) as tif:
        planes, ome = _planes(tif, megapixels)
        first = planes[0]
        for page in planes[:3]:
            _check_complete(page, source.stat().st_size)
        if first.samplesperpixel > 1 or len(planes) == 1:
            rgb, channels = _render_page(first)
        else:
            rgb, channels = to_rgb([_plane(page) for page in planes[:3]]), len(planes)
        facts = {
            "bit_depth": int(first.bitspersample),
            "channels": channels,
            "microns_per_pixel": _plausible(_microns(tif, first, ome)),
        }
        return _oriented(rgb, first), facts


def read_channels(source: Path, megapixels: float, most: int) -> Iterator[tuple[str, np.ndarray]]:
    """At most `most` channels as they are stored: (its name or "", HW samples of any real dtype).

    Raises what `read` raises.
    """
    with _opened(source) as tif:
        planes, _ = _planes(tif, megapixels)
        first, names = planes[0], chain(_channel_names(tif), repeat(""))
        for page in planes[:most]:
            _check_complete(page, source.stat().st_size)
        if first.samplesperpixel > 1:
            channels = iter(_samples_first(first)[: _colours(first)])
        else:
            channels = (_plane(page) for page in planes)
        for name, channel in zip(names, islice(channels, most), strict=False):
            yield name, _oriented(channel[..., None], first)[..., 0]


def _colours(page: tifffile.TiffPage) -> int:
    """How many of a page's samples are seen: transparency comes last and is not."""
    transparent = any(kind in (1, 2) for kind in page.extrasamples)
    return page.samplesperpixel - (1 if transparent else 0)


def _opened(source: Path) -> tifffile.TiffFile:
    # Never _multifile: OME-XML may name other files of this machine.
    return tifffile.TiffFile(source, _multifile=False)


def _planes(
    tif: tifffile.TiffFile, megapixels: float
) -> tuple[list[tifffile.TiffPage], dict[str, str]]:
    """The pages like the first one, and what OME says about them. Raises UnreadableImage."""
    first, *others = _pages(tif)
    check_size(first.imagewidth, first.imagelength, megapixels)
    ome = _ome_pixels(tif)
    _refuse_stacks(tif, ome)
    return [first, *(page for page in others if _alike(page, first))], ome


def _pages(tif: tifffile.TiffFile) -> list[tifffile.TiffPage]:
    pages = list(islice((page.aspage() for page in tif.pages), MAX_PAGES + 1))
    if not pages:
        raise UnreadableImage("is damaged or truncated: it has no page")
    if len(pages) > MAX_PAGES:
        raise UnreadableImage(f"has more than {MAX_PAGES} pages")
    return pages


def _alike(page: tifffile.TiffPage, first: tifffile.TiffPage) -> bool:
    return page.shape == first.shape and page.dtype == first.dtype


def _check_complete(page: tifffile.TiffPage, file_size: int) -> None:
    segments = zip(page.dataoffsets, page.databytecounts, strict=False)
    if any(offset + count > file_size for offset, count in segments):
        raise UnreadableImage("is truncated: some of its pixels are missing")


def _ome_pixels(tif: tifffile.TiffFile) -> dict[str, str]:
    """The attributes of the first OME <Pixels>: sizes of the axes, physical size of a pixel."""
    if not tif.ome_metadata:
        return {}
    root = ElementTree.fromstring(tif.ome_metadata)
    pixels = root.find(".//{*}Pixels")
    return {} if pixels is None else dict(pixels.attrib)


def _channel_names(tif: tifffile.TiffFile) -> list[str]:
    if not tif.ome_metadata:
        return []
    root = ElementTree.fromstring(tif.ome_metadata)
    return [channel.get("Name", "")[:60] for channel in root.iterfind(".//{*}Pixels/{*}Channel")]


def _refuse_stacks(tif: tifffile.TiffFile, ome: dict[str, str]) -> None:
    imagej = tif.imagej_metadata or {}
    depth = int(ome.get("SizeZ", imagej.get("slices", 1)))
    times = int(ome.get("SizeT", imagej.get("frames", 1)))
    if depth * times > 1:
        raise UnreadableImage(
            f"is a stack of {depth} slices and {times} time points; upload single planes"
        )


def _render_page(page: tifffile.TiffPage) -> tuple[np.ndarray, int]:
    """One page, its colours inside → (HWC uint8 RGB, channels in the file)."""
    if page.samplesperpixel == 1:
        samples = _plane(page)
        if page.photometric == PHOTOMETRIC.PALETTE and page.colormap is not None:
            colours = (page.colormap.T >> 8).astype(np.uint8)  # n×3, stored with 16 bits
            return colours[samples], 3
        return to_rgb([samples]), 1
    channels = _samples_first(page)
    if page.photometric == PHOTOMETRIC.SEPARATED:
        if len(channels) != 4:
            raise UnreadableImage("has inks other than cyan, magenta, yellow and black")
        cyan_magenta_yellow, black = 255 - to_rgb(channels[:3]), to_rgb(channels[3:])
        rgb = cyan_magenta_yellow.astype(np.uint16) * (255 - black) // 255
        return rgb.astype(np.uint8), 4
    if page.photometric not in (PHOTOMETRIC.RGB, PHOTOMETRIC.YCBCR, PHOTOMETRIC.MINISBLACK):
        raise UnreadableImage("has a colour space that cannot be shown; save it as RGB or grey")
    grey_and_alpha = len(channels) == 2 and bool(page.extrasamples)
    return to_rgb(channels[:1] if grey_and_alpha else channels[:3]), len(channels)


def _samples_first(page: tifffile.TiffPage) -> np.ndarray:
    samples = _squeezed(page)
    return samples if page.axes.replace("Z", "")[0] == "S" else np.moveaxis(samples, -1, 0)


def _plane(page: tifffile.TiffPage) -> np.ndarray:
    """HW samples of a page of one sample per pixel, black at the low end."""
    samples = _squeezed(page)
    return np.invert(samples) if page.photometric == PHOTOMETRIC.MINISWHITE else samples


def _squeezed(page: tifffile.TiffPage) -> np.ndarray:
    if page.imagedepth != 1:
        raise UnreadableImage("is a volume; upload single planes")
    samples = page.asarray()
    if samples is None or samples.dtype.kind not in "buif":
        raise UnreadableImage("has samples that are not numbers on a line, such as complex ones")
    return samples


def _oriented(rgb: np.ndarray, page: tifffile.TiffPage) -> np.ndarray:
    """Turn the stored rows so that the image is as its maker meant it to be seen."""
    orientation = int(page.tags.valueof(274, default=1))
    if orientation in (5, 6, 7, 8):
        rgb = rgb.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4, 7, 8):
        rgb = rgb[::-1]
    return np.ascontiguousarray(rgb)


def _microns(tif: tifffile.TiffFile, page: tifffile.TiffPage, ome: dict[str, str]) -> float | None:
    if "PhysicalSizeX" in ome:
        unit = OME_UNITS.get(ome.get("PhysicalSizeXUnit", "µm"))
        return float(ome["PhysicalSizeX"]) * unit if unit else None
    aperio = re.search(r"\|\s*MPP\s*=\s*([\d.]+)", page.description)
    if aperio:
        return float(aperio[1])
    numerator, denominator = page.tags.valueof(282, default=(0, 1))
    if not numerator or not denominator:
        return None
    imagej_unit = str((tif.imagej_metadata or {}).get("unit", "")).replace("\\u00B5", "µ")
    unit = MICRONS.get(imagej_unit) or RESOLUTION_UNITS.get(int(page.tags.valueof(296, default=2)))
    return unit * denominator / numerator if unit else None


def _plausible(microns: float | None) -> float | None:
    low, high = PLAUSIBLE_MICRONS
    if microns is None or not math.isfinite(microns) or not low <= microns <= high:
        return None
    return microns
