"""Scores of a whole-image network: the paper's and its rivals', at two resolutions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

from ml.sppnet import metrics
from ml.sppnet.config import Sampling
from ml.sppnet.cost import cost_by_part, image_and_points
from ml.sppnet.datasets import UNLABELLED, Sample
from ml.sppnet.evaluate import AUTOMATIC, summary_of
from ml.sppnet.fit import fit, fit_labels, unfit
from ml.sppnet.image_task import Prompt, draw_prompt, mask_of
from ml.sppnet.instances import compact
from ml.sppnet.network import STRIDE, WholeImageNet

# The paper scores at this side, whatever the image's.
PAPER_SIDE = 256
MIN_AREA = 16

Float = NDArray[np.float32]


def as_tensor(pixels: NDArray[np.uint8], device: torch.device) -> torch.Tensor:
    """S×S×3 uint8 to 1×3×S×S float in [0, 1]."""
    tensor = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
    return tensor.to(device).float().div(255).unsqueeze(0)


@torch.inference_mode()
def logits_of(network: WholeImageNet, fitted: Sample, prompt: Prompt) -> Float:
    """Logits S/4×S/4 of a fitted sample."""
    device = next(network.parameters()).device
    points, kinds = (torch.from_numpy(a).unsqueeze(0).to(device) for a in prompt)
    logits = network(as_tensor(fitted.pixels, device), points, kinds)
    return logits[0, 0].float().cpu().numpy()


def instances(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The connected parts of a mask: nothing tells nuclei that touch apart."""
    return compact(ndimage.label(mask)[0], MIN_AREA)


def score_mask(sample: Sample, mask: NDArray[np.bool_]) -> dict[str, float]:
    """At native resolution: dice and iou of the mask, aji, pq and ap50 of its parts."""
    known = sample.labels != UNLABELLED
    truth = np.where(known, sample.labels, 0).astype(np.int32)
    mask = mask & known
    predicted = instances(mask)
    scores = {"dice": metrics.dice(mask, truth > 0), "iou": metrics.iou(mask, truth > 0)}
    return scores | {
        name: score(truth, predicted) for name, score in AUTOMATIC.items() if name not in scores
    }


def score_as_paper(sample: Sample, logits: Float) -> dict[str, float]:
    """Dice and IoU on a grid of 256×256, to which the image's mask and the answer are brought."""
    target, known = mask_of(fit_labels(sample.labels, PAPER_SIDE * STRIDE))
    size = (PAPER_SIDE, PAPER_SIDE)
    mask = (cv2.resize(logits, size, interpolation=cv2.INTER_LINEAR) > 0) & (known > 0)
    truth = (target > 0) & (known > 0)
    return {"dice": metrics.dice(mask, truth), "iou": metrics.iou(mask, truth)}


def score_images(
    network: WholeImageNet,
    samples: Sequence[Sample],
    seed: int = 0,
    sampling: Sampling = "cnps",
    sha256: str = "",
    done: Callable[[int], None] = lambda count: None,
    keep: Callable[[Sample, NDArray[np.bool_]], None] = lambda sample, mask: None,
) -> dict[str, Any]:
    """All scores; the same for the same seed, but for ``images_per_second``.

    Keys: dice, iou, aji, pq, ap50 at native resolution, at_256 with dice and iou on the paper's
    grid (each mean, std, interval, per_image); params, flops, paper_params, paper_flops (see
    cost.py), images_per_second, protocol. ``done`` hears the number of images so far, ``keep`` what
    is answered at native resolution.
    """
    network.eval()
    side = network.config.tile
    native: list[dict[str, float]] = []
    as_paper: list[dict[str, float]] = []
    seconds: list[float] = []
    for index, sample in enumerate(samples):
        # One generator an image: scores do not depend on which other images are there.
        rng = np.random.default_rng([seed, index])
        fitted = fit(sample, side)
        prompt = draw_prompt(fitted.labels, sampling, 1.0, rng)
        began = time.perf_counter()
        logits = logits_of(network, fitted, prompt)
        seconds.append(time.perf_counter() - began)
        height, width = sample.labels.shape
        mask = unfit(logits, width, height, side) > 0
        keep(sample, mask)
        native.append(score_mask(sample, mask))
        as_paper.append(score_as_paper(sample, logits))
        done(index + 1)
    names = [sample.name for sample in samples]
    cost = cost_by_part(network, image_and_points(side))["total"]
    return {
        **summary_of(names, native, seed),
        "at_256": summary_of(names, as_paper, seed),
        "params": cost.params,
        "flops": cost.flops,
        "paper_params": cost.paper_params,
        "paper_flops": cost.paper_flops,
        "images_per_second": 1 / float(np.median(seconds)),
        "protocol": {
            "resolution": "native; at_256 as the paper",
            "side": side,
            "images": len(samples),
            "prompt": f"one {sampling} click in a random nucleus of the truth, one on background",
            "instances": f"connected parts of at least {MIN_AREA} px",
            "device": str(next(network.parameters()).device),
            "threads": torch.get_num_threads(),
            "seed": seed,
            "checkpoint_sha256": sha256,
        },
    }


def validation_dice(
    network: WholeImageNet, samples: Sequence[Sample], sampling: Sampling, seed: int = 0
) -> dict[str, float]:
    """The mean Dice on the paper's grid, by which training chooses: dice, iou, score."""
    found = []
    for index, sample in enumerate(samples):
        rng = np.random.default_rng([seed, index])
        fitted = fit(sample, network.config.tile)
        prompt = draw_prompt(fitted.labels, sampling, 1.0, rng)
        found.append(score_as_paper(sample, logits_of(network, fitted, prompt)))
    means = {name: round(float(np.mean([f[name] for f in found])), 5) for name in ("dice", "iou")}
    return means | {"score": means["dice"]}
