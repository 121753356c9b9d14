"""Which images to annotate next, replayed: what each strategy's clicks buy.

A strategy picks fields of a labelled pool; picking one costs the clicks that its nuclei take with
the network as it is by then; the network learns from the starting weights on all that was picked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ml.sppnet import metrics
from ml.sppnet.checkpoints import Checkpoint
from ml.sppnet.click_task import ClickTask
from ml.sppnet.config import TrainConfig
from ml.sppnet.datasets import Mixture, Sample
from ml.sppnet.evaluate import CAP, clicks_to, encode, proposed, try_nuclei
from ml.sppnet.network import ClickNet
from ml.sppnet.predict import Predictor
from ml.sppnet.train import Run
from ml.sppnet.uncertainty import DECAY, NOISE, has_foreground, need_of

STRATEGIES = ("uncertain", "random", "oldest")
TILES_A_FIELD = 3

# (model, remaining fields, round) -> how much each needs to be annotated
Rank = Callable[[Any, Sequence[int], int], Sequence[float]]


@dataclass(frozen=True)
class Point:
    """After so many clicks on so many fields: mean Dice on the held-out images."""

    fields: int
    clicks: float
    dice: float


def replay(
    *,
    fields: int,
    a_round: int,
    rounds: int,
    rank: Rank,
    learn: Callable[[Sequence[int]], Any],
    cost: Callable[[Any, int], float],
    score: Callable[[Any], float],
) -> list[Point]:
    """Dice against clicks, of one strategy; begins with what nothing has been learned from.

    `learn` makes a model of the picked fields (of none: the starting one), `cost` says how many
    clicks a field takes with a model, `score` its Dice.
    """
    picked: list[int] = []
    model, clicks = learn(picked), 0.0
    curve = [Point(0, 0.0, score(model))]
    for number in range(rounds):
        remaining = [index for index in range(fields) if index not in picked]
        need = rank(model, remaining, number)
        order = sorted(range(len(remaining)), key=lambda place: -need[place])
        chosen = [remaining[place] for place in order[:a_round]]
        if not chosen:
            break
        clicks += sum(cost(model, index) for index in chosen)
        picked += chosen
        model = learn(picked)
        curve.append(Point(len(picked), clicks, score(model)))
    return curve


def clicks_to_reach(curve: Sequence[Point], dice: float) -> float | None:
    """Clicks after which the curve first reaches `dice`, by lines between points; None if never."""
    for before, after in zip([curve[0], *curve], curve, strict=False):
        if after.dice >= dice:
            rise = after.dice - before.dice
            share = (dice - before.dice) / rise if rise > 0 else 1.0
            return before.clicks + max(share, 0.0) * (after.clicks - before.clicks)
    return None


def standings(
    reached: Mapping[str, Sequence[float | None]],
) -> list[tuple[str, float | None, int]]:
    """(strategy, mean of its clicks, in how many seeds it got there), the best first: who gets
    there most often, then with the fewest clicks. `reached` has the clicks in each seed."""
    rows: list[tuple[str, float | None, int]] = []
    for strategy, clicks in reached.items():
        known = [each for each in clicks if each is not None]
        rows.append((strategy, float(np.mean(known)) if known else None, len(known)))
    return sorted(rows, key=lambda row: (-row[2], row[1] or 0.0))


def rank_by(strategy: str, fields: Sequence[Sample], seed: int) -> Rank:
    """The ranking of a strategy. Raises ValueError for an unknown one."""
    if strategy not in STRATEGIES:
        raise ValueError(f"{strategy} is none of {', '.join(STRATEGIES)}")

    def rank(model: Predictor, remaining: Sequence[int], number: int) -> list[float]:
        rng = np.random.default_rng([seed, number])
        if strategy == "oldest":
            return [-float(index) for index in remaining]
        need = []
        for index in remaining:
            encoded = encode(model, fields[index]).tiles
            if strategy == "random":
                shows = any(has_foreground(tile["maps"]) for tile in encoded.values())
                need.append(rng.random() + shows)
            else:
                found = need_of(model, fields[index].pixels, encoded, TILES_A_FIELD)
                noise = math.exp(rng.normal(0, NOISE * DECAY**number))
                need.append(float(np.mean([value for _, value in found])) * noise)
        return need

    return rank


def learner(
    start: Checkpoint, fields: Sequence[Sample], steps: int, config: TrainConfig
) -> Callable[[Sequence[int]], Predictor]:
    """Trains for so many steps, always from the weights of `start`."""

    def learn(picked: Sequence[int]) -> Predictor:
        network = start.network()
        assert isinstance(network, ClickNet), "a click checkpoint is what is trained here"
        if not picked:
            return Predictor(network, {}, "")
        mixture = Mixture({"picked": [fields[index] for index in picked]}, {})
        with TemporaryDirectory() as folder:
            task = ClickTask(mixture, config, network.config.window)
            run = Run(network, task, config, Path(folder))
            run.network.train()
            for step in range(steps):
                run.advance([task.batch(step)], step / steps)
        average = run.average
        assert isinstance(average, ClickNet)
        return Predictor(average, {}, "")

    return learn


def cost_of(fields: Sequence[Sample], nuclei: int) -> Callable[[Predictor, int], float]:
    """Clicks to an IoU of .80 for all nuclei of a field, by a sample of up to `nuclei` of them."""

    def cost(model: Predictor, index: int) -> float:
        sample = fields[index]
        rng = np.random.default_rng(index)
        trials = try_nuclei(model, encode(model, sample), nuclei, rng)
        needed = [clicks_to(trial, 80) or CAP for trial in trials]
        return float(np.mean(needed)) * metrics.count(sample.labels) if needed else 0.0

    return cost


def dice_on(samples: Sequence[Sample]) -> Callable[[Predictor], float]:
    """Mean Dice of the proposals over held-out images."""

    def score(model: Predictor) -> float:
        values = []
        for sample in samples:
            labels = proposed(model, encode(model, sample))
            values.append(metrics.dice(labels > 0, sample.labels > 0))
        return float(np.mean(values))

    return score
