"""The curves of a training run: progress.jsonl as a table and as a picture."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# What is no curve, or none on these axes: numbers of clicks, and what is the sum of others.
_NOT_DRAWN = {"progress", "step", "epoch", "minutes", "images_per_second", "val_noc80", "val_score"}


def read_progress(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's log, each with its metrics (as ``val_…``) beside the losses."""
    path = folder / "progress.jsonl"
    rows = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            row = json.loads(line)
        except ValueError:  # half-written by a process that was killed
            continue
        row |= {f"val_{name}": value for name, value in (row.pop("metrics", None) or {}).items()}
        rows.append(row)
    return rows


def draw_curves(folder: Path) -> None:
    """Write curves.csv and curves.png beside the log: losses above, held-out scores below."""
    rows = read_progress(folder)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with (folder / "curves.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    figure = Figure(figsize=(8, 7), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True)
    for name in names:
        if name in _NOT_DRAWN:
            continue
        points = [(r["minutes"], r[name]) for r in rows if name in r and "minutes" in r]
        scored = name.startswith("val_")
        axis = below if scored else above
        if points:
            axis.plot(*zip(*points, strict=True), label=name.removeprefix("val_"))
    for axis, title in ((above, "training loss"), (below, "held-out images")):
        axis.set_ylabel(title)
        if axis.lines:
            axis.legend(fontsize=8, ncols=2)
    below.set_xlabel("minutes of training")
    figure.savefig(folder / "curves.png", dpi=100)
