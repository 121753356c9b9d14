"""How well two people's nuclei of one image agree. Masks of one person may overlap.

Everything is computed from bounding boxes and run lengths: no array is as large as the image.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from annotations.formats.instance import Instance
from ml import rle

THRESHOLD = 0.5


@dataclass(frozen=True)
class Pair:
    """Number `first` of one list and number `second` of the other are the same nucleus."""

    first: int
    second: int
    iou: float


@dataclass(frozen=True)
class Scores:
    """Symmetric scores of two annotations of one image, each from 0 to 1; 1 if both are empty.

    - dice: 2|A∩B| / (|A|+|B|) of the pixels that are nucleus
    - aji: aggregated Jaccard index (Kumar et al., 2017), the mean of taking either for the truth
    - pq: panoptic quality (Kirillov et al., 2019)
    - f1: 2 × matched / (first + second), at an IoU above THRESHOLD
    - iou: the mean over matched nuclei, 0 if none is matched
    """

    first: int
    second: int
    pairs: list[Pair]
    dice: float
    aji: float
    pq: float
    f1: float
    iou: float

    @property
    def matched(self) -> int:
        return len(self.pairs)


def scores(first: Sequence[Instance], second: Sequence[Instance]) -> Scores:
    """How well two annotations agree."""
    common = intersections(first, second)
    ours, theirs = areas(first), areas(second)
    pairs = match(common, ours, theirs)
    total, matched = len(first) + len(second), sum(pair.iou for pair in pairs)
    return Scores(
        first=len(first),
        second=len(second),
        pairs=pairs,
        dice=_dice(first, second),
        aji=(_aji(common, ours, theirs) + _aji(common.T.tocsr(), theirs, ours)) / 2,
        pq=2 * matched / total if total else 1.0,
        f1=2 * len(pairs) / total if total else 1.0,
        iou=matched / len(pairs) if pairs else float(not total),
    )


def areas(instances: Sequence[Instance]) -> NDArray[np.int64]:
    """Foreground pixels of each."""
    return np.array([rle.area(each.bbox, each.counts) for each in instances], dtype=np.int64)


def intersections(first: Sequence[Instance], second: Sequence[Instance]) -> sparse.csr_array:
    """len(first) × len(second): pixels in common, where there are any."""
    boxes = np.array([each.bbox for each in second], dtype=np.int64).reshape(-1, 4)
    crops: dict[int, NDArray[np.bool_]] = {}
    rows, columns, pixels = [], [], []
    for row, each in enumerate(first):
        x, y, width, height = each.bbox
        meets = (boxes[:, 0] < x + width) & (boxes[:, 0] + boxes[:, 2] > x)
        meets &= (boxes[:, 1] < y + height) & (boxes[:, 1] + boxes[:, 3] > y)
        mine = None
        for column in np.flatnonzero(meets).tolist():
            if mine is None:
                mine = rle.decode(each.bbox, each.counts)
            if column not in crops:
                crops[column] = rle.decode(second[column].bbox, second[column].counts)
            number = _common(mine, each.bbox, crops[column], second[column].bbox)
            if number:
                rows.append(row)
                columns.append(column)
                pixels.append(number)
    shape = (len(first), len(second))
    return sparse.csr_array((pixels, (rows, columns)), shape=shape, dtype=np.int64)


def match(
    common: sparse.csr_array,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    threshold: float = THRESHOLD,
) -> list[Pair]:
    """Pair nuclei one to one, above `threshold`, so that most are paired, and then best."""
    found = common.tocoo()
    iou = found.data / (first[found.row] + second[found.col] - found.data)
    keep = iou > threshold
    rows, columns, iou = found.row[keep], found.col[keep], iou[keep]
    # Each cluster of nuclei that touch is a small problem of its own.
    size = len(first) + len(second)
    links = sparse.coo_array((np.ones(len(rows)), (rows, columns + len(first))), shape=(size, size))
    _, cluster = sparse.csgraph.connected_components(links, directed=False)
    pairs = []
    for number in np.unique(cluster[rows]):
        mine = cluster[rows] == number
        pairs += _assign(rows[mine], columns[mine], iou[mine])
    return sorted(pairs, key=lambda pair: (pair.first, pair.second))


def _assign(rows: NDArray, columns: NDArray, iou: NDArray) -> list[Pair]:
    """The Hungarian method on one cluster."""
    left, row = np.unique(rows, return_inverse=True)
    right, column = np.unique(columns, return_inverse=True)
    value = np.zeros((len(left), len(right)))
    value[row, column] = 1 + iou
    chosen = zip(*linear_sum_assignment(-value), strict=True)
    return [
        Pair(int(left[i]), int(right[j]), float(value[i, j] - 1)) for i, j in chosen if value[i, j]
    ]


def _aji(common: sparse.csr_array, truth: NDArray, predicted: NDArray) -> float:
    """Every true nucleus takes the prediction of highest IoU; what none has taken is an error."""
    if not len(truth) or not len(predicted):
        return float(len(truth) == len(predicted))
    found = common.tocoo()
    union = truth[found.row] + predicted[found.col] - found.data
    order = np.lexsort((found.col, -found.data / union, found.row))
    rows, at = np.unique(found.row[order], return_index=True)
    best = order[at]
    left, unused = np.ones(len(truth), bool), np.ones(len(predicted), bool)
    left[rows], unused[found.col[best]] = False, False
    joint = union[best].sum() + truth[left].sum() + predicted[unused].sum()
    return float(found.data[best].sum() / joint)


def _dice(first: Sequence[Instance], second: Sequence[Instance]) -> float:
    ours, theirs = foreground(first), foreground(second)
    total = len(ours) + len(theirs)
    return 2 * len(np.intersect1d(ours, theirs, assume_unique=True)) / total if total else 1.0


def foreground(instances: Sequence[Instance]) -> NDArray[np.int64]:
    """The pixels that any of them covers, each once: y × 2³² + x."""
    pixels = [np.zeros(0, np.int64)]
    for each in instances:
        y, x = np.nonzero(rle.decode(each.bbox, each.counts))
        pixels.append((y + each.bbox[1]) * 2**32 + x + each.bbox[0])
    return np.unique(np.concatenate(pixels))


def _common(a: NDArray, a_box: Sequence[int], b: NDArray, b_box: Sequence[int]) -> int:
    x, y = max(a_box[0], b_box[0]), max(a_box[1], b_box[1])
    right = min(a_box[0] + a_box[2], b_box[0] + b_box[2])
    bottom = min(a_box[1] + a_box[3], b_box[1] + b_box[3])
    here = a[y - a_box[1] : bottom - a_box[1], x - a_box[0] : right - a_box[0]]
    there = b[y - b_box[1] : bottom - b_box[1], x - b_box[0] : right - b_box[0]]
    return int((here & there).sum())
