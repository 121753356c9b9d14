"""Whether a checkpoint may take another one's place, by how both did on the held-out images."""

from collections.abc import Mapping
from typing import Any, NamedTuple

BETTER, NOT_WORSE, NONE = "better", "not_worse", "none"
# One click more or less is as much as .05 of a score between 0 and 1.
CLICKS_A_POINT = 20


class Verdict(NamedTuple):
    passed: bool
    reasons: list[str]


def verdict(comparison: Mapping[str, Mapping[str, Any]], gate: str, tolerance: float) -> Verdict:
    """By the gains of ml.sppnet.comparison.compare.

    Worse on a score: the mean gain is below minus the tolerance (of noc80, that of 20 times as
    many clicks). Better on one: the whole interval of its gain lies above zero.
    """
    if gate == NONE:
        return Verdict(True, ["Nothing is asked of it."])
    if not comparison:
        return Verdict(False, ["There are no held-out images to judge it on."])
    worse = [
        f"{name} is worse by {-row['gain']:.3f}"
        for name, row in comparison.items()
        if row["gain"] < -tolerance * (CLICKS_A_POINT if name == "noc80" else 1)
    ]
    if worse:
        return Verdict(False, worse)
    better = [
        f"{name} is better by {row['gain']:.3f}"
        for name, row in comparison.items()
        if row["interval"][0] > 0
    ]
    if gate == BETTER and not better:
        return Verdict(False, ["It is not surely better on any score."])
    return Verdict(True, better or ["It is not worse on any score."])
