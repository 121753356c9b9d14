"""A strategy is worth the clicks that it saves on the way to what all the data would give."""

from collections.abc import Sequence
from typing import Any

import pytest

from ml.sppnet.checkpoints import Checkpoint
from ml.sppnet.choosing import (
    STRATEGIES,
    Point,
    clicks_to_reach,
    cost_of,
    dice_on,
    learner,
    rank_by,
    replay,
    standings,
)
from ml.sppnet.commands.choose import _summary
from ml.sppnet.config import TrainConfig
from ml.sppnet.network import ClickNet
from tests.ml.sppnet.conftest import SMALL, disks

VALUE = [0.0, 0.3, 0.1, 0.2]


def curve_of(rank: Any, **options: Any) -> list[Point]:
    """A pool of four fields, each worth its VALUE of Dice and ten clicks."""
    return replay(
        fields=4,
        a_round=1,
        rank=rank,
        learn=lambda picked: sum(VALUE[index] for index in picked),
        cost=lambda model, index: 10.0,
        score=lambda model: 0.4 + model,
        **options,
    )


def best_first(model: Any, remaining: Sequence[int], number: int) -> list[float]:
    return [VALUE[index] for index in remaining]


def test_who_chooses_well_needs_fewer_clicks() -> None:
    well = curve_of(best_first, rounds=4)
    assert [point.dice for point in well] == pytest.approx([0.4, 0.7, 0.9, 1.0, 1.0])
    listed = curve_of(rank_by("oldest", [], 0), rounds=4)
    assert [point.dice for point in listed] == pytest.approx([0.4, 0.4, 0.7, 0.8, 1.0])
    assert clicks_to_reach(well, 0.8) == pytest.approx(15)
    assert clicks_to_reach(listed, 0.8) == pytest.approx(30)
    assert clicks_to_reach(well, 0.4) == 0
    assert clicks_to_reach(well, 1.1) is None


def test_who_gets_there_in_more_seeds_and_then_with_fewer_clicks_is_best() -> None:
    reached = {
        "rarely": [1.0, None],
        "slow": [40.0, 60.0],
        "quick": [30.0, 50.0],
        "lost": [None] * 2,
    }
    assert standings(reached) == [
        ("quick", 40.0, 2),
        ("slow", 50.0, 2),
        ("rarely", 1.0, 1),
        ("lost", None, 0),
    ]
    assert _summary("95 %", reached).splitlines()[2:4] == [
        "| quick | 40 | 2 of 2 |",
        "| slow | 50 | 2 of 2 |",
    ]
    assert _summary("95 %", reached).endswith("Best: quick.")
    assert _summary("95 %", {"lost": [None]}).endswith("No strategy gets there.")
    alike = {"one": [0.0], "other": [0.0]}
    assert _summary("95 %", alike).endswith("None is better than all others.")


def test_a_pool_that_is_used_up_ends_the_rounds() -> None:
    assert len(curve_of(best_first, rounds=9)) == 5


def test_an_unknown_strategy_is_named() -> None:
    with pytest.raises(ValueError, match="guess is none of uncertain"):
        rank_by("guess", [], 0)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_works_with_the_network(network: ClickNet, strategy: str) -> None:
    pool = [disks(seed=seed, count=3) for seed in range(2)]
    start = Checkpoint(SMALL, network.state_dict(), {}, "")
    config = TrainConfig(crop=64, crops_per_step=1, clicks_per_crop=1)
    curve = replay(
        fields=2,
        a_round=1,
        rounds=1,
        rank=rank_by(strategy, pool, 0),
        learn=learner(start, pool, 1, config),
        cost=cost_of(pool, 1),
        score=dice_on(pool[:1]),
    )
    assert [point.fields for point in curve] == [0, 1]
    assert 3 <= curve[1].clicks <= 60
    assert all(0 <= point.dice <= 1 for point in curve)
