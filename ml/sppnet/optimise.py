"""Optimiser, learning rate and averaged weights of a recipe."""

from __future__ import annotations

import math

import torch
from torch import nn

from ml.sppnet.config import Recipe

# The cosine ends at this share of the peak.
LAST_RATE = 0.02
# A run that is too short for its warm-up's steps warms up in this share of its budget.
MOST_WARM_UP = 0.1


def optimiser_for(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Adam or AdamW over what learns; biases and norms do not decay."""
    learning = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learning if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in learning if p.ndim <= 1], "weight_decay": 0.0},
    ]
    make = torch.optim.AdamW if recipe.optimiser == "adamw" else torch.optim.Adam
    return make(groups, lr=recipe.learning_rate)


def rate(recipe: Recipe, step: int, done: float) -> float:
    """Learning rate: linear warm-up by steps or the share ``done`` of the budget, whichever is
    sooner over; then, if wanted, cosine by the share done."""
    warm = min(1.0, max((step + 1) / max(recipe.warmup_steps, 1), done / MOST_WARM_UP))
    if not recipe.cosine:
        return recipe.learning_rate * warm
    cosine = 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
    return recipe.learning_rate * warm * (LAST_RATE + (1 - LAST_RATE) * cosine)


def update_average(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Move the averaged weights towards the network's; quickly in the first steps."""
    move_towards(average, network, 1 - min(decay, (1 + step) / (10 + step)))


@torch.no_grad()
def move_towards(mean: nn.Module, network: nn.Module, share: float) -> None:
    """Have ``mean``'s weights go that share of the way to ``network``'s; counters go all of it."""
    values = network.state_dict().values()
    for weight, value in zip(mean.state_dict().values(), values, strict=True):
        if weight.is_floating_point():
            weight.lerp_(value, share)
        else:
            weight.copy_(value)
