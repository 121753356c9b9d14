"""By how much images are enlarged for the network, as a command line says it."""

from __future__ import annotations

import argparse

from ml.scale import MICRONS_PER_PIXEL, SCALES, scale_for


def add_scale(parser: argparse.ArgumentParser) -> None:
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--microns-per-pixel",
        type=float,
        help=f"of the images; they are enlarged to about {MICRONS_PER_PIXEL}, or where they are "
        "about that already by their nuclei, as they are without this",
    )
    either.add_argument("--scale", type=float, choices=SCALES, help="by how much to enlarge them")


def scale_of(arguments: argparse.Namespace) -> float | None:
    """The scale that was asked for, or that a resolution which is not the usual one asks for;
    None: nuclei decide."""
    scale: float | None = arguments.scale
    if scale is None:
        usual = scale_for(arguments.microns_per_pixel)
        return None if usual == 1 else usual
    return scale
