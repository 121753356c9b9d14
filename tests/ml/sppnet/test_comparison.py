"""Paired by image, a gain is told apart from chance; what one of both lacks is left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.gate import verdict
from ml.sppnet.comparison import compare, summarise


def scores(**values: list[float]) -> dict[str, dict[str, float]]:
    rows = zip(*values.values(), strict=True)
    return {str(n): dict(zip(values, row, strict=True)) for n, row in enumerate(rows)}


def test_a_small_but_steady_gain_is_seen_through_the_spread_of_images() -> None:
    old = np.random.default_rng(0).uniform(0.2, 0.9, 20)
    steady = compare(scores(aji=list(old + 0.02)), scores(aji=list(old)))["aji"]
    assert steady["gain"] == pytest.approx(0.02)
    assert steady["interval"][0] > 0.019
    shuffled = compare(scores(aji=list(old[::-1] + 0.02)), scores(aji=list(old)))["aji"]
    assert shuffled["interval"][0] < 0 < shuffled["interval"][1]


def test_fewer_clicks_are_a_gain() -> None:
    result = compare(scores(noc80=[2.0, 3.0]), scores(noc80=[4.0, 6.0]))["noc80"]
    assert (result["candidate"], result["rival"], result["gain"]) == (2.5, 5.0, 2.5)


def test_only_images_of_both_are_compared() -> None:
    new = {"a": {"dice": 0.5, "iou1": 0.5}, "b": {"dice": 0.9}}
    old = {"a": {"dice": 0.25}, "c": {"dice": 0.9}}
    result = compare(new, old)
    assert set(result) == {"dice"}
    assert (result["dice"]["gain"], result["dice"]["images"]) == (0.25, 1)
    assert compare({}, old) == {}
    assert summarise({}) == {}


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_a_gain_turns_round_with_its_sides(seed: int, images: int) -> None:
    pairs = np.random.default_rng(seed).random((2, images))
    new, old = (scores(pq=list(side)) for side in pairs)
    there, back = compare(new, old)["pq"], compare(old, new)["pq"]
    assert there["gain"] == pytest.approx(-back["gain"])
    low, high = there["interval"]
    assert [low, high] == pytest.approx([-back["interval"][1], -back["interval"][0]])
    assert low - 1e-9 <= there["gain"] + (high - low)
    mean = summarise(new)["pq"]
    assert mean["interval"][0] - 1e-9 <= mean["mean"] <= mean["interval"][1] + 1e-9


def row(gain: float, low: float | None = None) -> dict[str, object]:
    return {"gain": gain, "interval": [gain - 0.1 if low is None else low, gain + 0.1]}


@pytest.mark.parametrize(
    ("comparison", "gate", "passed", "reason"),
    [
        ({"aji": row(0.05, 0.01), "pq": row(0.0)}, "better", True, "aji is better by 0.050"),
        ({"aji": row(0.05, 0.01), "pq": row(-0.02)}, "better", False, "pq is worse by 0.020"),
        ({"aji": row(0.05)}, "better", False, "not surely better"),
        ({"aji": row(0.0)}, "not_worse", True, "not worse"),
        ({"aji": row(-0.004)}, "not_worse", True, "not worse"),
        ({"noc80": row(-0.09)}, "not_worse", True, "not worse"),
        ({"noc80": row(-0.11)}, "not_worse", False, "noc80 is worse by 0.110"),
        ({"aji": row(-0.5)}, "none", True, "Nothing is asked"),
        ({}, "better", False, "no held-out images"),
        ({}, "none", True, "Nothing is asked"),
    ],
)
def test_the_gate_lets_through_what_it_says(
    comparison: dict, gate: str, passed: bool, reason: str
) -> None:
    result = verdict(comparison, gate, 0.005)
    assert result.passed is passed
    assert reason in "; ".join(result.reasons)
