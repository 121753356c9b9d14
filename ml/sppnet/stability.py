"""How much the answer depends on the click (paper, section 3.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from ml.sppnet import metrics
from ml.sppnet.config import Sampling
from ml.sppnet.datasets import Sample
from ml.sppnet.fit import fit
from ml.sppnet.image_scores import as_tensor
from ml.sppnet.image_task import draw_prompt, mask_of
from ml.sppnet.network import PaperNet

EVALUATIONS = 500
# So many prompts are answered at once.
_TOGETHER = 10


def stability(
    network: PaperNet,
    samples: Sequence[Sample],
    evaluations: int = EVALUATIONS,
    sampling: Sampling = "cnps",
    seed: int = 0,
    done: Callable[[int], None] = lambda count: None,
) -> dict[str, Any]:
    """The test set scored ``evaluations`` times, each with other random clicks.

    Keys: dice, the mean over images of each evaluation, on the mask's grid; mean, std, range.
    Images are encoded once. ``done`` hears the number of images so far.
    """
    device = next(network.parameters()).device
    scores = np.zeros((len(samples), evaluations))
    for row, sample in enumerate(samples):
        rng = np.random.default_rng([seed, row])
        fitted = fit(sample, network.config.tile)
        target, known = (m > 0 for m in mask_of(fitted.labels))
        image = as_tensor(fitted.pixels, device)
        with torch.inference_mode():
            features = network.encode(image)
            for first in range(0, evaluations, _TOGETHER):
                count = min(_TOGETHER, evaluations - first)
                prompts = [draw_prompt(fitted.labels, sampling, 1.0, rng) for _ in range(count)]
                points, kinds = (
                    torch.from_numpy(np.stack(a)).unsqueeze(0).to(device)
                    for a in zip(*prompts, strict=True)
                )
                masks = (network.answers(image, points, kinds, features)[0] > 0).cpu().numpy()
                for offset, mask in enumerate(masks):
                    scores[row, first + offset] = metrics.dice(mask & known, target & known)
        done(row + 1)
    dice = scores.mean(0)
    return {
        "dice": [round(float(d), 6) for d in dice],
        "mean": float(dice.mean()),
        "std": float(dice.std()),
        "range": float(dice.max() - dice.min()),
        "evaluations": evaluations,
        "images": len(samples),
        "seed": seed,
    }
