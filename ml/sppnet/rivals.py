"""The networks that the paper compares SPPNet with (table 1), from the libraries that keep them.

They see the image at the side of the masks, a quarter of what SPPNet's encoder sees (section 3.1),
and take no prompt. segmentation-models-pytorch and MONAI are wanted here alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import timm
import torch
from timm.models.swin_transformer import SwinTransformerStage
from timm.models.vision_transformer import Block
from torch import Tensor, nn
from torch.nn import functional as F

from ml.sppnet.config import ModelConfig
from ml.sppnet.network import STRIDE, MissingLibrary, WholeImageNet, shrink

try:
    from monai.networks.nets import AttentionUnet, BasicUNet, BasicUNetPlusPlus
    from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder
except ImportError as error:
    raise MissingLibrary(
        f"{error.name} is missing: the networks that SPPNet is compared with need "
        "`pip install segmentation-models-pytorch monai`"
    ) from error


class RivalNet(WholeImageNet):
    """One of RIVALS, called like the paper's network: prompts are not listened to."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.side = config.tile // STRIDE
        if self.side % 32:
            raise ValueError(f"{config.rival} needs a tile in multiples of 128, not {config.tile}")
        self.body = RIVALS[config.rival](self.side)

    def forward(self, image: Tensor, points: Tensor, labels: Tensor) -> Tensor:
        """B×3×S×S in [0, 1] to logits B×1×S/4×S/4."""
        logits = self.body(self.normalise(shrink(image, self.side)))
        # U-Net++ has several outputs; without deep supervision there is one.
        return logits[0] if isinstance(logits, list) else logits

    def answers(
        self, image: Tensor, points: Tensor, labels: Tensor, features: Any = None
    ) -> Tensor:
        return self(image, points, labels).expand(-1, labels.shape[1], -1, -1)


class TransUnet(nn.Module):
    """TransUNet (Chen et al., 2021): a ResNet-50 to stride 16, a transformer on its last map, and
    a U-Net decoder that joins the strides before."""

    def __init__(self, side: int, width: int = 768, depth: int = 6, heads: int = 12) -> None:
        super().__init__()
        self.convolutions = timm.create_model(
            "resnetv2_50", features_only=True, out_indices=(0, 1, 2, 3)
        )
        channels = self.convolutions.feature_info.channels()
        self.embed = nn.Conv2d(channels[-1], width, 1)
        self.position = nn.Parameter(torch.zeros(1, (side // 16) ** 2, width))
        nn.init.trunc_normal_(self.position, std=0.02)
        self.blocks = nn.Sequential(*(Block(width, heads, qkv_bias=True) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.narrow = nn.Conv2d(width, 512, 3, padding=1)
        self.decoder = UnetDecoder(
            encoder_channels=(3, *channels[:-1], 512),
            decoder_channels=(256, 128, 64, 16),
            n_blocks=4,
        )
        self.head = nn.Conv2d(16, 1, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        *skips, last = self.convolutions(image)
        x = self.embed(last)
        size = x.shape[-2:]
        x = self.norm(self.blocks(x.flatten(2).transpose(1, 2) + self.position))
        x = self.narrow(x.transpose(1, 2).unflatten(2, size))
        return self.head(self.decoder([image, *skips, x]))


class Expand(nn.Module):
    """Twice the height and width, half the channels: B×h×w×C to B×2h×2w×C/2."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.widen = nn.Linear(width, 2 * width, bias=False)
        self.norm = nn.LayerNorm(width // 2)

    def forward(self, x: Tensor) -> Tensor:
        spread = F.pixel_shuffle(self.widen(x).permute(0, 3, 1, 2), 2)
        return self.norm(spread.permute(0, 2, 3, 1))


class SwinUnet(nn.Module):
    """Swin-UNet (Cao et al., 2022): two Swin blocks a stage, down to stride 32 and up again."""

    def __init__(self, side: int, depth: int = 2) -> None:
        super().__init__()
        self.down = timm.create_model(
            "swin_tiny_patch4_window7_224", features_only=True, img_size=side, depths=(2, 2, 2, 2)
        )
        widths = self.down.feature_info.channels()
        self.expand, self.join, self.up = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for stage, width in zip((2, 1, 0), widths[-2::-1], strict=True):
            grid = side // (4 * 2**stage)
            self.expand.append(Expand(2 * width))
            self.join.append(nn.Linear(2 * width, width))
            self.up.append(
                SwinTransformerStage(
                    dim=width,
                    out_dim=width,
                    input_resolution=(grid, grid),
                    depth=depth,
                    downsample=False,
                    num_heads=width // 32,
                    window_size=(7, 7),
                )
            )
        self.norm = nn.LayerNorm(widths[0])
        self.last = nn.Sequential(Expand(widths[0]), Expand(widths[0] // 2))
        self.head = nn.Linear(widths[0] // 4, 1)

    def forward(self, image: Tensor) -> Tensor:
        *skips, x = self.down(image)
        for expand, join, up, skip in zip(
            self.expand, self.join, self.up, reversed(skips), strict=True
        ):
            x = up(join(torch.cat([expand(x), skip], dim=-1)))
        return self.head(self.last(self.norm(x))).permute(0, 3, 1, 2)


_PLAIN: dict[str, Any] = {"spatial_dims": 2, "in_channels": 3, "out_channels": 1}
_RELU: dict[str, Any] = {"act": ("relu", {"inplace": True}), "norm": "batch"}

# By name: the network for images of a given side.
RIVALS: dict[str, Callable[[int], nn.Module]] = {
    "unet": lambda side: BasicUNet(**_PLAIN, **_RELU, features=(48, 96, 192, 384, 512, 48)),
    "unetplusplus": lambda side: BasicUNetPlusPlus(
        **_PLAIN, **_RELU, features=(32, 64, 128, 256, 512, 32)
    ),
    "attention_unet": lambda side: AttentionUnet(
        **_PLAIN, channels=(64, 128, 256, 512, 1024), strides=(2, 2, 2, 2)
    ),
    "transunet": TransUnet,
    "swin_unet": SwinUnet,
}
