"""What a command may use at most while it reads a file that nobody vouches for."""

from __future__ import annotations

import argparse
import resource


def add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--memory-mb", type=int, help="fail rather than use more memory")
    parser.add_argument("--cpu-seconds", type=int, help="fail rather than use more time")
    parser.add_argument("--file-mb", type=int, help="fail rather than write a larger file")


def keep_limits(arguments: argparse.Namespace) -> None:
    """Hold this process to them, from now on."""
    if arguments.memory_mb:
        # Not the address space: of that the CUDA libraries take gigabytes and use little.
        resource.setrlimit(resource.RLIMIT_DATA, (arguments.memory_mb << 20,) * 2)
    if arguments.cpu_seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (arguments.cpu_seconds,) * 2)
    if arguments.file_mb:
        resource.setrlimit(resource.RLIMIT_FSIZE, (arguments.file_mb << 20,) * 2)
