"""Where the marks of a chart go: numbers in, coordinates out. Templates turn them into SVG.

All in units of the chart's viewBox: x right, y down, the first number at the left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

TICKS = 4


@dataclass(frozen=True)
class Tick:
    """A line across the chart, and the number that it stands for."""

    y: float
    value: float


@dataclass(frozen=True)
class Rectangle:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Point:
    x: float
    y: float


def nice_ceiling(value: float) -> float:
    """The least of 1, 2 or 5 times a power of ten times TICKS that is no less than `value`."""
    if value <= 0:
        return float(TICKS)
    power = 10.0 ** floor(log10(value / TICKS))
    steps = (power * step for step in (1, 2, 5, 10))
    return TICKS * next(step for step in steps if step * TICKS >= value * (1 - 1e-9))


def ticks(top: float, height: float) -> list[Tick]:
    """From nothing at the bottom to `top` at the upper edge."""
    return [Tick(height - height * n / TICKS, top * n / TICKS) for n in range(TICKS + 1)]


def columns(
    values: Sequence[float], top: float, width: float, height: float, gap: float = 0.25
) -> list[Rectangle]:
    """Upright bars side by side; `gap` is the share of each one's place that stays empty."""
    place = width / max(len(values), 1)
    return [
        Rectangle(
            place * (number + gap / 2),
            height - height * value / top,
            place * (1 - gap),
            height * value / top,
        )
        for number, value in enumerate(values)
    ]


def pieces(values: Sequence[float], width: float, height: float) -> list[Rectangle]:
    """One lying bar as wide as the chart, cut in proportion."""
    total = sum(values)
    cut, x = [], 0.0
    for value in values:
        piece = width * value / total if total else 0.0
        cut.append(Rectangle(x, 0, piece, height))
        x += piece
    return cut


def line(values: Sequence[float], top: float, width: float, height: float) -> list[Point]:
    """Points at even distances, from edge to edge."""
    step = width / max(len(values) - 1, 1)
    return [
        Point(step * number, height - height * value / top) for number, value in enumerate(values)
    ]
