"""Scores by hand, and against a second implementation written the slow and obvious way."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.metrics import compute_panoptic_quality

from ml.sppnet import metrics
from ml.sppnet.instances import compact

DEMO = Path(__file__).parents[3] / "annotations/demo/labels"


def random_labels(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    labels = np.zeros((24, 24), int)
    for label in range(1, int(rng.integers(0, 7)) + 1):
        y, x = rng.integers(0, 20, 2)
        h, w = rng.integers(2, 9, 2)
        labels[y : y + h, x : x + w] = label * 3
    return labels


def slow_aji(truth: np.ndarray, predicted: np.ndarray) -> float:
    used, inter, union = set(), 0, 0
    ids = [i for i in np.unique(predicted) if i]
    for t in (i for i in np.unique(truth) if i):
        best, best_iou = None, 0.0
        for p in ids:
            both = ((truth == t) & (predicted == p)).sum()
            either = ((truth == t) | (predicted == p)).sum()
            if both / either > best_iou:
                best, best_iou = p, both / either
        if best is None:
            union += (truth == t).sum()
        else:
            used.add(best)
            inter += ((truth == t) & (predicted == best)).sum()
            union += ((truth == t) | (predicted == best)).sum()
    union += sum((predicted == p).sum() for p in ids if p not in used)
    return inter / union if union else 1.0


def slow_pq(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Pairs above an IoU of one half are unique: no assignment is needed."""
    total, pairs = 0.0, 0
    t_ids = [i for i in np.unique(truth) if i]
    p_ids = [i for i in np.unique(predicted) if i]
    for t in t_ids:
        for p in p_ids:
            iou = ((truth == t) & (predicted == p)).sum() / ((truth == t) | (predicted == p)).sum()
            if iou > 0.5:
                total, pairs = total + iou, pairs + 1
    count = len(t_ids) + len(p_ids)
    return 2 * total / count if count else 1.0


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_agrees_with_the_slow_implementation(a: int, b: int) -> None:
    truth, predicted = random_labels(a), random_labels(b)
    assert metrics.aji(truth, predicted) == pytest.approx(slow_aji(truth, predicted))
    assert metrics.pq(truth, predicted) == pytest.approx(slow_pq(truth, predicted))


@given(st.integers(0, 10**6))
def test_a_perfect_prediction_scores_one(seed: int) -> None:
    labels = random_labels(seed)
    for score in (metrics.aji, metrics.pq, metrics.average_precision):
        assert score(labels, labels) == pytest.approx(1)


def test_agrees_on_real_masks_with_the_slow_implementation_and_with_monai() -> None:
    """Nuclei that people outlined, against the same a little moved and grown together."""
    for path in sorted(DEMO.glob("*.png"))[:3]:
        truth = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(int)[:160, :160]
        moved = np.roll(truth, (2, -1), (0, 1))
        predicted = np.where(moved % 5 == 1, 0, moved // 2 * 2)
        assert 0 < metrics.pq(truth, predicted) < 1
        assert metrics.aji(truth, predicted) == pytest.approx(slow_aji(truth, predicted))
        numbered = (torch.from_numpy(compact(labels)) for labels in (predicted, truth))
        theirs = compute_panoptic_quality(*numbered, metric_name="pq", match_iou_threshold=0.5)
        assert metrics.pq(truth, predicted) == pytest.approx(float(theirs), abs=1e-4)


def test_half_overlap_by_hand() -> None:
    truth, predicted = np.zeros((4, 8), int), np.zeros((4, 8), int)
    truth[:, :4] = 1
    predicted[:, 1:5] = 1  # 12 common, 20 together
    assert metrics.iou(predicted > 0, truth > 0) == pytest.approx(0.6)
    assert metrics.dice(predicted > 0, truth > 0) == pytest.approx(0.75)
    assert metrics.aji(truth, predicted) == pytest.approx(0.6)
    assert metrics.pq(truth, predicted) == pytest.approx(0.6)


def test_nothing_against_nothing_is_perfect_and_against_something_worthless() -> None:
    nothing, something = np.zeros((4, 4), int), np.eye(4, dtype=int)
    assert metrics.aji(nothing, nothing) == metrics.pq(nothing, nothing) == 1
    assert metrics.aji(something, nothing) == metrics.pq(nothing, something) == 0
