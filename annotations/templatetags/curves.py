"""Curves of a training as SVG, over its minutes. The last value stands beside each."""

from collections.abc import Sequence
from typing import Any

from django import template

from annotations import charts

register = template.Library()

WIDTH, HEIGHT = 320, 110


@register.inclusion_tag("annotations/charts/curve.html")
def curve(title: str, points: Sequence[tuple[float, float]], top: float = 0.0) -> dict[str, Any]:
    """A line through (minutes, value); from 0 to `top`, or to a round number above all values."""
    values = [value for _, value in points]
    top = top or charts.nice_ceiling(max(values, default=1.0))
    first, last = (points[0][0], points[-1][0]) if points else (0.0, 0.0)
    span = (last - first) or 1.0
    return {
        "title": title,
        "width": WIDTH,
        "height": HEIGHT,
        "ticks": charts.ticks(top, HEIGHT),
        "path": " ".join(
            f"{WIDTH * (minute - first) / span:.1f},{HEIGHT * (1 - min(value, top) / top):.1f}"
            for minute, value in points
        ),
        "latest": values[-1] if values else None,
        "first": first,
        "last": last,
    }


@register.filter
def curve_of(log: Any, name: str) -> list[tuple[float, float]]:
    """(minutes, value) of a number that a training tells as it goes."""
    points: list[tuple[float, float]] = log.curve(name)
    return points


@register.filter
def scores_in(log: Any, name: str) -> list[tuple[float, float]]:
    """(minutes, value) of a score on held-out images."""
    points: list[tuple[float, float]] = log.scores(name)
    return points
