"""The report of a study: the paper's tables with its figures beside ours, as Markdown and HTML."""

from __future__ import annotations

import base64
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from markdown_it import MarkdownIt
from numpy.typing import NDArray

from ml.sppnet.cost import Cost, cost_by_part, image_and_points
from ml.sppnet.curves import read_progress
from ml.sppnet.network import build
from ml.sppnet.reproduce import Study
from ml.sppnet.study import ROWS, TITLES, Row
from ml.sppnet.study_figures import draw_figure_4, draw_figure_5, minutes_to_reach

PAPER_SIDE = 1024

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;display:block;overflow-x:auto}"
    "td,th{border:1px solid #8886;padding:.3rem .6rem;text-align:left}img{max-width:100%}"
    ":root{color-scheme:light dark}"
)


def write_report(study: Study) -> Path:
    """Write figure_4.png, figure_5.png, report.md and report.html of what is done so far."""
    done = [(row, result) for row in ROWS if (result := study.result(row)) is not None]
    pictures = _draw(study, [row for row, _ in done])
    parts = ["# SPPNet's study, reproduced", _protocol(study)]
    parts += [_table(number, done) for number in TITLES]
    parts += [_sizes(study, [row for row, _ in done]), _stability(study), *pictures]
    text = "\n\n".join(part for part in parts if part) + "\n"
    (study.folder / "report.md").write_text(text)
    path = study.folder / "report.html"
    path.write_text(_html(text, study.folder))
    return path


def _protocol(study: Study) -> str:
    settings, split = study.settings, study.split
    budget = (
        f"{settings.minutes:g} minutes of training (of computing, where a processor is shared)"
        if settings.minutes is not None
        else f"{settings.epochs:g} epochs, or until the validation Dice stops rising"
    )
    device = "a GPU" if torch.cuda.is_available() else f"{os.cpu_count()} cores of a CPU"
    side = settings.side
    lines = [
        f"Data: `{Path(settings.data).name}`, {len(split.train)} images to train on, "
        f"{len(split.val)} to choose by, {len(split.test)} to test, split at random by "
        f"{split.grouped_by} (seed {settings.seed}). Each network: {budget}, on {device} "
        f"({platform.machine()}).",
        "What is as in the paper: Adam at 5e-4, batches of 4, the dice loss, flips, rotation and "
        "cutout with probability 0.25, the best weights by the validation Dice, one positive and "
        "one background point.",
        "What differs, and matters when figures are compared:",
        "",
        "- another split, and the paper's budget was up to 200 epochs on a GPU;",
        f"- the encoder sees {side} px (paper: 1024), rivals and masks have {side // 4} px "
        "(paper: 256);",
        "- " + _start(study),
        "- scores are of whole images at native resolution; those of the paper's grid of 256×256 "
        "are in the column beside;",
        "- images per second are of this machine, with "
        f"{torch.get_num_threads()} threads; FLOPs are counted at 1024 px, as in the paper.",
    ]
    return "\n".join(lines)


def _start(study: Study) -> str:
    settings = study.settings
    own = f"from `{Path(settings.init).name}`" if settings.init else "from random weights"
    sam = f"from `{Path(settings.sam_init).name}`" if settings.sam_init else "at random"
    text = (
        f"all networks start {own} (the paper's SPPNet: from MobileSAM's encoder and SAM's prompt "
        f"encoder and decoder); SAM's row has a frozen {settings.sam} whose weights are {sam}"
    )
    if settings.init:
        text = text.replace("all networks start", "SPPNet's rows start")
    if not settings.sam_init:
        text += ", so that it says nothing of SAM"
    return text + ";"


def _percent(score: dict[str, Any]) -> str:
    return f"{100 * score['mean']:.2f} ± {100 * score['std']:.2f}"


