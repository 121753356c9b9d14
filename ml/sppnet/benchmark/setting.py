"""What a benchmark runs with."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from ml.sppnet.engines.choice import machine
from ml.sppnet.predict import Predictor


@dataclass(frozen=True)
class Setting:
    """checkpoint: of the click network; data: a folder of images/ and labels/; folder: for graphs
    and the record of engines; quick: a minute or two, and few repetitions; compiled: torch.compile
    as well."""

    checkpoint: Path
    data: Path
    folder: Path
    threads: int
    quick: bool
    compiled: bool

    def described(self, predictor: Predictor) -> str:
        """The machine and the versions, in a sentence."""
        facts = machine(predictor, self.threads)
        libraries = ", ".join(f"{name} {number}" for name, number in facts["libraries"].items())
        load = os.getloadavg()[0]
        return (
            f"{facts['processor'].split(' (')[0]}, {facts['cores']} cores, {self.threads} threads, "
            f"Python {platform.python_version()}, {libraries}. "
            f"Load of the machine when the run began: {load:.1f}."
        )
