"""Measure this program against what people use today, and write down what was found."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

PARTS = ("clicks", "engines", "sizes", "steps")


def add(commands: Any) -> None:
    benchmark = commands.add_parser("benchmark", help="measure against segment-anything and others")
    benchmark.add_argument("--checkpoint", type=Path, required=True)
    benchmark.add_argument("--data", type=Path, required=True, help="folder of images/ and labels/")
    benchmark.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    benchmark.add_argument("--quick", action="store_true", help="few repetitions, no ViT-H")
    benchmark.add_argument(
        "--compiled", action="store_true", help="torch.compile as well: needs a compiler, minutes"
    )
    benchmark.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into it")
    benchmark.add_argument("--folder", type=Path, help="keep exported graphs here")
    benchmark.add_argument("--threads", type=int, default=os.cpu_count())
    benchmark.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    # The engines' libraries take seconds to load, which no other command needs.
    from ml.sppnet.benchmark.everything import measure
    from ml.sppnet.benchmark.setting import Setting

    with tempfile.TemporaryDirectory() as scratch:
        setting = Setting(
            arguments.checkpoint,
            arguments.data,
            arguments.folder or Path(scratch),
            arguments.threads,
            arguments.quick,
            arguments.compiled,
        )
        measure(setting, arguments.only, arguments.write)
