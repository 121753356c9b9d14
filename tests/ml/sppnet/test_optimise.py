"""The learning rate over a run."""

import pytest

from ml.sppnet.config import TrainConfig
from ml.sppnet.optimise import LAST_RATE, rate

RECIPE = TrainConfig(learning_rate=1.0, warmup_steps=100)


def test_a_long_run_warms_up_by_steps_and_ends_low() -> None:
    rates = [rate(RECIPE, step, step / 10_000) for step in (0, 49, 99)]
    assert rates == pytest.approx([0.01, 0.5, 1.0], rel=0.01)
    assert rate(RECIPE, 9_999, 1.0) == pytest.approx(LAST_RATE)


def test_a_run_of_few_steps_still_reaches_its_peak() -> None:
    rates = [rate(RECIPE, step, step / 50) for step in range(50)]
    assert max(rates) > 0.95
    assert rates.index(max(rates)) == 5
