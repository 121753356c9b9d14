"""The encoder learns to rebuild what is hidden of a picture: no labels are needed for that."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ml.sppnet.config import TrainConfig
from ml.sppnet.datasets import Mixture
from ml.sppnet.network import ClickNet, as_images
from ml.sppnet.optimise import optimiser_for, rate

# Squares of so many pixels are hidden, this share of them: those of the embedding's grid.
PATCH, HIDDEN = 16, 0.5
STRIDE = 4


def pretrain(network: ClickNet, mixture: Mixture, config: TrainConfig, minutes: float) -> int:
    """Train ``network``'s encoder for so long, and a step at least, on crops without their labels;
    returns the number of steps.

    Half of a crop's squares become grey; from the skip at stride 4, which has seen the embedding, a
    layer of its own tells their pixels (He et al., 2022, with convolutions instead of tokens that
    can be left out). Only the hidden pixels count.
    """
    head = nn.Conv2d(network.config.skip4_dim, 3 * STRIDE**2, 1)
    learner = nn.ModuleList([network.encoder, head])
    optimiser = optimiser_for(learner, config)
    began, share, step = time.monotonic(), 0.0, 0
    network.train()
    while share < 1:
        for group in optimiser.param_groups:
            group["lr"] = rate(config, step, share)
        rng = np.random.default_rng([config.seed, step, 2])
        loss = rebuilding_loss(network, head, crops(mixture, config, rng), rng, config.bf16)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(learner.parameters(), config.clip_norm)
        optimiser.step()
        step += 1
        share = (time.monotonic() - began) / 60 / minutes
    return step


def crops(mixture: Mixture, config: TrainConfig, rng: np.random.Generator) -> Tensor:
    """B×3×S×S float in [0, 1]."""
    drawn = [
        mixture.draw(config.crop, config.scale_range, rng).pixels
        for _ in range(config.crops_per_step)
    ]
    return as_images(drawn)


def rebuilding_loss(
    network: ClickNet, head: nn.Conv2d, pixels: Tensor, rng: np.random.Generator, bf16: bool
) -> Tensor:
    """Mean absolute error of the hidden pixels, as the network sees pixels. ``pixels`` B×3×S×S."""
    batch, _, side, _ = pixels.shape
    grid = rng.random((batch, 1, side // PATCH, side // PATCH)) < HIDDEN
    hidden = F.interpolate(torch.from_numpy(grid).float(), scale_factor=PATCH)
    grey = pixels.mean(dim=(2, 3), keepdim=True)
    device = next(network.parameters()).device
    shown = torch.where(hidden > 0, grey, pixels).to(device)
    layout = torch.channels_last if bf16 else torch.contiguous_format
    with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
        told = head(network.encode(shown.contiguous(memory_format=layout)).skip4)
    wanted = network.normalise(pixels.to(device))
    error = (F.pixel_shuffle(told.float(), STRIDE) - wanted).abs() * hidden.to(device)
    return error.sum() / (3 * hidden.sum()).clamp(min=1)
