"""Masks as COCO run lengths: what is stored, sent and exported. Lossless.

A mask is its tight bounding box `[x, y, w, h]` (ints, image pixels) and the compressed COCO
string of the h×w crop. Runs go down the columns, left to right, and start with background.
"""

from collections.abc import Sequence

import numpy as np
from pycocotools import mask as coco_mask

# A brush stroke across a 150-megapixel image needs some 100 kB; more than this is an attack.
MAX_COUNTS_LENGTH = 4_000_000
# Seven characters carry 35 bits, more than the pixels of any image; a longer number is malformed.
_MAX_CHARACTERS_PER_RUN = 7


class InvalidRle(ValueError):
    """The run lengths do not describe a mask; the message says why."""


def encode(mask: np.ndarray) -> tuple[list[int], str]:
    """HW bool mask → (tight bbox, counts). Raises InvalidRle if the mask is empty."""
    columns = np.flatnonzero(mask.any(axis=0))
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(columns):
        raise InvalidRle("The mask is empty.")
    x, y = int(columns[0]), int(rows[0])
    crop = mask[y : rows[-1] + 1, x : columns[-1] + 1]
    counts = coco_mask.encode(np.asfortranarray(crop, dtype=np.uint8))["counts"].decode("ascii")
    return [x, y, crop.shape[1], crop.shape[0]], counts


def decode(bbox: Sequence[int], counts: str) -> np.ndarray:
    """(bbox, counts) → h×w bool crop. Raises InvalidRle if the counts do not fill the bbox."""
    _, _, w, h = bbox
    return _paint(_runs_filling(counts, w * h)).reshape(w, h).T


def paste(bbox: Sequence[int], counts: str, height: int, width: int) -> np.ndarray:
    """(bbox, counts) → height×width bool mask. Raises InvalidRle if it does not fit."""
    x, y, w, h = bbox
    if x < 0 or y < 0 or x + w > width or y + h > height:
        raise InvalidRle("The mask reaches outside the image.")
    mask = np.zeros((height, width), dtype=bool)
    mask[y : y + h, x : x + w] = decode(bbox, counts)
    return mask


def area(bbox: Sequence[int], counts: str) -> int:
    """Foreground pixels. Raises InvalidRle if the counts do not fill the bbox."""
    return int(_runs_filling(counts, bbox[2] * bbox[3])[1::2].sum())


def validate(bbox: Sequence[int], counts: str, width: int, height: int) -> None:
    """Raise InvalidRle, with a sentence for people, unless this is a mask of such an image.

    Safe for untrusted input: C code never sees the string.
    """
    if (
        not isinstance(bbox, list | tuple)
        or len(bbox) != 4
        or any(type(n) is not int for n in bbox)
    ):
        raise InvalidRle("The bounding box must be four whole numbers: x, y, width, height.")
    if not isinstance(counts, str):
        raise InvalidRle("The mask's counts must be a string.")
    x, y, w, h = bbox
    if w < 1 or h < 1:
        raise InvalidRle("The mask is empty: its bounding box has no pixels.")
    if x < 0 or y < 0 or x + w > width or y + h > height:
        raise InvalidRle(
            f"The mask's bounding box {[x, y, w, h]} reaches outside the {width}×{height} image."
        )
    crop = decode(bbox, counts)
    if not crop.any():
        raise InvalidRle("The mask is empty: it has no foreground pixel.")
    if not (crop[0].any() and crop[-1].any() and crop[:, 0].any() and crop[:, -1].any()):
        raise InvalidRle("The bounding box is not tight: a border row or column has no foreground.")


