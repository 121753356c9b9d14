"""Train a network on annotated images; started again with the same folder, it goes on."""

from __future__ import annotations

import argparse
import math
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from ml.sppnet import checkpoints
from ml.sppnet.click_task import ClickTask
from ml.sppnet.commands import words
from ml.sppnet.config import ModelConfig, TrainConfig
from ml.sppnet.datasets import Mixture, Sample, read_folder, read_split, split_folder
from ml.sppnet.evaluate import evaluate, figure
from ml.sppnet.network import ClickNet, build
from ml.sppnet.predict import Predictor
from ml.sppnet.team import Team
from ml.sppnet.train import Budget, Run, Score, TrainingError

FINE_TUNING_RATE = 1e-4


def add(commands: Any) -> None:
    train = commands.add_parser("train", help="train the click network; resumes by itself")
    train.add_argument("--data", type=Path, required=True, help=words.DATA)
    train.add_argument("--split", type=Path, help="JSON: {set: {folder, train, val, weight}}")
    train.add_argument("--init", type=Path, help="checkpoint to start from (default: random)")
    train.add_argument("--out", type=Path, required=True, help="folder of the run")
    train.add_argument("--minutes", type=float, default=60, help="training time in all")
    train.add_argument("--score-minutes", type=float, default=20, help="between validations")
    train.add_argument(
        "--epochs", type=float, default=math.inf, help="end after so many, if they come first"
    )
    train.add_argument(
        "--previews", type=int, default=0, help="draw so many held-out images at each validation"
    )
    train.add_argument("--seed", type=int, default=0)
    train.add_argument(
        "--learning-rate",
        type=float,
        help=f"peak; default {TrainConfig.learning_rate}, with --init {FINE_TUNING_RATE}",
    )
    train.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    if arguments.split:
        parts = read_split(arguments.data, arguments.split)
    else:
        parts = split_folder(arguments.data, np.random.default_rng(arguments.seed))
    for name, part in parts.items():
        print(f"{name}: {len(part.train)} images to train on, {len(part.val)} held out")
    mixture = Mixture(
        {name: read_folder(part.folder, part.train) for name, part in parts.items()},
        {name: part.weight for name, part in parts.items()},
    )
    held_out = [s for part in parts.values() for s in read_folder(part.folder, part.val)]
    torch.manual_seed(arguments.seed)
    start = arguments.init
    network = checkpoints.load(start).network() if start else build(ModelConfig())
    if not isinstance(network, ClickNet):
        raise TrainingError(f"{start} is not a click network; only those are trained here.")
    network = network.to("cuda" if torch.cuda.is_available() else "cpu")
    network = network.to(memory_format=torch.channels_last)
    rate = arguments.learning_rate or (FINE_TUNING_RATE if start else TrainConfig.learning_rate)
    config = TrainConfig(seed=arguments.seed, learning_rate=rate)
    team = Team.join()
    task = ClickTask(mixture, config, network.config.window, team)
    training = Run(network, task, config, arguments.out, team)
    step = training.progress.step
    print(f"training for {arguments.minutes} min from step {step}: {arguments.out}")
    score: Score | None = partial(validate, samples=held_out) if held_out else None
    if score and arguments.previews:
        score = drawing(score, held_out[: arguments.previews], arguments.out / "previews")
    if start and score and not step:
        # What training starts from is the first to beat: a short run cannot make things worse.
        training.judge(score)
    training.train(Budget(arguments.minutes, arguments.epochs), score, arguments.score_minutes)
    print(f"best: {training.progress.best:.4f}, in {arguments.out / 'best.safetensors'}")


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
    result = evaluate(Predictor(network, {}, ""), chosen, nuclei_per_image=4)
    summary = {name: result[name]["mean"] for name in ("dice", "aji", "pq")}
    clicks = result.get("click", {"iou1_mean": 0.0, "noc80": 0.0})
    summary["iou1"] = clicks["iou1_mean"]
    summary["noc80"] = clicks["noc80"]
    summary["score"] = summary["aji"] + summary["pq"] + summary["iou1"]
    return {name: round(value, 4) for name, value in summary.items()}
