"""Scores of a click checkpoint: automatic proposals, clicks, and the wrong-point control."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sppnet import metrics
from ml.sppnet.cost import cost_by_part, tile_and_click
from ml.sppnet.datasets import UNLABELLED, Sample
from ml.sppnet.instances import Splitting, compact
from ml.sppnet.predict import Click, Encoding, Predictor, Tile
from ml.sppnet.sampling import centre, cnps, correction
from ml.sppnet.targets import between_nuclei

Mask = NDArray[np.bool_]
CAP = 20
LEVELS = (80, 85, 90)
# Nuclei smaller than this are fragments at an image's edge, not things that one clicks.
MIN_AREA = 20

AUTOMATIC: dict[str, Callable[[NDArray, NDArray], float]] = {
    "dice": lambda t, p: metrics.dice(p > 0, t > 0),
    "iou": lambda t, p: metrics.iou(p > 0, t > 0),
    "aji": metrics.aji,
    "pq": metrics.pq,
    "ap50": metrics.average_precision,
}


@dataclass(frozen=True)
class Encoded:
    """A sample with the encodings of all its tiles."""

    sample: Sample
    tiles: dict[Tile, Encoding]
    scale: float


def encode(predictor: Predictor, sample: Sample, scale: float | None = None) -> Encoded:
    """``scale``: by how much it is enlarged for the network (default: as the sample says; if that
    does not know, by the size of the nuclei that are seen at first sight)."""
    return Encoded(sample, *predictor.encode_whole(sample.pixels, scale or sample.scale))


def proposed(
    predictor: Predictor, encoded: Encoded, how: Splitting | None = None
) -> NDArray[np.int32]:
    """The nuclei proposed without any click: labels H×W at native resolution."""
    size = encoded.sample.labels.shape
    return predictor.label(size, encoded.tiles.items(), how, encoded.scale)[1]


def automatic(sample: Sample, predicted: NDArray[np.int32]) -> dict[str, float]:
    """Scores of the proposals."""
    known = sample.labels != UNLABELLED
    truth = np.where(known, sample.labels, 0).astype(np.int32)
    return {name: score(truth, predicted * known) for name, score in AUTOMATIC.items()}


@dataclass(frozen=True)
class Trial:
    """What happened at one nucleus: IoU after each click, what the network predicted of the first
    one, and the IoU of the two controls; and whether the nucleus touches another."""

    ious: list[float]
    predicted: float
    jittered: float
    shuffled: float
    touching: bool


def try_nuclei(
    predictor: Predictor, encoded: Encoded, most: int, rng: np.random.Generator
) -> list[Trial]:
    """Simulated annotation of up to ``most`` nuclei of an image, drawn at random.

    The first click lies at the nucleus's centre, each further one at the centre of the largest
    error, up to CAP or an IoU of .90; each answer starts from the one before. Controls: the
    first click moved by up to 2 px, and the first click put on another nucleus.
    """
    sample = encoded.sample
    truth = compact(np.where(sample.labels == UNLABELLED, 0, sample.labels), MIN_AREA)
    ids = np.arange(1, truth.max() + 1)
    touching = set(truth[between_nuclei(truth)].tolist())
    trials = []
    for nucleus in rng.permutation(ids)[:most]:
        mask = truth == nucleus
        column, row = centre(mask)
        clicks: list[Click] = [(column + 0.5, row + 0.5, True)]
        answer, predicted = _answer(predictor, encoded, clicks)
        ious = [metrics.iou(answer, mask)]
        while ious[-1] < LEVELS[-1] / 100 and len(clicks) < CAP:
            fix = correction(answer, mask)
            if fix is None:
                break
            clicks.append((*fix[0], fix[1]))
            answer, _ = _answer(predictor, encoded, clicks, answer)
            ious.append(metrics.iou(answer, mask))
        dx, dy = rng.integers(-2, 3, 2)
        height, width = mask.shape
        near = (
            float(np.clip(column + dx, 0, width - 1)) + 0.5,
            float(np.clip(row + dy, 0, height - 1)) + 0.5,
            True,
        )
        jittered = metrics.iou(_answer(predictor, encoded, [near])[0], mask)
        others = ids[ids != nucleus]
        shuffled = 0.0
        if others.size:
            x, y = cnps(truth == rng.choice(others), rng)
            shuffled = metrics.iou(_answer(predictor, encoded, [(x, y, True)])[0], mask)
        trials.append(Trial(ious, predicted, jittered, shuffled, int(nucleus) in touching))
    return trials


def _answer(
    predictor: Predictor, encoded: Encoded, clicks: Sequence[Click], prior: Mask | None = None
) -> tuple[Mask, float]:
    """The mask on the whole image, and its predicted IoU."""
    height, width = encoded.sample.labels.shape
    tile = predictor.tile_for(clicks, width, height, encoded.scale)
    answer = predictor.segment(encoded.sample.pixels, tile, encoded.tiles[tile], clicks, prior)
    return answer.paste(height, width), answer.score


def clicks_to(trial: Trial, level: int) -> int | None:
    """Number of clicks after which the IoU first reached ``level`` per cent; None if never."""
    reached = [i for i, value in enumerate(trial.ious, start=1) if value >= level / 100]
    return reached[0] if reached else None


def summarise_clicks(trials: Sequence[Trial]) -> dict[str, float]:
    """The stable keys of the evaluation's ``click`` part. ``touching`` is the share of nuclei that
    touch another; the keys ``touching_…`` are of these alone, and left out if there are none.
    Raises ValueError without trials."""
    if not trials:
        raise ValueError("no nuclei to click on in these images")
    first = np.array([t.ious[0] for t in trials])
    result: dict[str, float] = {"nuclei": len(trials), "iou1_mean": float(first.mean())}
    for level in (50, 70, 80):
        result[f"iou1_ge_{level}"] = float((first >= level / 100).mean())
    for level in LEVELS:
        needed = [clicks_to(t, level) for t in trials]
        # A nucleus that never gets there counts with the cap.
        result[f"noc{level}"] = float(np.mean([CAP if n is None else n for n in needed]))
        if level == 80:
            result["noc80_failures"] = float(np.mean([n is None for n in needed]))
    touching = np.array([t.touching for t in trials])
    result["touching"] = float(touching.mean())
    if touching.any():
        result["touching_iou1_mean"] = float(first[touching].mean())
        result["touching_iou1_ge_50"] = float((first[touching] >= 0.5).mean())
    predicted = np.array([t.predicted for t in trials])
    result["predicted_iou_error"] = float(np.abs(predicted - first).mean())
    # Of answers that are all alike, or predicted to be, nothing can be told apart.
    told = min(np.ptp(predicted), np.ptp(first)) > 1e-6
    result["predicted_iou_correlation"] = (
        float(np.corrcoef(predicted, first)[0, 1]) if told else 0.0
    )
    result["jitter2px_iou1_mean"] = float(np.mean([t.jittered for t in trials]))
    result["shuffled_iou1_mean"] = float(np.mean([t.shuffled for t in trials]))
    return result


def interval(values: Sequence[float], rng: np.random.Generator, draws: int = 1000) -> list[float]:
    """95 % bootstrap interval of the mean over images."""
    array = np.asarray(values)
    means = array[rng.integers(len(array), size=(draws, len(array)))].mean(1)
    return [float(v) for v in np.percentile(means, [2.5, 97.5])]


def summary_of(
    names: Sequence[str], scores: Sequence[dict[str, float]], seed: int
) -> dict[str, Any]:
    """Of each score its mean, std, bootstrap interval, and per_image by name."""
    rng = np.random.default_rng(seed)
    summary = {}
    for metric in scores[0] if scores else ():
        values = [score[metric] for score in scores]
        summary[metric] = {
            "mean": float(np.mean(values)),
            "std": float(np.std(values)),
            "interval": interval(values, rng),
            "per_image": dict(zip(names, values, strict=True)),
        }
    return summary


def evaluate(
    predictor: Predictor,
    samples: Sequence[Sample],
    seed: int = 0,
    nuclei_per_image: int = 20,
    how: Splitting | None = None,
    done: Callable[[int], None] = lambda count: None,
) -> dict[str, Any]:
    """All scores of a click checkpoint on annotated images; the same for the same seed, but for
    ``images_per_second``.

    Keys: dice, iou, aji, pq, ap50 (each mean, std, interval, per_image), click (see
    :func:`summarise_clicks`), params, flops (of a tile and a click), images_per_second (proposals
    of the whole image), protocol. Images are seen as :func:`encode` says. ``done`` hears the number
    of images so far.
    """
    scores: list[dict[str, float]] = []
    seconds: list[float] = []
    trials: list[Trial] = []
    scales: set[float] = set()
    for index, sample in enumerate(samples):
        # One generator an image: scores do not depend on which other images are there.
        rng = np.random.default_rng([seed, index])
        began = time.perf_counter()
        encoded = encode(predictor, sample)
        labels = proposed(predictor, encoded, how)
        seconds.append(time.perf_counter() - began)
        scores.append(automatic(sample, labels))
        scales.add(encoded.scale)
        if nuclei_per_image:
            trials += try_nuclei(predictor, encoded, nuclei_per_image, rng)
        done(index + 1)
    result: dict[str, Any] = summary_of([s.name for s in samples], scores, seed)
    if trials:
        result["click"] = summarise_clicks(trials)
    cost = cost_by_part(predictor.network, tile_and_click(predictor.config))["total"]
    result["params"], result["flops"] = cost.params, cost.flops
    result["images_per_second"] = 1 / float(np.median(seconds))
    result["protocol"] = {
        "resolution": "native",
        "scale": scales.pop() if len(scales) == 1 else sorted(scales),
        "images": len(samples),
        "nuclei_per_image": nuclei_per_image,
        "min_nucleus_area_px": MIN_AREA,
        "click_cap": CAP,
        "seed": seed,
        "checkpoint_sha256": predictor.sha256,
    }
    return result


GREEN, RED, YELLOW = (46, 204, 113), (231, 76, 60), (241, 196, 15)


def figure(predictor: Predictor, sample: Sample, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Image, truth (green), proposals (yellow), and one-click answers (green where IoU ≥ .5, red
    where not) side by side: H×4W×3 uint8 RGB."""
    encoded = encode(predictor, sample)
    truth = compact(np.where(sample.labels == UNLABELLED, 0, sample.labels), MIN_AREA)
    proposals = proposed(predictor, encoded)
    panels = [sample.pixels.copy() for _ in range(4)]
    outline(panels[1], truth, GREEN)
    outline(panels[2], proposals, YELLOW)
    for nucleus in rng.permutation(np.arange(1, truth.max() + 1))[:40]:
        mask = truth == nucleus
        column, row = centre(mask)
        answer, _ = _answer(predictor, encoded, [(column + 0.5, row + 0.5, True)])
        colour = GREEN if metrics.iou(answer, mask) >= 0.5 else RED
        outline(panels[3], answer.astype(np.int32), colour)
        cv2.circle(panels[3], (column, row), 2, colour, -1)
    return np.hstack(panels)


def outline(panel: NDArray[np.uint8], labels: NDArray[np.int32], colour: tuple) -> None:
    """Draw the outline of every instance of H×W ``labels`` into the H×W×3 uint8 ``panel``."""
    for index in range(1, labels.max() + 1):
        contours, _ = cv2.findContours(
            (labels == index).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        cv2.drawContours(panel, contours, -1, colour, 1)
