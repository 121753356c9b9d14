"""SPPNet: TinyViT encoder, SAM's prompts and decoder, LLSIE — in its two configurations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ml.sppnet.config import IMAGENET_MEAN, IMAGENET_STD, ModelConfig
from ml.sppnet.decoder import ClickDecoder, Masks, PaperDecoder
from ml.sppnet.encoder import Features, build_encoder
from ml.sppnet.low_level import Llsie, low_level_block
from ml.sppnet.prompts import (
    HINTS,
    NOT_A_POINT,
    ClickPrompts,
    PaperPrompts,
    click_disks,
    hints,
)


class MissingLibrary(ImportError):
    """A library that only some networks need is not installed; the message says which."""


STRIDE = 4  # of the masks of whole-image networks


def as_images(pixels: Sequence[NDArray[np.uint8]]) -> Tensor:
    """Pictures H×W×3 uint8 RGB, all of one size, as networks take them: B×3×H×W in [0, 1]."""
    return torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float().div_(255)


class Network(nn.Module):
    """Base of all: images are B×3×H×W float in [0, 1], RGB."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).reshape(1, 3, 1, 1), False)
        self.register_buffer("std", torch.tensor(IMAGENET_STD).reshape(1, 3, 1, 1), False)

    def normalise(self, image: Tensor) -> Tensor:
        return (image - self.mean) / self.std


