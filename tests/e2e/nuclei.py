"""What the demo images really show, from the label masks beside them."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from ml import rle
from tests.services import ROOT

LABELS = ROOT / "annotations" / "demo" / "labels"


def labels_of(name: str) -> NDArray[np.integer]:
    """Return the H×W label mask of the demo image `name`: 0 is background, 1..N are nuclei."""
    with Image.open(LABELS / f"{name}.png") as image:
        return np.asarray(image)


def clear_nucleus(labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return the H×W mask of a nucleus that is large, whole, and touches no other one."""
    sizes = np.bincount(labels.ravel())
    for number in np.argsort(sizes)[::-1]:
        nucleus = labels == number
        if number == 0 or nucleus[[0, -1]].any() or nucleus[:, [0, -1]].any():
            continue
        around = ndimage.binary_dilation(nucleus, iterations=3) & ~nucleus
        if not labels[around].any():
            return nucleus
    raise ValueError("every nucleus touches another one or the border")


def deepest_point(mask: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the (x, y) inside `mask` that is farthest from its edge, at a pixel's centre."""
    row, column = np.unravel_index(ndimage.distance_transform_edt(mask).argmax(), mask.shape)
    return float(column) + 0.5, float(row) + 0.5


def pasted(wire: dict[str, Any], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return a mask of the API as an H×W bool array."""
    height, width = shape
    return rle.paste(wire["bbox"], wire["counts"], height, width)


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


def same(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    """Whether no more than a pixel in a hundred differs, or a single one: of a small nucleus that
    is more than a hundredth."""
    return int((one ^ other).sum()) <= max(1, (one | other).sum() // 100)


def changed_pixels(before: bytes, after: bytes) -> int:
    """Return how many pixels differ between two PNG screenshots of the same size."""
    pictures = [
        np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), np.int16) for png in (before, after)
    ]
    return int((np.abs(pictures[0] - pictures[1]).max(axis=2) > 8).sum())
