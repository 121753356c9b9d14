"""Score a checkpoint on held-out images one by one, and draw what it makes of them."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sppnet.datasets import UNLABELLED, Sample
from ml.sppnet.evaluate import (
    CAP,
    GREEN,
    MIN_AREA,
    YELLOW,
    automatic,
    clicks_to,
    encode,
    outline,
    proposed,
    try_nuclei,
)
from ml.sppnet.instances import compact
from ml.sppnet.predict import Predictor

# A picture is to be compared at a glance, not measured.
LARGEST_SIDE = 640


def judge(
    predictor: Predictor, sample: Sample, nuclei: int
) -> tuple[dict[str, float], NDArray[np.uint8]]:
    """(scores, picture) of one image: dice, aji and pq without a click; of up to ``nuclei`` nuclei
    the IoU after one click (iou1) and the clicks to an IoU of .80 (noc80; CAP if never reached).

    The nuclei are the same for every checkpoint: they are drawn by the image's name. The picture
    is H×W×3 uint8 RGB with outlines of the truth (green) and of the proposals (yellow).
    """
    encoded = encode(predictor, sample)
    proposals = proposed(predictor, encoded)
    found = automatic(sample, proposals)
    scores = {name: found[name] for name in ("dice", "aji", "pq")}
    seed = int(hashlib.sha256(sample.name.encode()).hexdigest()[:8], 16)
    trials = try_nuclei(predictor, encoded, nuclei, np.random.default_rng(seed))
    if trials:
        needed = [clicks_to(trial, 80) or CAP for trial in trials]
        scores["iou1"] = float(np.mean([trial.ious[0] for trial in trials]))
        scores["noc80"] = float(np.mean(needed))
    return scores, _picture(sample, proposals)


def _picture(sample: Sample, proposals: NDArray[np.int32]) -> NDArray[np.uint8]:
    height, width = sample.labels.shape
    shown = sample.pixels.copy()
    truth = compact(np.where(sample.labels == UNLABELLED, 0, sample.labels), MIN_AREA)
    outline(shown, truth, GREEN)
    outline(shown, proposals, YELLOW)
    shrink = min(1.0, LARGEST_SIDE / max(height, width))
    size = (max(round(width * shrink), 1), max(round(height * shrink), 1))
    return cv2.resize(shown, size, interpolation=cv2.INTER_AREA) if shrink < 1 else shown
