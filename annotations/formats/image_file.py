"""Microscope image files (PNG, JPEG, TIFF) → 8-bit RGB PNG rendition and WebP thumbnail.

Uploads are hostile until decoded, so this runs as a process of its own with hard limits:
`python -m annotations.formats.image_file SOURCE OUT_DIR MEGAPIXELS MEMORY_MB` writes
`pixels.png` and `thumbnail.webp` and prints one JSON object: the facts, or {"error": sentence}.
It needs no Django, database or environment. Kinds are told apart by content, never by name.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from imagecodecs import png_decode
from PIL import Image, ImageOps

from annotations.formats import confined, tiff
from annotations.formats.rendering import UnreadableImage, check_size, to_rgb

THUMBNAIL_SIDE = 256
PIXELS_NAME = "pixels.png"
THUMBNAIL_NAME = "thumbnail.webp"

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"II+\0": "tiff",
    b"MM\0+": "tiff",
}


def sniff(head: bytes) -> str:
    """The first bytes of a file → "png", "jpeg" or "tiff". Raises UnreadableImage."""
    if not head:
        raise UnreadableImage("is empty (0 bytes)")
    for signature, kind in SIGNATURES.items():
        if head.startswith(signature):
            return kind
    raise UnreadableImage("is not a PNG, JPEG or TIFF image, whatever its name says")


def render(source: Path, out_dir: Path, megapixels: float) -> dict[str, object]:
    """Write the rendition and the thumbnail; return what is known about the original."""
    with source.open("rb") as file:
        kind = sniff(file.read(16))
    facts: Mapping[str, object]
    if kind == "tiff":
        rgb, facts = tiff.read(source, megapixels)
        image = Image.fromarray(rgb)
    else:
        image, facts = _read_with_pillow(source, kind, megapixels)
    image.save(out_dir / PIXELS_NAME, compress_level=3)
    width, height = image.size
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    image.save(out_dir / THUMBNAIL_NAME, quality=80)
    return {"width": width, "height": height, "format": kind, **facts}


def _read_with_pillow(
    source: Path, kind: str, megapixels: float
) -> tuple[Image.Image, Mapping[str, object]]:
    Image.MAX_IMAGE_PIXELS = None  # check_size decides, before anything is decoded
    with Image.open(source, formats=[kind.upper()]) as image:
        check_size(*image.size, megapixels)
        bit_depth = _png_bit_depth(source) if kind == "png" else 8
        channels = 3 if image.mode == "P" else len(image.getbands())
        orientation = image.getexif().get(0x0112, 1)
        if bit_depth == 16:
            image.load()
            # Pillow would cut colours to their high byte.
            rgb = Image.fromarray(to_rgb(read_deep_png(source)))
        else:
            rgb = _flatten(image)
    rgb.getexif()[0x0112] = orientation
    ImageOps.exif_transpose(rgb, in_place=True)
    rgb.info.clear()
    facts = {"bit_depth": bit_depth, "channels": channels, "microns_per_pixel": None}
    return rgb, facts


def _png_bit_depth(source: Path) -> int:
    with source.open("rb") as file:
        return file.read(25)[24]


def read_deep_png(source: Path) -> np.ndarray:
    """The CHW samples of a 16-bit PNG, without its transparency."""
    pixels = png_decode(source.read_bytes())
    channels = np.moveaxis(np.atleast_3d(pixels), -1, 0)
    return channels[:-1] if len(channels) in (2, 4) else channels


def _flatten(image: Image.Image) -> Image.Image:
    """Any 8-bit Pillow image → RGB; transparent pixels become white, as on a page."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    with_alpha = image.convert("RGBA")
    rgb = Image.new("RGB", image.size, "white")
    rgb.paste(with_alpha, mask=with_alpha)
    return rgb


if __name__ == "__main__":
    confined.run(render, bytes_a_pixel=4)
