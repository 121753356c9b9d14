"""What of the scores on held-out images people compare; the rest is in the API."""

from typing import Any

from django.utils.translation import gettext_lazy

SCORES = {
    "iou1": gettext_lazy("IoU after one click"),
    "aji": "AJI",
    "pq": "PQ",
    "dice": "Dice",
    "noc80": gettext_lazy("Clicks to .80"),
}


def scores_of(metrics: Any) -> list[tuple[str, float]]:
    """(label, value) of the scores that a checkpoint or a run knows of itself."""
    known = metrics if isinstance(metrics, dict) else {}
    return [
        (str(label), known[name])
        for name, label in SCORES.items()
        if isinstance(known.get(name), int | float)
    ]
