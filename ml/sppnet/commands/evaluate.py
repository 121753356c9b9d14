"""Score a checkpoint on annotated images."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from ml.sppnet import checkpoints
from ml.sppnet.checkpoints import Checkpoint
from ml.sppnet.commands import words
from ml.sppnet.commands.scale_options import add_scale, scale_of
from ml.sppnet.datasets import DataError, Sample, read_folder, read_split
from ml.sppnet.evaluate import evaluate, figure
from ml.sppnet.image_scores import score_images
from ml.sppnet.network import PaperNet, WholeImageNet
from ml.sppnet.predict import Predictor
from ml.sppnet.split import read_image_split
from ml.sppnet.stability import stability


def add(commands: Any) -> None:
    score = commands.add_parser("evaluate", help="score a checkpoint on annotated images")
    score.add_argument("--checkpoint", type=Path, required=True)
    score.add_argument("--data", type=Path, required=True, help=words.DATA)
    score.add_argument("--json", type=Path, help="write all scores here")
    score.add_argument("--split", type=Path, help="score the held-out part of each set, apart")
    score.add_argument("--nuclei", type=int, default=20, help="clicked nuclei an image; 0: none")
    score.add_argument("--seed", type=int, default=0)
    score.add_argument("--device", default="cpu")
    add_scale(score)
    score.add_argument("--figures", type=Path, help="write side-by-side pictures into this folder")
    score.add_argument("--stability", type=int, metavar="N", help="also N times, random clicks")
    score.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    checkpoint = checkpoints.load(arguments.checkpoint)
    if checkpoint.config.kind == "click":
        result = _evaluate_clicks(arguments)
    else:
        result = _evaluate_images(arguments, checkpoint)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1))


def _evaluate_images(arguments: argparse.Namespace, checkpoint: Checkpoint) -> dict[str, Any]:
    """Of a network that answers with all nuclei; with --split, its test images."""
    network = checkpoint.network().to(arguments.device)
    assert isinstance(network, WholeImageNet)
    names = read_image_split(arguments.split).test if arguments.split else None
    samples = read_folder(arguments.data, names)
    with _bar(len(samples)) as bar:
        result = score_images(
            network,
            samples,
            arguments.seed,
            sha256=checkpoint.sha256,
            done=lambda _: bar.update(),
        )
    print(f"\n{arguments.data.name}: {len(samples)} images, seed {arguments.seed}")
    _print_scores(result)
    for metric in ("dice", "iou"):
        print(f"  {metric + ' at 256':20} {result['at_256'][metric]['mean']:.4f}")
    if arguments.stability:
        if not isinstance(network, PaperNet):
            raise DataError("--stability: a network that takes no clicks cannot depend on them")
        with _bar(len(samples)) as bar:
            found = stability(
                network,
                samples,
                arguments.stability,
                seed=arguments.seed,
                done=lambda _: bar.update(),
            )
        result["stability"] = found
        print(f"  {'stability, range':20} {found['range']:.6f}")
    return result


def _bar(images: int) -> tqdm:
    return tqdm(total=images, unit="image", disable=not sys.stderr.isatty())


def _print_scores(result: dict[str, Any]) -> None:
    for metric in ("dice", "iou", "aji", "pq", "ap50"):
        low, high = result[metric]["interval"]
        print(f"  {metric:20} {result[metric]['mean']:.4f}  [{low:.4f}, {high:.4f}]")


def _evaluate_clicks(arguments: argparse.Namespace) -> dict[str, Any]:
    predictor = Predictor.load(arguments.checkpoint, arguments.device)
    folder = arguments.data
    if not arguments.split:
        return _score(predictor, arguments, folder.name, read_folder(folder))
    parts = read_split(folder, arguments.split)
    return {
        name: _score(predictor, arguments, name, part.read_val())
        for name, part in parts.items()
        if part.val
    }


def _score(
    predictor: Predictor, arguments: argparse.Namespace, name: str, samples: list[Sample]
) -> dict[str, Any]:
    """Score one set, print the summary, draw its pictures if wanted."""
    if arguments.scale or arguments.microns_per_pixel:
        # What the command line says of the images counts more than what a split says.
        samples = [replace(sample, scale=scale_of(arguments)) for sample in samples]
    with _bar(len(samples)) as bar:
        result = evaluate(
            predictor,
            samples,
            arguments.seed,
            arguments.nuclei,
            done=lambda _: bar.update(),
        )
    print(f"\n{name}: {len(samples)} images, native resolution, seed {arguments.seed}")
    _print_scores(result)
    for metric, value in result.get("click", {}).items():
        print(f"  {metric:20} {value:.4f}")
    if arguments.figures:
        arguments.figures.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(arguments.seed)
        for sample in samples:
            picture = cv2.cvtColor(figure(predictor, sample, rng), cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(arguments.figures / f"{sample.name}.png"), picture)
    return result
