"""Charts: marks are where their numbers say, and inside."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from annotations import charts

NUMBERS = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)


@given(st.floats(1e-3, 1e9))
def test_a_ceiling_is_a_round_number_just_above(value: float) -> None:
    top = charts.nice_ceiling(value)
    assert value <= top * (1 + 1e-9)
    assert top <= value * 4
    step = f"{top / charts.TICKS:e}"
    assert step.startswith(("1.000000e", "2.000000e", "5.000000e"))


@given(NUMBERS)
def test_columns_are_as_high_as_their_numbers(values: list[int]) -> None:
    top = charts.nice_ceiling(max(values))
    bars = charts.columns(values, top, 300, 100)
    for value, bar in zip(values, bars, strict=True):
        assert abs(bar.height - 100 * value / top) < 1e-9
        assert abs(bar.y + bar.height - 100) < 1e-9
    assert all(a.x + a.width <= b.x + 1e-9 for a, b in pairwise(bars))
    assert bars[-1].x + bars[-1].width <= 300


@given(NUMBERS)
def test_pieces_fill_the_bar(values: list[int]) -> None:
    cut = charts.pieces(values, 300, 10)
    assert abs(sum(piece.width for piece in cut) - (300 if sum(values) else 0)) < 1e-6


def test_a_line_goes_from_edge_to_edge() -> None:
    points = charts.line([0.0, 0.5, 1.0], 1.0, 300, 100)
    assert points == [charts.Point(0, 100), charts.Point(150, 50), charts.Point(300, 0)]
