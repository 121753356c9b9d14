"""Label the nuclei of images, without clicks."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ml.sppnet.commands.scale_options import add_scale, scale_of
from ml.sppnet.datasets import DataError, read_pixels
from ml.sppnet.predict import Predictor


def add(commands: Any) -> None:
    predict = commands.add_parser("predict", help="label the nuclei of images, without clicks")
    predict.add_argument("--checkpoint", type=Path, required=True)
    predict.add_argument("--out", type=Path, required=True, help="folder for 16-bit label PNGs")
    add_scale(predict)
    predict.add_argument("images", type=Path, nargs="+")
    predict.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    predictor = Predictor.load(arguments.checkpoint)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in arguments.images:
        pixels = read_pixels(path)
        tiles, scale = predictor.encode_whole(pixels, scale_of(arguments))
        _, labels = predictor.label(pixels.shape[:2], tiles.items(), scale=scale)
        if labels.max() > 65534:
            raise DataError(f"{path} holds more nuclei than a 16-bit label image can number")
        target = arguments.out / f"{path.stem}.png"
        cv2.imwrite(str(target), labels.astype(np.uint16))
        print(f"{target}: {labels.max()} nuclei")
