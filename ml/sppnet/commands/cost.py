"""Print what a network costs, part by part, in the paper's counting and in full."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

import torch

from ml.sppnet import checkpoints
from ml.sppnet.config import EncoderName, Fusion, LowLevel, ModelConfig
from ml.sppnet.cost import Cost, cost_by_part, image_and_points, tile_and_click
from ml.sppnet.network import build


def add(commands: Any) -> None:
    cost = commands.add_parser("cost", help="parameters and FLOPs of the paper's network, by part")
    cost.add_argument("--checkpoint", type=Path, help="of this checkpoint's network instead")
    cost.add_argument("--side", type=int, default=1024, help="of the image, in pixels")
    add_choices(cost)
    cost.set_defaults(run=run)


def add_choices(parser: argparse.ArgumentParser) -> None:
    """The variants of the paper's network."""
    parser.add_argument("--low-level", choices=get_args(LowLevel), default="llsie")
    parser.add_argument("--fusion", choices=get_args(Fusion), default="concat")
    parser.add_argument("--encoder", choices=get_args(EncoderName), default="tiny_vit_5m")


def run(arguments: argparse.Namespace) -> None:
    if arguments.checkpoint:
        config = checkpoints.load(arguments.checkpoint).config
    else:
        config = ModelConfig.paper(
            arguments.side,
            low_level=arguments.low_level,
            fusion=arguments.fusion,
            encoder=arguments.encoder,
        )
    with torch.device("meta"):
        network = build(config)
    if config.kind == "click":
        print(f"One tile of {config.tile} px with its proposals; one click in {config.window} px.")
        show = tile_and_click(config)
    else:
        print(f"One image of {config.tile} px, one positive and one background point.")
        show = image_and_points(config.tile)
    print(table(cost_by_part(network, show)))


def table(costs: dict[str, Cost]) -> str:
    """A Markdown table. GMAC: the paper's FLOPs; GFLOP: two for each multiplication."""
    lines = [
        "| part | parameters, M | FLOPs, G | parameters, M (paper's) | FLOPs, G (paper's) |",
        "|---|---|---|---|---|",
    ]
    for name, cost in costs.items():
        values = (cost.params / 1e6, cost.flops / 1e9, cost.paper_params / 1e6)
        cells = [*(f"{value:.3f}" for value in values), f"{cost.paper_flops / 1e9:.2f}"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
