"""Train every row of the paper's tables on one folder, and write the report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

from ml.sppnet.commands import words
from ml.sppnet.config import EncoderName
from ml.sppnet.datasets import DataError
from ml.sppnet.report import write_report
from ml.sppnet.reproduce import Settings, Study
from ml.sppnet.study import ROWS


def add(commands: Any) -> None:
    study = commands.add_parser("reproduce", help="the paper's tables and figures, on your images")
    study.add_argument("--data", type=Path, required=True, help=words.DATA)
    study.add_argument("--out", type=Path, default=Path("runs/reproduce"), help="goes on there")
    budget = study.add_mutually_exclusive_group(required=True)
    budget.add_argument("--minutes", type=float, help="of training, for each network")
    budget.add_argument("--epochs", type=float, help="for each network; stops early")
    study.add_argument("--resolution", type=int, default=1024, help="side that SPPNet sees, px")
    study.add_argument("--split", type=Path, help="JSON: {train, val, test}; default: 80/10/10")
    study.add_argument("--seed", type=int, default=0)
    study.add_argument("--rows", nargs="+", choices=[row.key for row in ROWS], help="only these")
    study.add_argument("--init", type=Path, help="checkpoint that SPPNet's rows start from")
    study.add_argument("--sam", choices=get_args(EncoderName), default="sam_vit_h")
    study.add_argument("--sam-init", type=Path, help="checkpoint of SAM, see `import`")
    study.add_argument("--evaluations", type=int, default=500, help="of the stability study")
    study.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    if arguments.resolution % 128:
        raise DataError(f"--resolution {arguments.resolution} is not a multiple of 128")
    settings = Settings(
        data=str(arguments.data),
        side=arguments.resolution,
        seed=arguments.seed,
        minutes=arguments.minutes,
        epochs=arguments.epochs,
        init=str(arguments.init) if arguments.init else None,
        sam=arguments.sam,
        sam_init=str(arguments.sam_init) if arguments.sam_init else None,
        evaluations=arguments.evaluations,
    )
    study = Study.open(settings, arguments.out, arguments.split)
    parts = (study.split.train, study.split.val, study.split.test)
    print("train {}, validation {}, test {} images".format(*map(len, parts)))
    chosen = [row for row in ROWS if not arguments.rows or row.key in arguments.rows]
    study.run(chosen)
    print(f"report: {write_report(study)}")
