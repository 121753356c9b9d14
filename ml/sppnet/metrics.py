"""Scores of masks and of instance labels. All labels H×W integers, 0 background.

Pixels of the truth that hold UNLABELLED must be removed from both before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Labels = NDArray[np.integer]


def dice(predicted: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """2|A∩B| / (|A|+|B|); 1 when both are empty."""
    total = int(predicted.sum()) + int(truth.sum())
    return 2 * int((predicted & truth).sum()) / total if total else 1.0


def iou(predicted: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """|A∩B| / |A∪B|; 1 when both are empty."""
    union = int((predicted | truth).sum())
    return int((predicted & truth).sum()) / union if union else 1.0


def overlaps(truth: Labels, predicted: Labels) -> tuple[NDArray, NDArray, NDArray]:
    """(intersections T×P, truth areas T, predicted areas P) of all instances present."""
    t_ids, t = np.unique(truth, return_inverse=True)
    p_ids, p = np.unique(predicted, return_inverse=True)
    table = np.bincount(t.ravel() * len(p_ids) + p.ravel(), minlength=len(t_ids) * len(p_ids))
    table = table.reshape(len(t_ids), len(p_ids))
    rows, columns = t_ids != 0, p_ids != 0
    return table[np.ix_(rows, columns)], table[rows].sum(1), table[:, columns].sum(0)


def aji(truth: Labels, predicted: Labels) -> float:
    """Aggregated Jaccard index (Kumar et al., 2017): every true nucleus takes the prediction of
    highest IoU; predictions that none has taken count as errors. 1 when both are empty."""
    common, t_area, p_area = overlaps(truth, predicted)
    if not len(t_area) or not len(p_area):
        return 1.0 if not len(t_area) and not len(p_area) else 0.0
    union = t_area[:, None] + p_area[None] - common
    best = (common / union).argmax(1)
    rows = np.arange(len(t_area))
    hit = common[rows, best] > 0
    inter = common[rows, best][hit].sum()
    joint = union[rows, best][hit].sum() + t_area[~hit].sum()
    used = np.zeros(len(p_area), bool)
    used[best[hit]] = True
    return float(inter / (joint + p_area[~used].sum()))


def matched_ious(truth: Labels, predicted: Labels, threshold: float = 0.5) -> NDArray:
    """IoUs of the one-to-one pairs above ``threshold`` that maximise their number, then IoU."""
    common, t_area, p_area = overlaps(truth, predicted)
    if not common.size:
        return np.zeros(0)
    value = common / (t_area[:, None] + p_area[None] - common)
    value = np.where(value > threshold, value, 0)
    rows, columns = linear_sum_assignment(-(value + (value > 0)))
    return value[rows, columns][value[rows, columns] > 0]


def count(labels: Labels) -> int:
    """Number of instances."""
    ids = np.unique(labels)
    return int((ids != 0).sum())


def pq(truth: Labels, predicted: Labels) -> float:
    """Panoptic quality (Kirillov et al., 2019) of one class; 1 when both are empty."""
    pairs = matched_ious(truth, predicted)
    total = count(truth) + count(predicted)
    return float(2 * pairs.sum() / total) if total else 1.0


def average_precision(truth: Labels, predicted: Labels, threshold: float = 0.5) -> float:
    """TP / (TP + FP + FN) at an IoU threshold, as in the Data Science Bowl."""
    hits = len(matched_ious(truth, predicted, threshold))
    total = count(truth) + count(predicted) - hits
    return hits / total if total else 1.0
