"""How an image of any size and scale is cut into tiles, and put together again without seams."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tile:
    """A square part of an image enlarged by ``scale``, in pixels of the enlarged one; it may reach
    over the right and lower edges of a small one."""

    x: int
    y: int
    side: int
    scale: float = 1.0

    @property
    def key(self) -> str:
        return f"{self.x}_{self.y}_{self.side}"

    def distance_to(self, x: float, y: float) -> float:
        """From the tile's middle to a point of the image, by the longer way along an axis."""
        middle = self.side / 2
        return max(abs(self.x + middle - x * self.scale), abs(self.y + middle - y * self.scale))


def starts(length: int, side: int, overlap: int) -> list[int]:
    """Where tiles begin along one axis: overlapping, the last one ending at the image's edge."""
    last = max(length - side, 0)
    return [*range(0, last, side - overlap), last]


def scaled(length: int, scale: float) -> int:
    """An image's width or height, enlarged; a pixel that is only half there counts."""
    return math.ceil(length * scale)


def tiles_of(width: int, height: int, side: int, overlap: int, scale: float = 1.0) -> list[Tile]:
    """All tiles of a width×height image, row by row. An image that fits in a tile of half the
    side gets that one."""
    width, height = scaled(width, scale), scaled(height, scale)
    if max(width, height) <= side // 2:
        return [Tile(0, 0, side // 2, scale)]
    return [
        Tile(x, y, side, scale)
        for y in starts(height, side, overlap)
        for x in starts(width, side, overlap)
    ]


def nearest_tile(tiles: list[Tile], x: float, y: float) -> Tile:
    """The tile whose centre is nearest to a point of the image: where it has most context."""
    return min(tiles, key=lambda tile: tile.distance_to(x, y))


def part_of(image: NDArray[Any], tile: Tile) -> NDArray[Any]:
    """The tile's pixels, enlarged; less than side×side where it reaches over the image's edges."""
    if tile.scale == 1:
        return image[tile.y : tile.y + tile.side, tile.x : tile.x + tile.side]
    (x0, x1), (y0, y1) = (
        (math.floor(at / tile.scale), math.ceil((at + tile.side) / tile.scale))
        for at in (tile.x, tile.y)
    )
    part = image[y0:y1, x0:x1]
    size = [scaled(n, tile.scale) for n in part.shape[1::-1]]
    how = cv2.INTER_LINEAR if tile.scale > 1 else cv2.INTER_AREA
    part = cv2.resize(part, size, interpolation=how)
    left, top = tile.x - round(x0 * tile.scale), tile.y - round(y0 * tile.scale)
    return part[top : top + tile.side, left : left + tile.side]


def cut(image: NDArray[np.uint8], tile: Tile) -> NDArray[np.uint8]:
    """The tile's pixels, side×side×3; outside the image they are its mirror."""
    part = part_of(image, tile)
    below, right = tile.side - part.shape[0], tile.side - part.shape[1]
    return cv2.copyMakeBorder(part, 0, below, 0, right, cv2.BORDER_REFLECT_101)


def stitch(
    parts: Iterable[tuple[Tile, NDArray[np.uint8]]],
    width: int,
    height: int,
    stride: int,
    corner: tuple[int, int] = (0, 0),
) -> NDArray[np.float32]:
    """Maps of tiles (C×side/stride×side/stride uint8, 255 = 1) blended into one of the width×height
    px from ``corner`` (x, y) on, multiples of ``stride``: C×⌈height/stride⌉×⌈width/stride⌉ float in
    [0, 1].

    Weights fall to nothing at a tile's edge, so no border shows.
    """
    rows, columns = -(-height // stride), -(-width // stride)
    total: NDArray[np.float32] | None = None
    weight = np.zeros((rows, columns), np.float32)
    for tile, part in parts:
        if total is None:
            total = np.zeros((part.shape[0], rows, columns), np.float32)
        size = part.shape[-1]
        ramp = np.minimum(np.arange(size) + 0.5, np.arange(size)[::-1] + 0.5) / size
        fade = np.minimum.outer(ramp, ramp).astype(np.float32)
        # Tiles at odd positions lie half a cell off the stride-2 grid: shift them onto it.
        fx, fy = (tile.x - corner[0]) / stride, (tile.y - corner[1]) / stride
        x, y = math.floor(fx), math.floor(fy)
        if fx != x or fy != y:
            shift = np.array([[1, 0, fx - x], [0, 1, fy - y]], np.float32)
            part = np.stack(
                [
                    cv2.warpAffine(p, shift, (size, size), borderMode=cv2.BORDER_REPLICATE)
                    for p in part
                ]
            )
        here = np.s_[max(0, -y) : max(0, rows - y), max(0, -x) : max(0, columns - x)]
        view = np.s_[max(0, y) : max(0, y + size), max(0, x) : max(0, x + size)]
        total[(slice(None), *view)] += part[(slice(None), *here)] * fade[here]
        weight[view] += fade[here]
    if total is None:
        raise ValueError("no tiles to stitch")
    return total / (np.maximum(weight, 1e-6) * 255)
