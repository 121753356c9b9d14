"""python -m ml.sppnet COMMAND: the network without the web app."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from contextlib import suppress

from ml.sppnet.allocator import hold_memory
from ml.sppnet.checkpoints import CheckpointError
from ml.sppnet.commands import (
    ablate,
    average,
    benchmark,
    choose,
    cost,
    engines,
    evaluate,
    foreign,
    inspect,
    judge,
    predict,
    reproduce,
    train,
)
from ml.sppnet.datasets import DataError
from ml.sppnet.network import MissingLibrary
from ml.sppnet.train import TrainingError

COMMANDS = (
    train,
    evaluate,
    judge,
    choose,
    predict,
    engines,
    benchmark,
    reproduce,
    ablate,
    average,
    foreign,
    cost,
    inspect,
)


def main(argv: list[str] | None = None) -> int:
    """Runs one command; known errors end with one line on stderr and status 1.

    A full disk has a status of its own, ENOSPC: what is printed may go to the same disk.
    """
    arguments = _parser().parse_args(argv)
    hold_memory()
    try:
        arguments.run(arguments)
    except (DataError, TrainingError, CheckpointError, MissingLibrary) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        with suppress(OSError):
            print(f"error: {error}", file=sys.stderr)
        # Else the last words, which nothing can take, would give the process another status.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return errno.ENOSPC
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml.sppnet", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
