"""Images a second of training the click network, against the plain loop in float32."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from ml.sppnet.benchmark.clock import by_turns
from ml.sppnet.benchmark.processes import Contender
from ml.sppnet.benchmark.report import table
from ml.sppnet.benchmark.setting import Setting
from ml.sppnet.benchmark.trainers import OURS, PLAIN
from ml.sppnet.config import TrainConfig

NAMES = {OURS: "as trained here", PLAIN: "plain: eager float32"}


def compare(setting: Setting) -> str:
    """Markdown: a step, images a second, and the ratio."""
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(
                Contender("ml.sppnet.benchmark.trainers", name, setting.data, setting.threads)
            )
            for name in NAMES
        }
        found = by_turns(
            {name: partial(process.ask, "step") for name, process in processes.items()},
            dict.fromkeys(NAMES, 2 if setting.quick else 4),
        )
        memory = {name: process.memory_mb for name, process in processes.items()}
    images = TrainConfig().crops_per_step
    rows = [
        [
            label,
            found[name],
            f"{images * 1000 / found[name].median:.2f}",
            f"{found[PLAIN].median / found[name].median:.2f} ×",
            f"{memory[name]:,.0f} MB",
        ]
        for name, label in NAMES.items()
    ]
    return table(["", "Step", "Images a second", "faster", "Peak memory"], rows)
