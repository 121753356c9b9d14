"""python -m ml.sppnet train | evaluate | predict — the network without the web application."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from tqdm import tqdm

from ml.sppnet import checkpoints
from ml.sppnet.config import ModelConfig, TrainConfig
from ml.sppnet.datasets import DataError, Mixture, Sample, names_in, read_folder, read_split
from ml.sppnet.evaluate import evaluate, figure
from ml.sppnet.network import build
from ml.sppnet.predict import Predictor
from ml.sppnet.train import Run, TrainingError

PERMISSIVE = Path(__file__).parent / "splits" / "permissive.json"


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
    train.add_argument(
        "--data",
        action="append",
        required=True,
        metavar="DIR[=WEIGHT]",
        help="folder with images/ and labels/; may be given several times",
    )
    train.add_argument("--split", type=Path, help="JSON: {folder name: {train: [], val: []}}")
    train.add_argument("--init", type=Path, help="checkpoint to start from (default: random)")
    train.add_argument("--out", type=Path, required=True, help="folder of the run")
    train.add_argument("--minutes", type=float, default=60, help="training time in all")
    train.add_argument("--score-minutes", type=float, default=20, help="between validations")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--learning-rate", type=float, default=TrainConfig.learning_rate)
    train.set_defaults(run=run_train)

    score = commands.add_parser("evaluate", help="score a checkpoint on annotated images")
    score.add_argument("--checkpoint", type=Path, required=True)
    score.add_argument("--data", type=Path, required=True, help="folder with images/, labels/")
    score.add_argument("--json", type=Path, help="write all scores here")
    score.add_argument("--split", type=Path, help="score only the `val` names of this split")
    score.add_argument("--nuclei", type=int, default=20, help="clicked nuclei an image; 0: none")
    score.add_argument("--seed", type=int, default=0)
    score.add_argument("--device", default="cpu")
    score.add_argument("--figures", type=Path, help="write side-by-side pictures into this folder")
    score.set_defaults(run=run_evaluate)

    predict = commands.add_parser("predict", help="label the nuclei of images, without clicks")
    predict.add_argument("--checkpoint", type=Path, required=True)
    predict.add_argument("--out", type=Path, required=True, help="folder for 16-bit label PNGs")
    predict.add_argument("images", type=Path, nargs="+")
    predict.set_defaults(run=run_predict)
    return parser


def run_train(arguments: argparse.Namespace) -> None:
    split = read_split(arguments.split) if arguments.split else {}
    sets: dict[str, list[Sample]] = {}
    weights: dict[str, float] = {}
    held_out: list[Sample] = []
    for given in arguments.data:
        path, _, weight = given.partition("=")
        folder = Path(path)
        train_names, val_names = _split_of(folder, split)
        sets[folder.name] = read_folder(folder, train_names)
        weights[folder.name] = float(weight or 1)
        held_out += read_folder(folder, val_names)
        print(f"{folder.name}: {len(train_names)} images to train, {len(val_names)} held out")
    torch.manual_seed(arguments.seed)
    start = arguments.init
    network = checkpoints.load(start).network() if start else build(ModelConfig())
    network = network.to("cuda" if torch.cuda.is_available() else "cpu")
    network = network.to(memory_format=torch.channels_last)
    config = TrainConfig(seed=arguments.seed, learning_rate=arguments.learning_rate)
    run = Run(network, Mixture(sets, weights), config, arguments.out)
    print(f"training for {arguments.minutes} min from step {run.progress.step}: {arguments.out}")
    run.train(
        arguments.minutes,
        (lambda average: validate(average, held_out)) if held_out else None,
        arguments.score_minutes,
    )
    print(f"best: {run.progress.best:.4f}, in {arguments.out / 'best.safetensors'}")


def _split_of(folder: Path, split: dict) -> tuple[list[str], list[str]]:
    if folder.name in split:
        return split[folder.name]["train"], split[folder.name]["val"]
    names = names_in(folder)
    return names, []


def validate(network: torch.nn.Module, samples: list[Sample], most: int = 24) -> dict[str, float]:
    """Quick scores on a fixed part of the held-out images; ``score`` is what is maximised."""
    chosen = [
        samples[i] for i in np.linspace(0, len(samples) - 1, min(most, len(samples))).astype(int)
    ]
    result = evaluate(Predictor(network, {}, ""), chosen, nuclei_per_image=4)
    summary = {name: result[name]["mean"] for name in ("dice", "aji", "pq")}
    summary["iou1"] = result["click"]["iou1_mean"]
    summary["noc80"] = result["click"]["noc80"]
    summary["score"] = summary["aji"] + summary["pq"] + summary["iou1"]
    return {name: round(value, 4) for name, value in summary.items()}


def run_evaluate(arguments: argparse.Namespace) -> None:
    predictor = Predictor.load(arguments.checkpoint, arguments.device)
    split = read_split(arguments.split) if arguments.split else {}
    folder = arguments.data
    names = split[folder.name]["val"] if folder.name in split else names_in(folder)
    samples = read_folder(folder, names)
    with tqdm(total=len(samples), unit="image", disable=not sys.stderr.isatty()) as bar:
        result = evaluate(
            predictor, samples, arguments.seed, arguments.nuclei, done=lambda _: bar.update()
        )
    for name in ("dice", "iou", "aji", "pq", "ap50"):
        low, high = result[name]["interval"]
        print(f"{name:22} {result[name]['mean']:.4f}  [{low:.4f}, {high:.4f}]")
    for name, value in result.get("click", {}).items():
        print(f"{name:22} {value:.4f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1))
    if arguments.figures:
        arguments.figures.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(arguments.seed)
        for sample in samples:
            picture = cv2.cvtColor(figure(predictor, sample, rng), cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(arguments.figures / f"{sample.name}.png"), picture)


def run_predict(arguments: argparse.Namespace) -> None:
    predictor = Predictor.load(arguments.checkpoint)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in arguments.images:
        pixels = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        if pixels is None:
            raise DataError(f"{path} is not a readable image")
        tiles = predictor.tiles(pixels.shape[1], pixels.shape[0])
        encodings = ((tile, predictor.encode(pixels, tile)) for tile in tiles)
        _, labels = predictor.label(pixels.shape[:2], encodings)
        if labels.max() > 65534:
            raise DataError(f"{path} holds more nuclei than a 16-bit label image can number")
        target = arguments.out / f"{path.stem}.png"
        cv2.imwrite(str(target), labels.astype(np.uint16))
        print(f"{target}: {labels.max()} nuclei")


if __name__ == "__main__":
    sys.exit(main())
