"""Mask ↔ polygons in COCO's coordinates: pixel (i, j) covers [i, i+1) × [j, j+1)."""

import math
from collections.abc import Sequence

import numpy as np
from pycocotools import mask as coco_mask

from ml import rle

# pycocotools needs some 80 bytes for each pixel of the outline.
MAX_PERIMETER = 1_000_000


class InvalidPolygon(ValueError):
    """The message says what is wrong."""


def outlines(crop: np.ndarray, x: int = 0, y: int = 0) -> list[list[int]]:
    """h×w bool crop at (x, y) → outer outlines [x0, y0, x1, y1, …], along the pixels' edges.

    They rasterise to the very same pixels, but for holes, which are filled. Parts that touch only
    at corners are apart.
    """
    padded = np.pad(crop, 1).astype(np.int8)
    down = np.diff(padded, axis=0)[:, 1:-1]
    right = np.diff(padded, axis=1)[1:-1]
    # Edges (row, col, row step, col step) from grid point to grid point, the foreground on their
    # right; grid point (row, col) is the top left corner of crop[row, col].
    edges = dict.fromkeys(
        [(row, col, 0, 1) for row, col in np.argwhere(down == 1).tolist()]
        + [(row, col + 1, 0, -1) for row, col in np.argwhere(down == -1).tolist()]
        + [(row, col, 1, 0) for row, col in np.argwhere(right == -1).tolist()]
        + [(row + 1, col, -1, 0) for row, col in np.argwhere(right == 1).tolist()]
    )
    found = []
    while edges:
        corners = _walk(edges)
        if _signed_area(corners) > 0:
            found.append([n for row, col in corners for n in (col + x, row + y)])
    return found


def rasterise(
    polygons: Sequence[Sequence[float]], height: int, width: int
) -> tuple[list[int], str]:
    """Polygons [x0, y0, x1, y1, …] → (bbox, counts) of the pixels whose centres they hold.

    Points up to one pixel outside the image are moved to its border. Safe for untrusted input.
    Raises InvalidPolygon, or ml.rle.InvalidRle if no pixel's centre is inside.
    """
    perimeter = 0.0
    checked = []
    for polygon in polygons:
        if not isinstance(polygon, list | tuple) or len(polygon) < 6 or len(polygon) % 2:
            raise InvalidPolygon("a polygon needs at least three points, x and y of each")
        if any(type(n) not in (int, float) or not math.isfinite(n) for n in polygon):
            raise InvalidPolygon("a polygon has a coordinate that is not a number")
        points = np.array(polygon, dtype=np.float64).reshape(-1, 2)
        if (points < -1).any() or (points > (width + 1, height + 1)).any():
            raise InvalidPolygon(f"a polygon reaches outside the {width}×{height} image")
        points = np.clip(points, 0, (width, height))
        perimeter += np.abs(np.diff(points, axis=0, append=points[:1])).max(axis=1).sum()
        checked.append(points.ravel().tolist())
    if perimeter > MAX_PERIMETER:
        raise InvalidPolygon("its outline is too long for a nucleus")
    merged = coco_mask.merge(coco_mask.frPyObjects(checked, height, width))
    return rle.from_full_image(merged["counts"].decode("ascii"), height, width)


def _walk(edges: dict[tuple[int, int, int, int], None]) -> list[tuple[int, int]]:
    """Take one closed walk out of `edges`; return its corners (row, col)."""
    start = edge = next(iter(edges))
    corners = []
    while True:
        row, col, down, right = edge
        row, col = row + down, col + right
        # To the right first: where two parts touch at a corner, stay with this one.
        turns = ((right, -down), (down, right), (-right, down))
        edge = next(taken for turn in turns if (taken := (row, col, *turn)) in edges)
        if edge[2:] != (down, right):
            corners.append((row, col))
        del edges[edge]
        if edge == start:
            return corners


def _signed_area(corners: list[tuple[int, int]]) -> int:
    """Positive for outer outlines, negative for holes."""
    following = [*corners[1:], corners[0]]
    return sum(
        col * next_row - next_col * row
        for (row, col), (next_row, next_col) in zip(corners, following, strict=True)
    )
