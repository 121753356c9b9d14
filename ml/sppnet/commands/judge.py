"""Score a checkpoint image by image, for a comparison with another one."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2

from ml.sppnet.datasets import read_sample
from ml.sppnet.judging import judge
from ml.sppnet.predict import Predictor
from ml.sppnet.whole_files import written_whole


def add(commands: Any) -> None:
    parser = commands.add_parser("judge", help="score a checkpoint image by image, with pictures")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder with images/ and labels/")
    parser.add_argument(
        "--names", type=Path, required=True, help='JSON: {"names": [...], "scales": {name: scale}}'
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for scores.json, pictures")
    parser.add_argument("--nuclei", type=int, default=10, help="clicked nuclei an image")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    predictor = Predictor.load(arguments.checkpoint)
    arguments.out.mkdir(parents=True, exist_ok=True)
    scores = {}
    wanted = json.loads(arguments.names.read_text())
    scales = wanted.get("scales", {})
    for name in wanted["names"]:
        sample = read_sample(arguments.data, name, scales.get(name, 1.0))
        scores[name], picture = judge(predictor, sample, arguments.nuclei)
        target = str(arguments.out / f"{name}.webp")
        cv2.imwrite(target, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        print(name, {key: round(value, 4) for key, value in scores[name].items()}, flush=True)
    # Last, and at once: a folder with scores in it is whole.
    with written_whole(arguments.out / "scores.json") as partial:
        partial.write_text(json.dumps(scores))
