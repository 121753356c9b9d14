"""Figures 4 and 5 of the paper, drawn from a study's results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ml.sppnet.datasets import UNLABELLED, Sample

# At most so many images; and the side, in pixels, that each is drawn at.
GRID_IMAGES, GRID_SIDE = 4, 220
_CAPTION = 26


def minutes_to_reach(rows: Sequence[Mapping[str, Any]], dice: float) -> float | None:
    """Minutes of training until the held-out Dice first reached ``dice``; None if it never did.
    ``rows``: of :func:`ml.sppnet.curves.read_progress`."""
    reached = [row["minutes"] for row in rows if row.get("val_dice", -1.0) >= dice]
    return min(reached) if reached else None


def draw_figure_4(
    path: Path,
    times: Mapping[str, float | None],
    baseline: float,
    budget: float,
    dice: Sequence[float] | None,
) -> None:
    """Left: minutes until each network had the U-Net's best held-out Dice (``baseline``), those
    that never did at ``budget``, hatched. Right: violin of the scores of random clicks."""
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    for place, minutes in enumerate(times.values()):
        never = minutes is None
        left.barh(
            place,
            budget if minutes is None else minutes,
            color="none" if never else "#4c78a8",
            edgecolor="#888888" if never else "#4c78a8",
            hatch="//" if never else None,
        )
        said = "not reached" if minutes is None else f"{minutes:.1f}"
        left.text(0.02 * budget, place, said, va="center", color="black" if never else "white")
    left.set_yticks(range(len(times)), list(times))
    left.invert_yaxis()
    left.set_xlabel(f"minutes of training to a Dice of {baseline:.3f} (best of U-Net)")
    if dice is None:
        right.text(0.5, 0.5, "not measured", ha="center", va="center", transform=right.transAxes)
    elif np.ptp(dice) < 1e-9:
        right.plot([1], [dice[0]], "o", color="#4c78a8")
    else:
        right.violinplot(dice, showmedians=True)
    right.set_xticks([1], ["SPPNet"])
    right.set_ylabel("Dice, mean of the test images")
    right.ticklabel_format(axis="y", useOffset=False)
    figure.savefig(path, dpi=110)


def draw_figure_5(
    path: Path, samples: Sequence[Sample], masks: Mapping[str, Mapping[str, NDArray[np.bool_]]]
) -> None:
    """A grid: each image, its truth, and every network's mask (by network, then by image)."""
    lines = [_captions(["image", "truth", *masks])]
    for sample in samples[:GRID_IMAGES]:
        truth = (sample.labels > 0) & (sample.labels != UNLABELLED)
        cells = [_cell(sample.pixels), _mask_cell(truth)]
        cells += [_mask_cell(by_image[sample.name]) for by_image in masks.values()]
        lines.append(np.hstack(cells))
    cv2.imwrite(str(path), cv2.cvtColor(np.vstack(lines), cv2.COLOR_RGB2BGR))


def _cell(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture of GRID_SIDE px with a margin that shows where a mask ends."""
    inner = GRID_SIDE - 4
    scale = inner / max(pixels.shape[:2])
    size = [max(1, round(n * scale)) for n in pixels.shape[1::-1]]
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    cell = np.full((GRID_SIDE, GRID_SIDE, 3), 170, np.uint8)
    cell[2 : 2 + size[1], 2 : 2 + size[0]] = small
    return cell


def _mask_cell(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return _cell(np.repeat(mask[..., None].astype(np.uint8) * 255, 3, axis=2))


def _captions(words: Sequence[str]) -> NDArray[np.uint8]:
    line = np.full((_CAPTION, GRID_SIDE * len(words), 3), 255, np.uint8)
    for place, word in enumerate(words):
        origin = (place * GRID_SIDE + 4, _CAPTION - 8)
        cv2.putText(line, word, origin, cv2.FONT_HERSHEY_SIMPLEX, 0.55, (0, 0, 0), 1, cv2.LINE_AA)
    return line