def _table(number: int, done: Sequence[tuple[Row, dict[str, Any]]]) -> str:
    lines = [
        f"## Table {number}: {TITLES[number]}",
        "",
        "| network | mIoU %, paper | ours | ours at 256 | DSC %, paper | ours | ours at 256 | AJI "
        "| PQ | images/s, paper | ours | best after minutes, steps |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row, result in done:
        if number not in row.tables:
            continue
        paper, grid, trained = row.published, result["at_256"], result["training"]
        cells = [
            row.tables[number],
            f"{paper.iou:.2f} ± {paper.iou_std:.2f}",
            _percent(result["iou"]),
            _percent(grid["iou"]),
            f"{paper.dice:.2f} ± {paper.dice_std:.2f}",
            _percent(result["dice"]),
            _percent(grid["dice"]),
            f"{result['aji']['mean']:.3f}",
            f"{result['pq']['mean']:.3f}",
            f"{paper.fps:.2f}",
            f"{result['images_per_second']:.2f}",
            f"{trained.get('minutes', 0):g}, {trained.get('step', 0)}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _sizes(study: Study, rows: Sequence[Row]) -> str:
    """Counted at the paper's resolution, whatever the study's."""
    lines = [
        "## Parameters and FLOPs at 1024 px",
        "",
        "| network | M parameters, paper | ours, counted so | all | G FLOPs, paper | ours, counted "
        "so | in full | why it differs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        paper, cost = row.published, _cost(study, row)
        cells = [
            next(iter(row.tables.values())),
            f"{paper.params:.2f}",
            f"{cost.paper_params / 1e6:.2f}",
            f"{cost.params / 1e6:.2f}",
            f"{paper.flops:.2f}",
            f"{cost.paper_flops / 1e9:.2f}",
            f"{cost.flops / 1e9:.2f}",
            row.differs,
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cost(study: Study, row: Row) -> Cost:
    config = study.settings.config(row, PAPER_SIDE)
    with torch.device("meta"):
        network = build(config)
    return cost_by_part(network, image_and_points(config.tile))["total"]


def _stability(study: Study) -> str:
    path = study.folder / "stability.json"
    if not path.exists():
        return ""
    found = json.loads(path.read_text())
    return (
        f"## Stability\n\n{found['evaluations']} evaluations of the {found['images']} test images, "
        f"each with other random clicks: a mean Dice of {100 * found['mean']:.3f} %, from lowest "
        f"to highest {100 * found['range']:.3f} points (paper: 79.776 to 79.778 %)."
    )


def _draw(study: Study, rows: Sequence[Row]) -> list[str]:
    """Draw the figures that can be drawn; returns their Markdown."""
    first = [row for row in rows if 1 in row.tables]
    if not first:
        return []
    parts = []
    logs = {row.tables[1]: read_progress(study.row_folder(row)) for row in first}
    if "U-Net" in logs:
        _draw_figure_4(study, logs)
        parts += [
            "## Figure 4: training time to the U-Net's score, and stability",
            "![Bars of minutes; a violin of Dice](figure_4.png)",
        ]
    samples = study.samples(study.split.test)
    masks = {
        row.tables[1]: {s.name: _read_mask(study, row, s.name) for s in samples} for row in first
    }
    draw_figure_5(study.folder / "figure_5.png", samples, masks)
    return [
        *parts,
        "## Figure 5: images, truth and masks",
        "![A grid of images and masks](figure_5.png)",
    ]


def _draw_figure_4(study: Study, logs: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    baseline = max(line.get("val_dice", 0.0) for line in logs["U-Net"])
    longest = max(line.get("minutes", 0.0) for log in logs.values() for line in log)
    path = study.folder / "stability.json"
    dice = json.loads(path.read_text())["dice"] if path.exists() else None
    times = {name: minutes_to_reach(log, baseline) for name, log in logs.items()}
    draw_figure_4(study.folder / "figure_4.png", times, baseline, longest, dice)


def _read_mask(study: Study, row: Row, name: str) -> NDArray[np.bool_]:
    path = study.row_folder(row) / "masks" / f"{name}.png"
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)) > 0


def _html(text: str, folder: Path) -> str:
    """One file that needs no other: pictures are in it."""
    body = MarkdownIt("commonmark").enable("table").render(text)
    for picture in folder.glob("*.png"):
        data = base64.b64encode(picture.read_bytes()).decode()
        body = body.replace(f'src="{picture.name}"', f'src="data:image/png;base64,{data}"')
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        "<title>SPPNet's study, reproduced</title>"
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )
