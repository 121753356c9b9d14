"""Measure what the click network's choices are worth, and write the tables."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ml.sppnet.ablation import ARMS, BASE, DECODINGS, Result, decode_by_each, run_arm
from ml.sppnet.benchmark import report
from ml.sppnet.config import ModelConfig
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
    results: list[Result] = []
    for arm in ARMS:
        if arguments.arms is not None and arm.key not in arguments.arms:
            continue
        for seed in arguments.seeds:
            result = run_arm(
                arm,
                parts,
                arguments.out,
                arguments.minutes,
                replace(BASE, seed=seed),
                ModelConfig(),
            )
            print(f"{arm.key}, seed {seed}: {result.steps} steps, {result.scores}", flush=True)
            results.append(result)
        _tell(table_of(results), "ablation", arguments.write)


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


def table_of(results: Sequence[Result]) -> str:
    """A row for each arm, the mean over its seeds, and how long it was trained."""
    minutes = {result.minutes for result in results}
    titles = {arm.key: arm.title for arm in ARMS}
    rows = []
    for key in dict.fromkeys(result.key for result in results):
        mine = [result for result in results if result.key == key]
        *shares, clicks = (np.mean([each.scores[name] for each in mine]) for name in SCORES)
        steps = round(float(np.mean([each.steps for each in mine])))
        rows.append([titles[key], steps, *(f"{share:.3f}" for share in shares), f"{clicks:.1f}"])
    said = " and ".join(f"{each:g}" for each in sorted(minutes))
    seeds = list(dict.fromkeys(result.seed for result in results))
    seeds_said = f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"
    heads = ["Changed", "Steps", *SCORES.values()]
    how = f"{said} minutes each from random weights, on {os.cpu_count()} cores, {seeds_said}."
    return f"{report.table(heads, rows)}\n\n{how}"
