"""Make one checkpoint of several that went on from the same weights."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ml.sppnet import averaging, checkpoints


def add(commands: Any) -> None:
    average = commands.add_parser(
        "average", help="the mean of the weights of checkpoints with common ancestors"
    )
    average.add_argument("checkpoints", type=Path, nargs="+")
    average.add_argument("--name", help="of the result (default: that of its file)")
    average.add_argument("--out", type=Path, required=True, help="a .safetensors file")
    average.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """The result tells of the last checkpoint's training, and of all as its ancestors."""
    given = [checkpoints.load(path) for path in arguments.checkpoints]
    network = averaging.average(given)
    last = given[-1].metadata
    origin = {**last.get("origin", {}), "mean_of": [each.sha256 for each in given]}
    metadata = {"name": arguments.name or arguments.out.stem, "origin": origin}
    if "training" in last:
        metadata["training"] = last["training"]
    checkpoints.save(arguments.out, network, metadata)
    print(f"{arguments.out}: the mean of {len(given)} checkpoints")
