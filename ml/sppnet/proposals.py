"""Every nucleus of an image, block by block: a large image takes no more memory than a small one.

Sizes are (H, W) in pixels of the image; maps are C×S/2×S/2 uint8 of tiles, which lie on the image
enlarged by ``scale``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ml.sppnet.answers import Answer
from ml.sppnet.instances import Splitting, separate
from ml.sppnet.tiles import Tile, scaled, stitch

# Sides in pixels of the image. As much as a block and its margins is in memory at once; a nucleus
# that begins in a block is seen whole unless it is larger than the margin.
BLOCK = 1536
MARGIN = 256

Float = NDArray[np.float32]
MapsOf = Callable[[Tile], NDArray[np.uint8]]


@dataclass(frozen=True)
class Block:
    """The part of an image that is looked at, [left, right) × [top, bottom), and the core, whose
    nuclei are this block's: (left, top, right, bottom)."""

    left: int
    top: int
    right: int
    bottom: int
    core: tuple[int, int, int, int]

    def owns(self, x: float, y: float) -> bool:
        """Whether a nucleus with its middle at (x, y) of the image belongs here."""
        left, top, right, bottom = self.core
        return left <= x < right and top <= y < bottom


def whole(height: int, width: int) -> Block:
    """An image as one block."""
    return Block(0, 0, width, height, (0, 0, width, height))


def blocks_of(height: int, width: int) -> Iterator[Block]:
    """Blocks whose cores cover the image, each place once. A small image is one block."""
    for top, bottom in _spans(height):
        for left, right in _spans(width):
            yield Block(
                max(left - MARGIN, 0),
                max(top - MARGIN, 0),
                min(right + MARGIN, width),
                min(bottom + MARGIN, height),
                (left, top, right, bottom),
            )


def propose(
    size: tuple[int, int],
    tiles: Iterable[Tile],
    maps_of: MapsOf,
    how: Splitting | None = None,
    scale: float = 1.0,
) -> Iterator[Answer]:
    """Every nucleus, each with the mean foreground probability as its score."""
    for block in blocks_of(*size):
        foreground, labels = label_block(block, size, tiles, maps_of, how, scale)
        for index, box in enumerate(ndimage.find_objects(labels), start=1):
            mask = ndimage.binary_fill_holes(labels[box] == index)
            y, x = np.argwhere(mask).mean(axis=0)
            left, top = block.left + box[1].start, block.top + box[0].start
            if block.owns(left + x, top + y):
                yield Answer(left, top, mask, float(foreground[box][mask].mean()))


def label_block(
    block: Block,
    size: tuple[int, int],
    tiles: Iterable[Tile],
    maps_of: MapsOf,
    how: Splitting | None = None,
    scale: float = 1.0,
) -> tuple[Float, NDArray[np.int32]]:
    """(foreground probability, instance labels) of what a block sees of an image of ``size``."""
    height, width = size
    # A part of a pixel of the enlarged image counts as whole, so this is not quite `scale`.
    ratio = scaled(width, scale) / width, scaled(height, scale) / height
    left, top = int(block.left * ratio[0]) // 2 * 2, int(block.top * ratio[1]) // 2 * 2
    right, bottom = math.ceil(block.right * ratio[0]), math.ceil(block.bottom * ratio[1])
    seen = (
        tile
        for tile in tiles
        if left - tile.side < tile.x < right and top - tile.side < tile.y < bottom
    )
    maps = stitch(
        ((tile, maps_of(tile)) for tile in seen), right - left, bottom - top, 2, (left, top)
    )
    corner = block.left * ratio[0] - left, block.top * ratio[1] - top
    pixels = block.right - block.left, block.bottom - block.top
    foreground, boundary, distance = (_full_size(m, ratio, corner, pixels) for m in maps)
    return foreground, separate(foreground, boundary, distance, how)


def _spans(length: int) -> list[tuple[int, int]]:
    if length <= BLOCK + 2 * MARGIN:
        return [(0, length)]
    return [(start, min(start + BLOCK, length)) for start in range(0, length, BLOCK)]


def _full_size(
    half: Float, ratio: tuple[float, float], corner: tuple[float, float], size: tuple[int, int]
) -> Float:
    """A map at stride 2 of the enlarged image, on ``size`` (W, H) pixels of the image: the first
    has its corner at ``corner`` (x, y) of the enlarged one, and is ``ratio`` (x, y) as large."""
    rows, columns = half.shape
    full = cv2.resize(half, (columns * 2, rows * 2), interpolation=cv2.INTER_LINEAR)
    (rx, ry), (x, y) = ratio, corner
    if rx == ry == 1:
        return full[int(y) : int(y) + size[1], int(x) : int(x) + size[0]]
    # From the centres of the image's pixels to those of the enlarged one's.
    back = np.array([[rx, 0, 0.5 * rx + x - 0.5], [0, ry, 0.5 * ry + y - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(full, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
