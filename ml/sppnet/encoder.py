"""TinyViT that ends at stride 16, with SAM's neck and, for clicks, finer features that know it."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import torch
from segment_anything.modeling import ImageEncoderViT
from segment_anything.modeling.common import LayerNorm2d
from timm.models.tiny_vit import Attention, TinyVit
from torch import Tensor, nn
from torch.nn import functional as F

from ml.sppnet.config import ModelConfig


class Features(NamedTuple):
    """What an image becomes once, whatever the number of clicks that follow.

    embedding: B×embed_dim×H/16×W/16; skip8: B×skip8_dim×H/8×W/8; skip4: B×skip4_dim×H/4×W/4.
    """

    embedding: Tensor
    skip8: Tensor
    skip4: Tensor


TINY_VITS: dict[str, tuple[int, ...]] = {
    "tiny_vit_5m": (64, 128, 160, 320),
    "tiny_vit_11m": (64, 128, 256, 448),
    "tiny_vit_21m": (96, 192, 384, 576),
}
# Width, depth, heads, and which blocks look at the whole image.
SAM_VITS: dict[str, tuple[int, int, int, tuple[int, ...]]] = {
    "sam_vit_b": (768, 12, 12, (2, 5, 8, 11)),
    "sam_vit_l": (1024, 24, 16, (5, 11, 17, 23)),
    "sam_vit_h": (1280, 32, 16, (7, 15, 23, 31)),
}


def tiny_vit(name: str = "tiny_vit_5m") -> TinyVit:
    """A TinyViT whose last stage keeps stride 16 (timm's goes on to 32), without a head."""
    widths = TINY_VITS[name]
    body = TinyVit(
        embed_dims=widths,
        num_heads=tuple(width // 32 for width in widths),
        window_sizes=(7, 7, 14, 7),
        drop_path_rate=0,
        num_classes=0,
    )
    body.stages[3].downsample.conv2.conv.stride = (1, 1)
    # The classifier's norm and pooling are never reached: features leave after the last stage.
    del body.head
    return body


def attend_by_steps(network: nn.Module) -> None:
    """Have TinyViT's attention computed product by product, with the same result.

    With a learned bias torch has no fused gradient on a CPU, and what it takes in its place costs a
    third of the encoder's time to learn (bfloat16, torch 2.14, a Xeon with AMX).
    """
    for module in network.modules():
        if isinstance(module, Attention):
            module.fused_attn = False  # type: ignore[misc]  # final for TorchScript alone


class Residual(nn.Module):
    """Two 3×3 convolutions around which the input passes."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.GELU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(x + self.body(x))


class TopDown(nn.Module):
    """Skips at strides 8 and 4 that have seen the embedding: what is costly about telling nuclei
    apart is done once per tile, not once per click."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        wide, fine = 64, 48
        self.up8 = nn.ConvTranspose2d(config.embed_dim, wide, 2, stride=2)
        self.lateral8 = nn.Conv2d(128, wide, 1)
        self.mix8 = Residual(wide)
        self.up4 = nn.ConvTranspose2d(wide, fine, 2, stride=2)
        self.lateral4 = nn.Conv2d(64, fine, 1)
        self.mix4 = nn.Sequential(Residual(fine), Residual(fine))
        self.skip8 = nn.Conv2d(wide, config.skip8_dim, 1)
        self.skip4 = nn.Conv2d(fine, config.skip4_dim, 1)

    def forward(self, embedding: Tensor, stride8: Tensor, stride4: Tensor) -> tuple[Tensor, Tensor]:
        x8 = self.mix8(F.gelu(self.up8(embedding) + self.lateral8(stride8)))
        x4 = self.mix4(F.gelu(self.up4(x8) + self.lateral4(stride4)))
        return self.skip8(x8), self.skip4(x4)


class Encoder(nn.Module):
    """Normalised image (B×3×H×W float, H and W multiples of 32) to :class:`Features`."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.body = tiny_vit(config.encoder)
        self.neck = nn.Sequential(
            nn.Conv2d(TINY_VITS[config.encoder][-1], config.embed_dim, 1, bias=False),
            LayerNorm2d(config.embed_dim),
            nn.Conv2d(config.embed_dim, config.embed_dim, 3, padding=1, bias=False),
            LayerNorm2d(config.embed_dim),
        )
        self.has_skips = config.kind == "click"
        if self.has_skips:
            self.top_down = TopDown(config)

    def forward(self, image: Tensor) -> Features:
        stride4 = self.body.stages[0](self.body.patch_embed(image))
        stride8 = self.body.stages[1](stride4)
        stride16 = self.body.stages[3](self.body.stages[2](stride8))
        embedding = self.neck(stride16)
        if not self.has_skips:
            none = torch.empty(0, device=image.device)
            return Features(embedding, none, none)
        return Features(embedding, *self.top_down(embedding, stride8, stride4))


class SamEncoder(nn.Module):
    """SAM's own encoder, a ViT with its neck, for images of one size: config.tile px."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, depth, heads, whole = SAM_VITS[config.encoder]
        self.body = ImageEncoderViT(
            img_size=config.tile,
            embed_dim=width,
            depth=depth,
            num_heads=heads,
            norm_layer=partial(nn.LayerNorm, eps=1e-6),
            out_chans=config.embed_dim,
            use_rel_pos=True,
            window_size=14,
            global_attn_indexes=whole,
        )

    def forward(self, image: Tensor) -> Features:
        none = torch.empty(0, device=image.device)
        return Features(self.body(image), none, none)


def build_encoder(config: ModelConfig) -> Encoder | SamEncoder:
    return SamEncoder(config) if config.encoder in SAM_VITS else Encoder(config)
