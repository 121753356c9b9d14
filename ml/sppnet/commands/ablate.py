"""Measure what the click network's choices are worth, and write the tables."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ml.sppnet.ablation import ARMS, DECODINGS, Arm, Result, decode_by_each, run_arm
from ml.sppnet.benchmark import report
from ml.sppnet.config import ModelConfig, TrainConfig
from ml.sppnet.datasets import read_split
from ml.sppnet.predict import Predictor

SCORES = {
    "dice": "Dice",
    "aji": "AJI",
    "pq": "PQ",
    "iou1": "IoU after 1 click",
    "noc80": "clicks to .80",
}


def add(commands: Any) -> None:
    ablate = commands.add_parser("ablate", help="what the click network's choices are worth")
    ablate.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    ablate.add_argument("--split", type=Path, required=True, help="JSON, as for `train`")
    ablate.add_argument("--out", type=Path, default=Path("runs/ablation"), help="goes on there")
    ablate.add_argument("--minutes", type=float, default=10, help="of training, for each arm")
    ablate.add_argument("--seeds", type=int, nargs="+", default=[0])
    ablate.add_argument("--arms", nargs="*", choices=[arm.key for arm in ARMS], help="only these")
    ablate.add_argument("--checkpoint", type=Path, help="compare decodings on its maps")
    ablate.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into it")
    ablate.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    parts = read_split(arguments.data, arguments.split)
    if arguments.checkpoint:
        predictor = Predictor.load(arguments.checkpoint)
        held_out = {name: part.read_val() for name, part in parts.items() if part.val}
        scores = {name: decode_by_each(predictor, each) for name, each in held_out.items()}
        heads = [f"{name} ({len(each)})" for name, each in held_out.items()]
        _tell(_decodings(heads, list(scores.values())), "decodings", arguments.write)
    results: list[tuple[Arm, Result]] = []
    for arm in ARMS:
        if arguments.arms is not None and arm.key not in arguments.arms:
            continue
        for seed in arguments.seeds:
            result = run_arm(
                arm,
                parts,
                arguments.out,
                arguments.minutes,
                TrainConfig(seed=seed),
                ModelConfig(),
            )
            print(f"{arm.key}, seed {seed}: {result.steps} steps, {result.scores}", flush=True)
            results.append((arm, result))
        _tell(_trained(results), "ablation", arguments.write)


def _tell(text: str, section: str, page: Path | None) -> None:
    print(text, flush=True)
    if page:
        report.write(page, section, text)


def _decodings(sets: list[str], scores: list[dict[str, dict[str, float]]]) -> str:
    names = ("dice", "aji", "pq")
    rows = [
        [way, *(" / ".join(f"{of_set[way][each]:.3f}" for each in names) for of_set in scores)]
        for way in DECODINGS
    ]
    said = " / ".join(SCORES[each] for each in names)
    return report.table(["Nuclei told apart by", *(f"{each}: {said}" for each in sets)], rows)


def _trained(results: Sequence[tuple[Arm, Result]]) -> str:
    minutes = {result.minutes for _, result in results}
    rows = []
    for arm in dict.fromkeys(arm for arm, _ in results):
        mine = [result for other, result in results if other == arm]
        means = [np.mean([each.scores[name] for each in mine]) for name in SCORES]
        steps = round(float(np.mean([each.steps for each in mine])))
        rows.append([arm.title, steps, *(f"{mean:.3f}" for mean in means[:-1]), f"{means[-1]:.1f}"])
    said = " and ".join(f"{each:g}" for each in sorted(minutes))
    seeds = ", ".join(map(str, dict.fromkeys(result.seed for _, result in results)))
    heads = ["Changed", "Steps", *SCORES.values()]
    how = f"{said} minutes each from random weights, on {os.cpu_count()} cores, seed {seeds}."
    return f"{report.table(heads, rows)}\n\n{how}"
