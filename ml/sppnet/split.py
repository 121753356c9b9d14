"""80 % to train on, 10 % to choose by, 10 % to test, by patient where ids say who that is."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ml.sppnet.datasets import DataError

# The Cancer Genome Atlas names its slides TCGA-<site>-<patient>-…
_TCGA = re.compile(r"TCGA-\w{2}-\w{4}")


@dataclass(frozen=True)
class Split:
    """Names of images. ``grouped_by`` says what keeps images on one side: patient, or image."""

    train: list[str]
    val: list[str]
    test: list[str]
    grouped_by: str
    seed: int


def patient_of(name: str) -> str | None:
    """The patient that an image's name tells of, or None."""
    found = _TCGA.match(name)
    return found.group() if found else None


def split_names(names: Sequence[str], seed: int) -> Split:
    """At random, the same for the same seed. Raises DataError under three images or patients."""
    by_patient = all(patient_of(name) for name in names)
    group_of: Callable[[str], str | None] = patient_of if by_patient else str
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        groups[str(group_of(name))].append(name)
    kind = "patient" if by_patient else "image"
    if len(groups) < 3:
        raise DataError(
            f"{len(groups)} {kind}s cannot be split into training, validation and test; "
            "at least three are needed"
        )
    order = [groups[key] for key in np.random.default_rng(seed).permutation(sorted(groups))]
    share = max(1, round(len(order) / 10))
    val, test, train = order[:share], order[share : 2 * share], order[2 * share :]
    return Split(_names(train), _names(val), _names(test), kind, seed)


def _names(groups: Sequence[Sequence[str]]) -> list[str]:
    return sorted(name for group in groups for name in group)


def write_split(split: Split, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(split), indent=1) + "\n")


def read_image_split(path: Path) -> Split:
    """A split written by :func:`write_split`, or by hand. Raises DataError naming what is wrong."""
    try:
        values = json.loads(path.read_text())
        train, val, test = (list(values[part]) for part in ("train", "val", "test"))
        split = Split(train, val, test, values.get("grouped_by", "image"), values.get("seed", 0))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path.name} is not a split: it needs train, val and test ({error})"
        ) from None
    parts = {"train": split.train, "val": split.val, "test": split.test}
    for part, names in parts.items():
        if not names:
            raise DataError(f"{path.name}: {part} is empty; every part needs an image")
    both = [n for n in split.train if n in {*split.val, *split.test}] + [
        n for n in split.val if n in split.test
    ]
    if both:
        raise DataError(f"{path.name}: {both[0]} is in two parts at once")
    return split
