"""Score a checkpoint on annotated images."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from ml.scale import scale_for
from ml.sppnet.commands import words
from ml.sppnet.datasets import Sample, read_folder, read_split
from ml.sppnet.evaluate import evaluate, figure
from ml.sppnet.predict import Predictor


def add(commands: Any) -> None:
    score = commands.add_parser("evaluate", help="score a checkpoint on annotated images")
    score.add_argument("--checkpoint", type=Path, required=True)
    score.add_argument("--data", type=Path, required=True, help=words.DATA)
    score.add_argument("--json", type=Path, help="write all scores here")
    score.add_argument("--split", type=Path, help="score the held-out part of each set, apart")
    score.add_argument("--nuclei", type=int, default=20, help="clicked nuclei an image; 0: none")
    score.add_argument("--seed", type=int, default=0)
    score.add_argument("--device", default="cpu")
    score.add_argument("--microns-per-pixel", type=float, help=words.SCALE)
    score.add_argument("--figures", type=Path, help="write side-by-side pictures into this folder")
    score.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
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
