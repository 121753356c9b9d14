"""Load a checkpoint and describe it in one line: what the app asks before it takes one."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ml.sppnet import checkpoints
from ml.sppnet.commands.limits import add_limits, keep_limits


def add(commands: Any) -> None:
    inspect = commands.add_parser("inspect", help="load a checkpoint, describe it in one line")
    inspect.add_argument("file", type=Path)
    add_limits(inspect)
    inspect.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print {name, kind, sha256, parameters} of a checkpoint that can be used."""
    keep_limits(arguments)
    path = arguments.file
    try:
        checkpoint = checkpoints.load(path)
        network = checkpoint.network()
    except checkpoints.CheckpointError:
        raise
    except Exception as error:  # a configuration can ask for the impossible in many ways
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise checkpoints.CheckpointError(f"{path.name} cannot be loaded: {reason}") from error
    described = {
        "name": str(checkpoint.metadata.get("name") or path.stem),
        "kind": checkpoint.config.kind,
        "sha256": checkpoint.sha256,
        "parameters": sum(weight.numel() for weight in network.parameters()),
    }
    print(json.dumps(described))
