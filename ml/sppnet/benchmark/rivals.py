"""A click on a new image, and each further one: this program against segment-anything's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from itertools import cycle
from pathlib import Path

import cv2

from ml.sppnet.benchmark.clickers import MOBILE, OURS, OURS_TORCH
from ml.sppnet.benchmark.clock import Times, by_turns
from ml.sppnet.benchmark.pictures import picture
from ml.sppnet.benchmark.processes import Contender
from ml.sppnet.benchmark.report import table
from ml.sppnet.benchmark.setting import Setting

SIDE = 1000
PICTURES = 6
NAMES = {
    OURS: "this program, engines as chosen",
    OURS_TORCH: "this program, plain torch",
    MOBILE: "MobileSAM",
    "vit_b": "segment-anything, ViT-B",
    "vit_h": "segment-anything, ViT-H",
}
# Weights as they are handed out: float32.
PARAMETERS = {MOBILE: 10_130_092, "vit_b": 93_735_472, "vit_h": 641_090_608}


def compare(setting: Setting) -> str:
    """Markdown: times, ratios, memory, weights."""
    names = [name for name in NAMES if name != "vit_h" or not setting.quick]
    first_rounds = {OURS: 11, OURS_TORCH: 5, MOBILE: 7, "vit_b": 2, "vit_h": 1}
    rounds = {name: 3 if setting.quick else first_rounds[name] for name in names}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        paths = []
        for number in range(PICTURES):
            paths.append(Path(folder) / f"{number}.png")
            cv2.imwrite(str(paths[-1]), picture(SIDE, number)[..., ::-1])
        contenders = {name: stack.enter_context(_start(name, setting)) for name in names}
        pictures = {name: cycle(paths) for name in names}

        def first(name: str) -> float:
            return contenders[name].ask("first", str(next(pictures[name])), 481.5, 503.5)

        places = cycle([(470.5, 500.5), (520.5, 480.5), (440.5, 530.5), (500.5, 460.5)])

        def further(name: str) -> float:
            return contenders[name].ask("further", *next(places))

        firsts = by_turns(_each(first, names), rounds)
        further_rounds = dict.fromkeys(names, 5 if setting.quick else 31)
        furthers = by_turns(_each(further, names), further_rounds)
        memory = {name: contenders[name].memory_mb for name in names}
    return _told(names, firsts, furthers, memory, setting)


def _each(call: Callable[[str], float], names: list[str]) -> dict[str, Callable[[], float | None]]:
    return {name: partial(call, name) for name in names}


def _start(name: str, setting: Setting) -> Contender:
    own = (setting.checkpoint, setting.folder, setting.threads)
    return Contender(
        "ml.sppnet.benchmark.clickers", name, *(own if name in (OURS, OURS_TORCH) else ())
    )


def _told(
    names: list[str],
    firsts: dict[str, Times],
    furthers: dict[str, Times],
    memory: dict[str, float],
    setting: Setting,
) -> str:
    own = setting.checkpoint.stat().st_size / 1e6
    rows = [
        [
            NAMES[name],
            firsts[name],
            f"{firsts[name].median / firsts[OURS].median:.1f} ×",
            furthers[name],
            f"{furthers[name].median / furthers[OURS].median:.1f} ×",
            f"{memory[name]:,.0f} MB",
            f"{PARAMETERS.get(name, 0) * 4 / 1e6 or own:,.0f} MB",
        ]
        for name in names
    ]
    heads = ["", "First click", "ratio", "Each further", "ratio", "Peak memory", "Weights"]
    return table(heads, rows)