class ClickNet(Network):
    """One click, two answers: the clicked nucleus, and all nuclei with their outlines."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.encoder = build_encoder(config)
        self.prompts = ClickPrompts(config.embed_dim)
        self.low_level = Llsie(3 + 2, config.low_level_dim, pool=2)
        self.decoder = ClickDecoder(config)
        self.norms_frozen = False

    def freeze_norms(self) -> None:
        """From now on batch norms keep the statistics that they have, also while it learns: those
        of a few images are not those of others."""
        self.norms_frozen = True
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        if self.norms_frozen:
            for module in self.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        return self

    def encode(self, image: Tensor) -> Features:
        """Encode once; every click afterwards costs the decoder alone."""
        return self.encoder(self.normalise(image))

    def decode(
        self,
        image: Tensor,
        features: Features,
        points: Tensor,
        labels: Tensor,
        prior: Tensor | None = None,
    ) -> Masks:
        """Answer clicks inside square windows.

        image: B×3×S×S in [0, 1]; features of those windows; points B×N×2 as (x, y) in window
        pixels; labels B×N in {1 positive, 0 negative, 2 and 3 box corners, -1 padding}; prior:
        B×1×S/4×S/4 logits of the mask to refine, zeros where there is none.
        Returns masks of S/2×S/2.
        """
        side = image.shape[-1]
        disks = click_disks(points, labels, side, self.config.click_sigma)
        low = self.low_level(torch.cat([self.normalise(image), disks], dim=1))
        tokens = self.prompts.tokens(points, labels, side)
        dense = self.prompts.dense(prior, features.embedding)
        drawn = hints(points, labels, prior, side)
        return self.decoder(*features, low, drawn, self.prompts.grid(side), tokens, dense)

    def propose(self, image: Tensor, features: Features) -> Masks:
        """All nuclei, with no click: B×3×H×W of any size (multiples of 32) to H/2×W/2.

        Without a click there is no place to relate to, so the transformer gets no positions and
        the answer does not depend on where in the tile a nucleus lies.
        """
        batch, _, height, width = image.shape
        disks = image.new_zeros(batch, 2, height, width)
        low = self.low_level(torch.cat([self.normalise(image), disks], dim=1))
        points = image.new_zeros(batch, 1, 2)
        labels = torch.full((batch, 1), NOT_A_POINT, device=image.device)
        tokens = self.prompts.tokens(points, labels, 0)
        dense = self.prompts.dense(None, features.embedding)
        nowhere = torch.zeros_like(features.embedding[:1])
        nothing = image.new_zeros(batch, HINTS, height // 4, width // 4)
        return self.decoder(*features, low, nothing, nowhere, tokens, dense)


class WholeImageNet(Network):
    """Base of the networks that answer a prompt with all nuclei of a square image."""

    def forward(self, image: Tensor, points: Tensor, labels: Tensor) -> Tensor:
        """Points B×N×2 (x, y) in pixels, labels B×N in {1, 0, -1}; logits B×1×S/4×S/4."""
        raise NotImplementedError

    def answers(
        self, image: Tensor, points: Tensor, labels: Tensor, features: Features | None = None
    ) -> Tensor:
        """C prompts of each image: points B×C×N×2, labels B×C×N; logits B×C×S/4×S/4."""
        raise NotImplementedError


class PaperNet(WholeImageNet):
    """SPPNet as published: one nucleus prompts the mask of all nuclei in the image."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.encoder = build_encoder(config)
        self.frozen = False
        mean_as_std = config.normalisation == "mean_as_std"
        encoder_std = torch.tensor(IMAGENET_MEAN if mean_as_std else IMAGENET_STD)
        self.register_buffer("encoder_std", encoder_std.reshape(1, 3, 1, 1), False)
        self.prompts = PaperPrompts(config.embed_dim)
        self.low_level = low_level_block(
            config.low_level, 3, config.low_level_dim, pool=config.low_level_side
        )
        self.decoder = PaperDecoder(config)

    def freeze_encoder(self) -> None:
        """From now on the encoder neither learns nor counts the images that it sees."""
        self.encoder.requires_grad_(False).eval()
        self.frozen = True

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        if self.frozen:
            self.encoder.eval()
        return self

    def encode(self, image: Tensor) -> Features:
        """Encode once; every click afterwards costs the decoder alone."""
        return self.encoder((image - self.mean) / self.encoder_std)

    def decode(self, image: Tensor, features: Features, points: Tensor, labels: Tensor) -> Masks:
        """points P×N×2 (x, y) in pixels of the B images, labels P×N in {1, 0, -1}; one mask each,
        P×1×S/4×S/4. P is a multiple of B: the prompts of an image follow each other."""
        side, each = image.shape[-1], len(labels) // len(image)
        low = None
        if self.low_level is not None:
            small = side // STRIDE * self.config.low_level_side
            low = self.low_level(self.normalise(shrink(image, small))).repeat_interleave(each, 0)
        embedding = features.embedding.repeat_interleave(each, 0)
        # SAM tells points from boxes by a point that is none.
        none = labels.new_full((len(labels), 1), NOT_A_POINT)
        points = torch.cat([points, points.new_zeros(len(points), 1, 2)], dim=1)
        tokens = self.prompts.tokens(points, torch.cat([labels, none], dim=1), side)
        dense = self.prompts.dense(None, embedding)
        return self.decoder(embedding, low, self.prompts.grid(side), tokens, dense)

    def forward(self, image: Tensor, points: Tensor, labels: Tensor) -> Tensor:
        return self.decode(image, self.encode(image), points, labels).logits

    def answers(
        self, image: Tensor, points: Tensor, labels: Tensor, features: Features | None = None
    ) -> Tensor:
        """``features`` saves encoding the image again."""
        features = self.encode(image) if features is None else features
        masks = self.decode(image, features, points.flatten(0, 1), labels.flatten(0, 1))
        return masks.logits[:, 0].unflatten(0, labels.shape[:2])


def shrink(image: Tensor, side: int) -> Tensor:
    """B×C×S×S to B×C×side×side by the mean of the pixels that become one."""
    return F.interpolate(image, size=(side, side), mode="area")


def build(config: ModelConfig) -> ClickNet | WholeImageNet:
    """A network with random weights."""
    if config.kind == "rival":
        # Its libraries are wanted for the comparison only; the product does without them.
        from ml.sppnet.rivals import RivalNet

        return RivalNet(config)
    return ClickNet(config) if config.kind == "click" else PaperNet(config)
