"""Label masks: one 16-bit grey PNG an image, 0 for background and 1, 2, … for the nuclei.

Lossless unless nuclei overlap: a pixel can have one label, and the first nucleus keeps it.
"""

import struct
from collections.abc import Iterable, Iterator
from io import BytesIO

import numpy as np
from PIL import Image
from scipy import ndimage

from annotations.exceptions import BadFile, BadInput
from annotations.formats.instance import Instance
from ml import rle

MAX_LABEL = 65_535
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_LENGTH = 26
GREY, PALETTE = 0, 3
OTHER_COLOUR_TYPES = {2: "colour", 4: "grey with transparency", 6: "colour with transparency"}


def paint(height: int, width: int, instances: Iterable[Instance]) -> tuple[np.ndarray, int]:
    """Instances → (HW uint16 labels 1…N in their order, pixels that later ones lost to earlier).

    Raises BadInput for more instances than 16 bits can tell apart.
    """
    labels = np.zeros((height, width), dtype=np.uint16)
    contested = 0
    for label, instance in enumerate(instances, start=1):
        if label > MAX_LABEL:
            raise BadInput(
                f"A 16-bit label mask cannot hold more than {MAX_LABEL:,} nuclei in one image; "
                "export COCO instead.",
                code="too_many_nuclei",
            )
        x, y, w, h = instance.bbox
        mask = rle.decode(instance.bbox, instance.counts)
        there = labels[y : y + h, x : x + w]
        contested += int(np.count_nonzero(there[mask]))
        there[mask & (there == 0)] = label
    return labels, contested


def extract(labels: np.ndarray) -> Iterator[tuple[int, list[int], str]]:
    """HW integer labels → (label, bbox, counts) of each in order; parts apart stay one nucleus."""
    for label, place in enumerate(ndimage.find_objects(labels), start=1):
        if place is not None:
            rows, columns = place
            (_, _, w, h), counts = rle.encode(labels[place] == label)
            yield label, [columns.start, rows.start, w, h], counts


def to_png(labels: np.ndarray) -> bytes:
    """HW uint16 → the bytes of a 16-bit grey PNG."""
    png = BytesIO()
    Image.fromarray(labels).save(png, "PNG")
    return png.getvalue()


def check_header(head: bytes, name: str, width: int, height: int) -> None:
    """Raise BadFile unless a file that begins so is a label mask of a width×height image.

    What passes is safe to decode: as large as an image that the server has decoded before.
    """
    if not head.startswith(PNG_SIGNATURE) or len(head) < HEADER_LENGTH:
        raise BadFile(f"{name} is not a PNG.")
    size = struct.unpack(">II", head[16:24])
    if size != (width, height):
        raise BadFile(f"{name} is {size[0]}×{size[1]} pixels, but its image is {width}×{height}.")
    if head[25] not in (GREY, PALETTE):
        kind = OTHER_COLOUR_TYPES.get(head[25], "unknown")
        raise BadFile(
            f"{name} is no label mask: it is {kind}. A label mask is grey, with one whole number "
            "for each nucleus and 0 for the background."
        )


def from_png(png: bytes, name: str, width: int, height: int) -> np.ndarray:
    """The bytes of a PNG → HW labels (uint8 or uint16). Raises BadFile."""
    check_header(png[:HEADER_LENGTH], name, width, height)
    try:
        with Image.open(BytesIO(png), formats=["PNG"]) as image:
            labels = np.asarray(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadFile(f"{name} is damaged or truncated.") from error
    return labels if labels.dtype == np.uint16 else labels.astype(np.uint8)
