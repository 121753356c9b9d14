"""python -m ml.sppnet train | evaluate | predict | inspect — the network without the web app."""

from __future__ import annotations

import argparse
import json
import resource
import sys
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from tqdm import tqdm

from ml.scale import MICRONS_PER_PIXEL, scale_for
from ml.sppnet import checkpoints
from ml.sppnet.config import ModelConfig, TrainConfig
from ml.sppnet.datasets import (
    DataError,
    Mixture,
    Sample,
    read_folder,
    read_pixels,
    read_split,
    split_folder,
)
from ml.sppnet.evaluate import evaluate, figure
from ml.sppnet.network import ClickNet, build
from ml.sppnet.predict import Predictor
from ml.sppnet.train import Run, TrainingError

FINE_TUNING_RATE = 1e-4
SCALE_HELP = f"of the images; they are enlarged to about {MICRONS_PER_PIXEL} (default: as they are)"
DATA_HELP = "folder with images/ and labels/; with --split, the folder that holds the sets"


def main(argv: list[str] | None = None) -> int:
    """Runs one command; known errors end with one line on stderr and status 1."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except (DataError, TrainingError, checkpoints.CheckpointError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml.sppnet", description=__doc__)
    commands = parser.add_subparsers(required=True)

    train = commands.add_parser("train", help="train the click network; resumes by itself")
    train.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    train.add_argument("--split", type=Path, help="JSON: {set: {folder, train, val, weight}}")
    train.add_argument("--init", type=Path, help="checkpoint to start from (default: random)")
    train.add_argument("--out", type=Path, required=True, help="folder of the run")
    train.add_argument("--minutes", type=float, default=60, help="training time in all")
    train.add_argument("--score-minutes", type=float, default=20, help="between validations")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument(
        "--learning-rate",
        type=float,
        help=f"peak; default {TrainConfig.learning_rate}, with --init {FINE_TUNING_RATE}",
    )
    train.set_defaults(run=run_train)

    score = commands.add_parser("evaluate", help="score a checkpoint on annotated images")
    score.add_argument("--checkpoint", type=Path, required=True)
    score.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    score.add_argument("--json", type=Path, help="write all scores here")
    score.add_argument("--split", type=Path, help="score the held-out part of each set, apart")
    score.add_argument("--nuclei", type=int, default=20, help="clicked nuclei an image; 0: none")
    score.add_argument("--seed", type=int, default=0)
    score.add_argument("--device", default="cpu")
    score.add_argument("--microns-per-pixel", type=float, help=SCALE_HELP)
    score.add_argument("--figures", type=Path, help="write side-by-side pictures into this folder")
    score.set_defaults(run=run_evaluate)

    predict = commands.add_parser("predict", help="label the nuclei of images, without clicks")
    predict.add_argument("--checkpoint", type=Path, required=True)
    predict.add_argument("--out", type=Path, required=True, help="folder for 16-bit label PNGs")
    predict.add_argument("--microns-per-pixel", type=float, help=SCALE_HELP)
    predict.add_argument("images", type=Path, nargs="+")
    predict.set_defaults(run=run_predict)

    inspect = commands.add_parser("inspect", help="load a checkpoint, describe it in one line")
    inspect.add_argument("file", type=Path)
    inspect.add_argument("--memory-mb", type=int, help="fail rather than use more memory")
    inspect.add_argument("--cpu-seconds", type=int, help="fail rather than use more time")
    inspect.set_defaults(run=run_inspect)
    return parser


def run_train(arguments: argparse.Namespace) -> None:
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
    run = Run(network, mixture, config, arguments.out)
    print(f"training for {arguments.minutes} min from step {run.progress.step}: {arguments.out}")
    score = partial(validate, samples=held_out) if held_out else None
    if start and score and not run.progress.step:
        # What training starts from is the first to beat: a short run cannot make things worse.
        run.judge(score)
    run.train(arguments.minutes, score, arguments.score_minutes)
    print(f"best: {run.progress.best:.4f}, in {arguments.out / 'best.safetensors'}")


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


def run_evaluate(arguments: argparse.Namespace) -> None:
    predictor = Predictor.load(arguments.checkpoint, arguments.device)
    folder = arguments.data
    if not arguments.split:
        result = _score(predictor, arguments, folder.name, read_folder(folder))
    else:
        parts = read_split(folder, arguments.split)
        result = {
            name: _score(predictor, arguments, name, read_folder(part.folder, part.val))
            for name, part in parts.items()
            if part.val
        }
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1))


def _score(
    predictor: Predictor, arguments: argparse.Namespace, name: str, samples: list[Sample]
) -> dict[str, Any]:
    """Score one set, print the summary, draw its pictures if wanted."""
    with tqdm(total=len(samples), unit="image", disable=not sys.stderr.isatty()) as bar:
        result = evaluate(
            predictor,
            samples,
            arguments.seed,
            arguments.nuclei,
            scale=scale_for(arguments.microns_per_pixel),
            done=lambda _: bar.update(),
        )
    print(f"\n{name}: {len(samples)} images, native resolution, seed {arguments.seed}")
    for metric in ("dice", "iou", "aji", "pq", "ap50"):
        low, high = result[metric]["interval"]
        print(f"  {metric:20} {result[metric]['mean']:.4f}  [{low:.4f}, {high:.4f}]")
    for metric, value in result.get("click", {}).items():
        print(f"  {metric:20} {value:.4f}")
    if arguments.figures:
        arguments.figures.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(arguments.seed)
        for sample in samples:
            picture = cv2.cvtColor(figure(predictor, sample, rng), cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(arguments.figures / f"{sample.name}.png"), picture)
    return result


def run_predict(arguments: argparse.Namespace) -> None:
    predictor = Predictor.load(arguments.checkpoint)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in arguments.images:
        pixels = read_pixels(path)
        scale = scale_for(arguments.microns_per_pixel)
        tiles = predictor.tiles(pixels.shape[1], pixels.shape[0], scale)
        encodings = ((tile, predictor.encode(pixels, tile)) for tile in tiles)
        _, labels = predictor.label(pixels.shape[:2], encodings, scale=scale)
        if labels.max() > 65534:
            raise DataError(f"{path} holds more nuclei than a 16-bit label image can number")
        target = arguments.out / f"{path.stem}.png"
        cv2.imwrite(str(target), labels.astype(np.uint16))
        print(f"{target}: {labels.max()} nuclei")


def run_inspect(arguments: argparse.Namespace) -> None:
    """Print {name, kind, sha256, parameters} of a checkpoint that can be used."""
    if arguments.memory_mb:
        # Not the address space: of that the CUDA libraries take gigabytes and use little.
        resource.setrlimit(resource.RLIMIT_DATA, (arguments.memory_mb << 20,) * 2)
    if arguments.cpu_seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (arguments.cpu_seconds,) * 2)
    path = arguments.file
    try:
        checkpoint = checkpoints.load(path)
        network = checkpoint.network()
    except checkpoints.CheckpointError:
        raise
    except Exception as error:  # a configuration can ask for the impossible in many ways
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise checkpoints.CheckpointError(f"{path.name} cannot be loaded: {reason}") from error
    described = {
        "name": str(checkpoint.metadata.get("name") or path.stem),
        "kind": checkpoint.config.kind,
        "sha256": checkpoint.sha256,
        "parameters": sum(weight.numel() for weight in network.parameters()),
    }
    print(json.dumps(described))


if __name__ == "__main__":
    sys.exit(main())
