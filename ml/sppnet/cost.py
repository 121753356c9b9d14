"""What a network costs: parameters and operations, in the paper's counting and in full.

The paper prints what the program ``thop`` counts: multiplications (calling them FLOPs) of
convolutions, linear layers and normalisations that are modules of their own. Products inside
attention, parameters that belong to no such module, and parts that do not run for a prompt of
points (TinyViT's classifier, SAM's mask prompts) are not in it.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from ml.sppnet.config import ModelConfig
from ml.sppnet.encoder import Features

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
NORMS = (nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm)


@dataclass(frozen=True)
class Cost:
    """Of one image with one prompt. ``params``: all of them; ``flops``: two for each
    multiplication, attention included; ``paper_*``: as the paper counts."""

    params: int
    flops: int
    paper_params: int
    paper_flops: int


# Shows a network one image and one prompt.
Showing = Callable[[Any], object]


def image_and_points(side: int) -> Showing:
    """For a whole-image network: an image of ``side`` px, two points."""
    points, labels = torch.empty(1, 2, 2, device="meta"), _ones(1, 2)
    return lambda network: network(_image(side), points, labels)


def tile_and_click(config: ModelConfig) -> Showing:
    """For the click network: a tile encoded, its nuclei proposed, and two points in a window."""

    def show(network: Any) -> None:
        tile, view = _image(config.tile), _image(config.window)
        features = network.encode(tile)
        network.propose(tile, features)
        local = Features(
            *(
                torch.empty(1, f.shape[1], config.window // s, config.window // s, device="meta")
                for f, s in zip(features, (16, 8, 4), strict=True)
            )
        )
        network.decode(view, local, torch.empty(1, 2, 2, device="meta"), _ones(1, 2))

    return show


def _image(side: int) -> Tensor:
    return torch.empty(1, 3, side, side, device="meta")


def _ones(*shape: int) -> Tensor:
    return torch.ones(*shape, dtype=torch.long, device="meta")


def cost_by_part(network: nn.Module, show: Showing) -> dict[str, Cost]:
    """What each part of a network costs when it is shown something, and ``total``.

    Computes shapes only: no weight is allocated or touched.
    """
    network = _on_meta(network)
    parts = [
        name for name, part in network.named_children() if any(True for _ in part.parameters())
    ]
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    with torch.no_grad(), _paper_counting(network, counted), FlopCounterMode(display=False) as full:
        show(network)
    flops = full.get_flop_counts()
    root = type(network).__name__

    def cost(name: str, module: nn.Module) -> Cost:
        params = sum(p.numel() for p in module.parameters())
        key = f"{root}.{name}" if name else "Global"
        return Cost(params, int(sum(flops.get(key, {}).values())), *counted[name])

    costs = {name: cost(name, network.get_submodule(name)) for name in parts}
    return costs | {"total": cost("", network)}


def _on_meta(network: nn.Module) -> nn.Module:
    return copy.deepcopy(network).eval().requires_grad_(False).to("meta")


@contextmanager
def _paper_counting(network: nn.Module, counted: dict[str, list[int]]) -> Iterator[None]:
    """While it lasts, every counted module that runs adds (parameters, operations) to its
    top-level part and to the part named ""."""
    seen: set[nn.Module] = set()

    def hook_for(name: str) -> Any:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            operations = _operations(module, inputs[0], output)
            params = 0 if module in seen else sum(p.numel() for p in module.parameters())
            seen.add(module)
            for key in ("", name.partition(".")[0]):
                counted[key][0] += params
                counted[key][1] += operations

        return hook

    handles = [
        module.register_forward_hook(hook_for(name))
        for name, module in network.named_modules()
        if isinstance(module, (*CONVOLUTIONS, *NORMS, nn.Linear))
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _operations(module: nn.Module, given: Tensor, output: Tensor) -> int:
    if isinstance(module, CONVOLUTIONS):
        window = module.kernel_size[0] * module.kernel_size[1]
        return output.numel() * (module.in_channels // module.groups) * window
    if isinstance(module, nn.Linear):
        return output.numel() * module.in_features
    return given.numel() * 4  # subtract, divide, scale, shift
