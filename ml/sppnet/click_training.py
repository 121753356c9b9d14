"""One training run of the click network, as the command starts it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch

from ml.sppnet import checkpoints
from ml.sppnet.click_task import ClickTask
from ml.sppnet.config import ModelConfig, TrainConfig
from ml.sppnet.datasets import Mixture, Part, Sample
from ml.sppnet.evaluate import evaluate, figure
from ml.sppnet.network import ClickNet, build
from ml.sppnet.predict import Predictor
from ml.sppnet.team import Team
from ml.sppnet.train import Budget, Progress, Run, Score, TrainingError

# Nuclei that a validation clicks on, if there are so many.
CLICKED = 96


def train_clicks(
    parts: Mapping[str, Part],
    config: TrainConfig,
    folder: Path,
    budget: Budget,
    init: Path | None = None,
    score_minutes: float = 20,
    previews: int = 0,
    team: Team | None = None,
) -> Run:
    """Train in ``folder`` until the budget is used up, or go on with what is there.

    ``score_minutes`` lie between validations on the held-out images, of which ``previews`` are
    drawn. Raises TrainingError, DataError and CheckpointError.
    """
    mixture = Mixture(
        {name: part.read_train() for name, part in parts.items()},
        {name: part.weight for name, part in parts.items()},
    )
    held_out = [s for part in parts.values() for s in part.read_val()]
    if init is None and (config.anchor or config.frozen_norms):
        raise TrainingError("--anchor and --frozen-norms keep what is there: they need --init.")
    torch.manual_seed(config.seed)
    start = checkpoints.load(init) if init else None
    network = start.network() if start else build(ModelConfig())
    if not isinstance(network, ClickNet):
        raise TrainingError(f"{init} is not a click network; --model says what is trained.")
    network = network.to("cuda" if torch.cuda.is_available() else "cpu")
    if config.frozen_norms:
        network.freeze_norms()
    if config.channels_last:
        network = network.to(memory_format=torch.channels_last)
    task = ClickTask(mixture, config, network.config.window, team)
    origin = {
        "parent": start.sha256 if start else None,
        "data": sorted({part.folder.resolve().name for part in parts.values()}),
        "images": {name: len(part.train) for name, part in parts.items()},
    }
    run = Run(network, task, config, folder, team, origin=origin)
    limits = {"min": budget.minutes, "epochs": budget.epochs}
    told = " or ".join(f"{limit:g} {what}" for what, limit in limits.items() if limit is not None)
    print(f"training for {told} from step {run.progress.step}: {folder}")
    score: Score | None = partial(validate, samples=held_out) if held_out else None
    if score and previews:
        score = drawing(score, held_out[:previews], folder / "previews")
    if init and score and not run.progress.step:
        # What training starts from is the first to beat: a short run cannot make things worse.
        run.judge(score)
        if config.anchor:
            # In a team's images many masks are its own answers, on which nothing can beat it.
            run.progress.best = Progress.best
    run.train(budget, score, score_minutes)
    return run


def drawing(score: Score, samples: list[Sample], folder: Path) -> Score:
    """A score that also draws how the network does on ``samples``: one WebP each, as
    :func:`ml.sppnet.evaluate.figure` has it, in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)

    def score_and_draw(network: ClickNet) -> dict[str, float]:
        metrics = score(network)
        for number, sample in enumerate(samples):
            picture = figure(Predictor(network, {}, ""), sample, np.random.default_rng(number))
            partial_file = folder / f"{number}.partial.webp"
            cv2.imwrite(str(partial_file), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
            partial_file.replace(folder / f"{number}.webp")
        return metrics

    return score_and_draw


def validate(network: ClickNet, samples: list[Sample], most: int = 24) -> dict[str, float]:
    """Quick scores on a fixed part of the held-out images; ``score`` is what is maximised."""
    chosen = [
        samples[i] for i in np.linspace(0, len(samples) - 1, min(most, len(samples))).astype(int)
    ]
    # Of few images more nuclei are clicked: what a handful says is chance, and it would choose the
    # weights of some moment in the middle of a training over those of its end.
    each = math.ceil(CLICKED / len(chosen))
    result = evaluate(Predictor(network, {}, ""), chosen, nuclei_per_image=each)
    summary = {name: result[name]["mean"] for name in ("dice", "aji", "pq")}
    clicks = result.get("click", {"iou1_mean": 0.0, "noc80": 0.0})
    summary["iou1"] = clicks["iou1_mean"]
    summary["noc80"] = clicks["noc80"]
    summary["score"] = summary["aji"] + summary["pq"] + summary["iou1"]
    return {name: round(value, 4) for name, value in summary.items()}
