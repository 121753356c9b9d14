"""TinyViT that ends at stride 16, with SAM's neck and two skips for the decoder."""

from __future__ import annotations

from typing import NamedTuple

import torch
from segment_anything.modeling.common import LayerNorm2d
from timm.models.tiny_vit import TinyVit
from torch import Tensor, nn

from ml.sppnet.config import ModelConfig


class Features(NamedTuple):
    """What an image becomes once, whatever the number of clicks that follow.

    embedding: B×embed_dim×H/16×W/16; skip8: B×skip8_dim×H/8×W/8; skip4: B×skip4_dim×H/4×W/4.
    """

    embedding: Tensor
    skip8: Tensor
    skip4: Tensor


def tiny_vit() -> TinyVit:
    """TinyViT-5M whose last stage keeps stride 16 (timm's goes on to 32), without a head."""
    body = TinyVit(
        embed_dims=(64, 128, 160, 320),
        num_heads=(2, 4, 5, 10),
        window_sizes=(7, 7, 14, 7),
        drop_path_rate=0,
        num_classes=0,
    )
    body.stages[3].downsample.conv2.conv.stride = (1, 1)
    # The classifier's norm and pooling are never reached: features leave after the last stage.
    del body.head
    return body


class Encoder(nn.Module):
    """Normalised image (B×3×H×W float, H and W multiples of 32) to :class:`Features`."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.body = tiny_vit()
        self.neck = nn.Sequential(
            nn.Conv2d(320, config.embed_dim, 1, bias=False),
            LayerNorm2d(config.embed_dim),
            nn.Conv2d(config.embed_dim, config.embed_dim, 3, padding=1, bias=False),
            LayerNorm2d(config.embed_dim),
        )
        self.has_skips = config.kind == "click"
        if self.has_skips:
            self.skip8 = nn.Conv2d(128, config.skip8_dim, 1)
            self.skip4 = nn.Conv2d(64, config.skip4_dim, 1)

    def forward(self, image: Tensor) -> Features:
        stride4 = self.body.stages[0](self.body.patch_embed(image))
        stride8 = self.body.stages[1](stride4)
        stride16 = self.body.stages[3](self.body.stages[2](stride8))
        embedding = self.neck(stride16)
        if not self.has_skips:
            none = torch.empty(0, device=image.device)
            return Features(embedding, none, none)
        return Features(embedding, self.skip8(stride8), self.skip4(stride4))
