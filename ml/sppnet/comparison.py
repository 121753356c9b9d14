"""Two checkpoints on the same held-out images: differences by image, with bootstrap intervals.

Scores are {image: {score: value}}; intervals hold 95 % of the means of resampled images.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = Mapping[str, Mapping[str, float]]

# What is compared, in the order in which it is shown: automatic segmentation, then clicking.
COMPARED = ("dice", "aji", "pq", "iou1", "noc80")
# Of clicks one wants few.
LOWER_IS_BETTER = frozenset({"noc80"})
DRAWS = 2000


def summarise(scores: Scores, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Score -> {"mean", "interval"} over the images that have it."""
    rng = np.random.default_rng(seed)
    result = {}
    for name in COMPARED:
        values = np.array([row[name] for row in scores.values() if name in row])
        if values.size:
            result[name] = {"mean": float(values.mean()), "interval": _interval(values, rng)}
    return result


def compare(candidate: Scores, rival: Scores, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Score -> {"candidate", "rival", "gain", "interval", "images"}, paired by image.

    The gain is the mean difference, positive where the candidate is better; the interval is that
    of the gain. Images that one of them lacks are left out.
    """
    rng = np.random.default_rng(seed)
    result = {}
    for name in COMPARED:
        pairs = [
            (candidate[image][name], rival[image][name])
            for image in sorted(candidate.keys() & rival.keys())
            if name in candidate[image] and name in rival[image]
        ]
        if not pairs:
            continue
        new, old = np.array(pairs).T
        gains = (old - new) if name in LOWER_IS_BETTER else (new - old)
        result[name] = {
            "candidate": float(new.mean()),
            "rival": float(old.mean()),
            "gain": float(gains.mean()),
            "interval": _interval(gains, rng),
            "images": len(pairs),
        }
    return result


def _interval(values: NDArray[np.floating], rng: np.random.Generator) -> list[float]:
    means = values[rng.integers(len(values), size=(DRAWS, len(values)))].mean(1)
    return [float(end) for end in np.percentile(means, [2.5, 97.5])]
