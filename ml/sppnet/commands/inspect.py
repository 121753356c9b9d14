"""Load a checkpoint and describe it in one line: what the app asks before it takes one."""

from __future__ import annotations

import argparse
import json
import resource
from pathlib import Path
from typing import Any

from ml.sppnet import checkpoints


def add(commands: Any) -> None:
    inspect = commands.add_parser("inspect", help="load a checkpoint, describe it in one line")
    inspect.add_argument("file", type=Path)
    inspect.add_argument("--memory-mb", type=int, help="fail rather than use more memory")
    inspect.add_argument("--cpu-seconds", type=int, help="fail rather than use more time")
    inspect.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print {name, kind, sha256, parameters} of a checkpoint that can be used."""
    if arguments.memory_mb:
        # Not the address space: of that the CUDA libraries take gigabytes and use little.
        resource.setrlimit(resource.RLIMIT_DATA, (arguments.memory_mb << 20,) * 2)
    if arguments.cpu_seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (arguments.cpu_seconds,) * 2)
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
