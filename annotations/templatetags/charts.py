"""Charts as SVG. A table beside each has its numbers, so the picture has a name only."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.translation import gettext

from annotations import charts

register = template.Library()

WIDTH, HEIGHT = 640, 140


@register.inclusion_tag("annotations/charts/columns.html")
def column_chart(title: str, days: Sequence[date], values: Sequence[float]) -> dict[str, Any]:
    """Upright bars, one a day; the first, the middle and the last day are written below."""
    days = list(days)
    top = charts.nice_ceiling(max(values, default=0))
    return {
        "title": title,
        "width": WIDTH,
        "height": HEIGHT,
        "ticks": charts.ticks(top, HEIGHT),
        "bars": list(zip(days, values, charts.columns(values, top, WIDTH, HEIGHT), strict=True)),
        "labels": _edges(days),
    }


@register.inclusion_tag("annotations/charts/pieces.html")
def piece_chart(title: str, parts: Sequence[tuple[str, str, int]]) -> dict[str, Any]:
    """One bar cut into `parts`: (name, CSS class, number)."""
    cut = charts.pieces([number for _, _, number in parts], WIDTH, 20)
    marks = zip(parts, cut, strict=True)
    pieces = [(*part, piece) for part, piece in marks if piece.width]
    return {"title": title, "width": WIDTH, "pieces": pieces}


@register.simple_tag
def bar_length(value: float, most: float, width: float) -> float:
    """How long a lying bar is, if that of `most` is as long as `width`."""
    return round(width * value / most, 2) if most else 0.0


@register.inclusion_tag("annotations/charts/spark.html")
def spark_line(name: str, scores: Sequence[tuple[datetime, float]]) -> dict[str, Any]:
    """A small line through scores from 0 to 1, one after the other."""
    points = charts.line([score for _, score in scores], 1.0, 120, 24)
    return {
        "title": gettext("PQ of %(name)s over time") % {"name": name},
        "path": " ".join(f"{point.x:.1f},{point.y:.1f}" for point in points),
        "marks": [(at, score, point) for (at, score), point in zip(scores, points, strict=True)],
    }


def _edges(days: Sequence[date]) -> list[dict[str, Any]]:
    """The first, the middle and the last day, with their places below the chart."""
    if not days:
        return []
    ends = [
        {"text": days[0], "x": 0, "place": "start"},
        {"text": days[-1], "x": WIDTH, "place": "end"},
    ]
    return (
        ends
        if len(days) < 3
        else [*ends, {"text": days[len(days) // 2], "x": WIDTH / 2, "place": "middle"}]
    )
