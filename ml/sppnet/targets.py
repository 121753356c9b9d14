"""What the network is asked to predict, from instance labels, on its stride-2 grid."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sppnet.sampling import anywhere, cnps

# A box with its middle, or a click and one on the background, and three corrections.
MAX_POINTS = 6
# A pixel with more than one nucleus within so many pixels, along rows and columns, lies between
# nuclei; a nucleus that has such pixels touches another.
TOUCH = 3
Float = NDArray[np.float32]


def halve(full: NDArray) -> Float:
    """H×W to H/2×W/2 by the mean of 2×2 pixels: soft edges keep sub-pixel outlines."""
    full = full.astype(np.float32)
    return (full[::2, ::2] + full[1::2, ::2] + full[::2, 1::2] + full[1::2, 1::2]) / 4


class Dense(NamedTuple):
    """For the whole crop, S/2×S/2 float in [0, 1]; ``valid`` is 0 where nothing is known,
    ``between`` 1 between nuclei."""

    foreground: Float
    boundary: Float
    distance: Float
    valid: NDArray[np.bool_]
    between: Float


def between_nuclei(labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixels with more than one nucleus within TOUCH pixels. H×W labels, positive for nuclei."""
    kernel = np.ones((2 * TOUCH + 1, 2 * TOUCH + 1))
    # OpenCV knows no int32 here; float32 holds instance numbers up to 2**24 exactly.
    highest = cv2.dilate(np.maximum(labels, 0).astype(np.float32), kernel)
    lowest = cv2.erode(np.where(labels > 0, labels, np.inf).astype(np.float32), kernel)
    return np.asarray(lowest < highest)


def dense_targets(labels: NDArray[np.int32]) -> Dense:
    """labels S×S int32, -1 unlabelled, 0 background."""
    known = np.maximum(labels, 0)
    as_float = known.astype(np.float32)
    edge = cv2.dilate(as_float, np.ones((3, 3))) != cv2.erode(as_float, np.ones((3, 3)))
    inside = ((known > 0) & ~edge).astype(np.uint8)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    peak = np.zeros(int(known.max()) + 1, np.float32)
    np.maximum.at(peak, known.ravel(), distance.ravel())
    peak[0] = 1
    distance = distance / np.maximum(peak, 1)[known]
    valid = cv2.erode((labels >= 0).astype(np.uint8), np.ones((3, 3)))
    return Dense(
        halve(known > 0),
        halve(edge),
        halve(distance),
        halve(valid) > 0.99,
        halve(between_nuclei(labels)),
    )


class Prompt(NamedTuple):
    """One simulated prompt: the window's corner in the crop (multiples of 16), its points
    MAX_POINTS×2 in window pixels with labels, and the wanted mask W/2×W/2 with its valid part and
    the nuclei that are ``others``."""

    x: int
    y: int
    points: Float
    labels: NDArray[np.int64]
    target: Float
    valid: NDArray[np.bool_]
    others: Float


def sample_prompts(
    labels: NDArray[np.int32],
    window: int,
    count: int,
    rng: np.random.Generator,
    crowded: float = 1.0,
) -> list[Prompt]:
    """``count`` prompts on a crop: mostly clicks on nuclei, some boxes, some on background. A
    nucleus that touches another is meant ``crowded`` times as often as one that does not."""
    ids, areas = np.unique(labels[labels > 0], return_counts=True)
    ids = ids[areas >= 16]
    odds = np.where(np.isin(ids, labels[between_nuclei(labels)]), crowded, 1.0)
    prompts = []
    for _ in range(count):
        drawn = ids.size and rng.random() > 0.08
        nucleus = int(rng.choice(ids, p=odds / odds.sum())) if drawn else 0
        prompt = _prompt_for(labels, nucleus, window, rng)
        if prompt is not None:
            prompts.append(prompt)
    return prompts


def _prompt_for(
    labels: NDArray[np.int32], nucleus: int, window: int, rng: np.random.Generator
) -> Prompt | None:
    mask = labels == nucleus
    click = cnps(mask, rng) if nucleus and rng.random() < 0.5 else anywhere(mask, rng)
    if click is None:
        return None
    side = labels.shape[0]
    corner = []
    for position in click:
        shift = int(rng.integers(-2, 3)) * 16 if rng.random() < 0.3 else 0
        start = round((position - window / 2) / 16) * 16 + shift
        corner.append(int(np.clip(start, 0, side - window)))
    x, y = corner
    view = labels[y : y + window, x : x + window]
    local = mask[y : y + window, x : x + window]
    others = (view > 0) & ~local if nucleus else np.zeros_like(local)
    points = [(click[0] - x, click[1] - y)]
    kinds = [1]
    if nucleus and rng.random() < 0.12:
        rows, columns = np.flatnonzero(local.any(1)), np.flatnonzero(local.any(0))
        box = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], float)
        box += rng.normal(0, 0.06, 4) * np.tile(box[2:] - box[:2], 2)
        points = [tuple((box[:2] + box[2:]) / 2), tuple(box[:2]), tuple(box[2:])]
        kinds = [1, 2, 3]
    elif rng.random() < 0.4:
        wanted = others if rng.random() < 0.6 and others.any() else view == 0
        away = anywhere(wanted, rng)
        if away is not None:
            points.append(away)
            kinds.append(0)
    padded = np.zeros((MAX_POINTS, 2), np.float32)
    padded[: len(points)] = points
    kind = np.full(MAX_POINTS, -1, np.int64)
    kind[: len(kinds)] = kinds
    target = halve(local) if nucleus else np.zeros((window // 2, window // 2), np.float32)
    return Prompt(x, y, padded, kind, target, halve(view >= 0) > 0.99, halve(others))
