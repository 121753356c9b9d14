"""Replay annotators who choose what to annotate next by different strategies."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ml.sppnet import checkpoints
from ml.sppnet.benchmark.report import table
from ml.sppnet.choosing import (
    STRATEGIES,
    clicks_to_reach,
    cost_of,
    dice_on,
    learner,
    rank_by,
    replay,
    standings,
)
from ml.sppnet.commands import words
from ml.sppnet.config import TrainConfig
from ml.sppnet.datasets import DataError, names_in, read_sample
from ml.sppnet.fields import field_of

LEVEL = 0.95
# A checkpoint that knows much may be at the first of these before anything is annotated.
GOALS = (f"{LEVEL:.0%} of the full Dice", f"{LEVEL:.0%} of the rise")


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "choose", help="what strategies of choosing the next image cost in clicks"
    )
    parser.add_argument("--data", type=Path, required=True, help=words.DATA)
    parser.add_argument("--init", type=Path, required=True, help="checkpoint to start from")
    parser.add_argument("--field", type=int, default=224, help="side of the fields, in pixels")
    parser.add_argument("--pool", type=int, default=12, help="fields to choose from")
    parser.add_argument("--held-out", type=int, default=6, help="fields of other images")
    parser.add_argument("--a-round", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--steps", type=int, default=40, help="of training a round")
    parser.add_argument("--nuclei", type=int, default=6, help="clicked to tell a field's cost")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--json", type=Path, help="write all curves here")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    start = checkpoints.load(arguments.init)
    curves: dict[str, list[Any]] = {}
    reached: dict[str, dict[str, list[float | None]]] = {
        goal: {strategy: [] for strategy in STRATEGIES} for goal in GOALS
    }
    for seed in arguments.seeds:
        rng = np.random.default_rng(seed)
        names = [str(name) for name in rng.permutation(names_in(arguments.data))]
        needed = arguments.pool + arguments.held_out
        if len(names) < needed:
            raise DataError(f"{arguments.data} has {len(names)} images; {needed} are needed")
        fields = [
            field_of(read_sample(arguments.data, name), arguments.field, rng)
            for name in names[:needed]
        ]
        held_out, pool = fields[: arguments.held_out], fields[arguments.held_out :]
        learn = learner(start, pool, arguments.steps, TrainConfig(seed=seed))
        score = dice_on(held_out)
        begin, full = score(learn([])), score(learn(range(len(pool))))
        goals = dict(zip(GOALS, (LEVEL * full, begin + LEVEL * (full - begin)), strict=True))
        print(f"seed {seed}: Dice {begin:.4f}, of all {len(pool)} fields {full:.4f}", flush=True)
        if full <= begin:
            print("  annotating gains nothing here, so no strategy can be better", flush=True)
            continue
        for strategy in STRATEGIES:
            curve = replay(
                fields=len(pool),
                a_round=arguments.a_round,
                rounds=arguments.rounds,
                rank=rank_by(strategy, pool, seed),
                learn=learn,
                cost=cost_of(pool, arguments.nuclei),
                score=score,
            )
            path = ", ".join(f"{point.clicks:.0f}: {point.dice:.4f}" for point in curve)
            print(f"  {strategy:10} {path}", flush=True)
            for goal, dice in goals.items():
                clicks = clicks_to_reach(curve, dice)
                reached[goal][strategy].append(clicks)
                told = "never" if clicks is None else f"after {clicks:.0f} clicks"
                print(f"    {goal} ({dice:.4f}): {told}", flush=True)
            curves[f"{seed} {strategy}"] = [asdict(point) for point in curve]
    for goal in GOALS:
        print(f"\n{_summary(goal, reached[goal])}")
    if arguments.json:
        arguments.json.write_text(json.dumps(curves, indent=1))


def _summary(goal: str, reached: dict[str, list[float | None]]) -> str:
    """A table over all seeds, and who wins."""
    rows = standings(reached)
    seeds = len(next(iter(reached.values())))
    lines = table(
        ["Strategy", f"Mean clicks to {goal}", "Reached in seeds"],
        [
            [strategy, "never" if clicks is None else f"{clicks:.0f}", f"{times} of {seeds}"]
            for strategy, clicks, times in rows
        ],
    )
    best, clicks, _ = rows[0]
    if clicks is None:
        told = "No strategy gets there."
    elif any(row[1:] == rows[0][1:] for row in rows[1:]):
        told = "None is better than all others."
    else:
        told = f"Best: {best}."
    return f"{lines}\n\n{told}"