def to_full_image(bbox: Sequence[int], counts: str, height: int, width: int) -> str:
    """The counts of the same mask over the whole height×width image (what COCO files hold).

    Costs as much as the crop, however large the image is.
    """
    x, y, _, h = bbox
    crop = np.pad(decode(bbox, counts), ((1, 1), (0, 0))).astype(np.int8)
    steps = np.diff(crop, axis=0).T  # w×(h+1): +1 where a run starts, -1 just after it ends
    column, start = np.nonzero(steps == 1)
    _, end = np.nonzero(steps == -1)
    origin = (x + column) * height + y
    edges = np.stack([origin + start, origin + end], axis=1).ravel()
    if h == height:  # runs of neighbouring columns touch: join them
        touching = np.flatnonzero(edges[1:-1:2] == edges[2::2])
        edges = np.delete(edges, np.concatenate([touching * 2 + 1, touching * 2 + 2]))
    runs = np.diff(edges, prepend=0, append=height * width)
    if runs[-1] == 0:
        runs = runs[:-1]
    packed = coco_mask.frPyObjects(
        {"size": [height, width], "counts": runs.tolist()}, height, width
    )
    return packed["counts"].decode("ascii")


def from_full_image(counts: str | Sequence[int], height: int, width: int) -> tuple[list[int], str]:
    """Whole-image COCO counts, compressed or a list of runs → (tight bbox, counts of the crop).

    Safe for untrusted input. Raises InvalidRle if they are malformed, do not fill the image, or
    are empty.
    """
    runs = _runs_filling(counts, height * width)
    edges = np.cumsum(runs)
    foreground = np.flatnonzero(runs[1::2])
    if not len(foreground):
        raise InvalidRle("The mask is empty: it has no foreground pixel.")
    first = int(edges[2 * foreground[0]]) // height
    last = (int(edges[2 * foreground[-1] + 1]) - 1) // height
    strip = np.diff(np.clip(edges, first * height, (last + 1) * height), prepend=first * height)
    columns = _paint(strip).reshape(last - first + 1, height).T
    (_, y, w, h), crop_counts = encode(columns)
    return [first, y, w, h], crop_counts


def _paint(runs: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs)


def _runs_filling(counts: str | Sequence[int], pixels: int) -> np.ndarray:
    """Run lengths as int64; raises InvalidRle unless they are non-negative and sum to `pixels`."""
    if isinstance(counts, str):
        runs = _parse(counts)
    elif not isinstance(counts, list | tuple):
        raise InvalidRle("The mask's counts must be a string or a list of runs.")
    else:
        if len(counts) > MAX_COUNTS_LENGTH:
            raise InvalidRle(f"The mask has more than {MAX_COUNTS_LENGTH:,} runs.")
        if any(type(n) is not int or not 0 <= n <= pixels for n in counts):
            raise InvalidRle("The mask's counts must be whole numbers from 0 to the pixel count.")
        runs = np.array(counts, dtype=np.int64)
    if (runs < 0).any():
        raise InvalidRle("The mask's counts hold a negative run.")
    total = int(runs.sum())
    if total != pixels:
        raise InvalidRle(f"The mask's counts cover {total} pixels, but should cover {pixels}.")
    return runs


def _parse(counts: str) -> np.ndarray:
    """Compressed COCO string → int64 runs, perhaps negative if the string is nonsense.

    Each number is little-endian groups of five bits, one a character from '0' on; 0x20 says that
    more follow, 0x10 of the last is the sign. From the fourth on a number is the difference from
    the run two before.
    """
    if len(counts) > MAX_COUNTS_LENGTH:
        raise InvalidRle(f"The mask's counts are longer than {MAX_COUNTS_LENGTH:,} characters.")
    codes = np.frombuffer(counts.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    codes -= ord("0")
    if ((codes < 0) | (codes > 63)).any():
        raise InvalidRle("The mask's counts hold a character that COCO's encoding does not use.")
    ends = np.flatnonzero(codes & 0x20 == 0)
    if not len(ends) or ends[-1] != len(codes) - 1:
        raise InvalidRle("The mask's counts end in the middle of a number.")
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > _MAX_CHARACTERS_PER_RUN:
        raise InvalidRle("The mask's counts hold a number that is too large.")
    place = np.arange(len(codes)) - np.repeat(starts, lengths)
    runs = np.add.reduceat((codes & 0x1F) << (5 * place), starts)
    runs -= np.where(codes[ends] & 0x10, 1 << (5 * lengths), 0)
    runs[1::2] = np.cumsum(runs[1::2])
    runs[2::2] = np.cumsum(runs[2::2])
    return runs
