"""Find the fastest engines that agree with torch, and keep what was found."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import torch

from ml.sppnet.datasets import IMAGE_SUFFIXES, DataError, read_pixels
from ml.sppnet.predict import Predictor


def add(commands: Any) -> None:
    engines = commands.add_parser("engines", help="choose the fastest that agree with torch")
    engines.add_argument("--checkpoint", type=Path, required=True)
    engines.add_argument(
        "--images", type=Path, required=True, help="folder of images to compare on"
    )
    engines.add_argument("--folder", type=Path, required=True, help="for graphs and the record")
    engines.add_argument("--decoder", type=Path, help="where the decoder's ONNX is, or is to be")
    engines.add_argument("--threads", type=int, default=os.cpu_count())
    engines.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    # The engines' libraries take seconds to load, which no other command needs.
    from ml.sppnet.engines.choice import choose, save
    from ml.sppnet.engines.graphs import Graphs

    device = "cuda" if torch.cuda.is_available() else "cpu"
    predictor = Predictor.load(arguments.checkpoint, device)
    paths = sorted(p for p in arguments.images.glob("*") if p.suffix in IMAGE_SUFFIXES)
    if not paths:
        raise DataError(f"{arguments.images} holds no images to compare engines on")
    images = [read_pixels(path) for path in paths]
    graphs = Graphs(predictor.network, arguments.folder, arguments.decoder)
    choice = choose(predictor, graphs, images, arguments.threads)
    for what, chosen, trials in (
        ("encoder", choice.encoder, choice.encoders),
        ("decoder", choice.decoder, choice.decoders),
    ):
        print(what)
        for trial in trials:
            print(f"  {'→' if trial.engine == chosen else ' '} {_line(trial)}")
    print(save(choice, arguments.folder))


def _line(trial: Any) -> str:
    if trial.milliseconds is None:
        return f"{trial.engine:<14} refused: {trial.refused}"
    line = f"{trial.engine:<14} {trial.milliseconds:7.1f} ms   IoU of masks {trial.masks:.4f}"
    return line if trial.maps is None else f"{line}, of maps {trial.maps:.4f}"
