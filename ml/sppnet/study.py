"""The rows of the paper's tables, and what the paper says of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ml.sppnet.config import ModelConfig


@dataclass(frozen=True)
class Published:
    """Mean and standard deviation in per cent; millions of parameters, G FLOPs (multiplications),
    images per second on an RTX 2080 Ti."""

    iou: float
    iou_std: float
    dice: float
    dice_std: float
    params: float
    flops: float
    fps: float


@dataclass(frozen=True)
class Row:
    """A network that is trained and scored once, whatever number of tables it stands in.

    ``tables``: by table number, what it is called there. ``model`` and ``training``: what differs
    from SPPNet as published. ``differs``: why its size is not the paper's.
    """

    key: str
    tables: dict[int, str]
    published: Published
    model: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    differs: str = ""

    def config(self, side: int) -> ModelConfig:
        if self.model.get("rival"):
            return ModelConfig.of_rival(self.model["rival"], side)
        return ModelConfig.paper(side, **self.model)


ROWS = (
    Row(
        "unet",
        {1: "U-Net"},
        Published(61.64, 8.28, 75.92, 6.79, 13.40, 23.83, 93.22),
        {"rival": "unet"},
        differs="MONAI's BasicUNet, its widths chosen to come near: 48 to 512",
    ),
    Row(
        "unetplusplus",
        {1: "U-Net++"},
        Published(62.28, 6.54, 76.05, 5.06, 9.16, 26.73, 69.88),
        {"rival": "unetplusplus"},
        differs="MONAI's BasicUNetPlusPlus halves channels where it upsamples",
    ),
    Row(
        "attention_unet",
        {1: "Attention U-Net"},
        Published(63.85, 7.23, 77.68, 5.82, 34.88, 51.02, 55.19),
        {"rival": "attention_unet"},
        differs="MONAI's AttentionUnet upsamples by transposed convolutions",
    ),
    Row(
        "transunet",
        {1: "TransUNet"},
        Published(57.87, 6.41, 73.09, 5.51, 61.82, 32.63, 66.67),
        {"rival": "transunet"},
        differs="six transformer layers; the twelve of TransUNet's authors would make it 101.8 M",
    ),
    Row(
        "swin_unet",
        {1: "Swin-UNet"},
        Published(58.21, 6.50, 73.36, 5.50, 27.15, 5.91, 43.12),
        {"rival": "swin_unet"},
        differs="timm's Swin blocks; every stage of the way up joins its skip by a linear layer",
    ),
    Row(
        "sppnet",
        {1: "SPPNet", 2: "LLSIE", 3: "SPPNet: Tiny-ViT, CNPS, LLSIE"},
        Published(66.43, 4.32, 79.77, 3.11, 9.79, 39.90, 22.61),
    ),
    Row(
        "block_unet",
        {2: "U-Net block"},
        Published(64.95, 7.94, 77.70, 6.37, 9.80, 40.41, 22.12),
        {"low_level": "unet"},
    ),
    Row(
        "block_stem",
        {2: "Stem"},
        Published(65.13, 6.69, 78.93, 5.19, 9.81, 41.02, 21.55),
        {"low_level": "stem"},
    ),
    Row(
        "sam",
        {3: "SAM, fine-tuned prompt encoder and mask decoder"},
        Published(60.18, 8.15, 74.76, 7.00, 635.93, 2736.63, 1.39),
        {"encoder": "sam_vit_h", "low_level": "none"},
        {"frozen_encoder": True, "sampling": "centre"},
    ),
    Row(
        "plain",
        {3: "SPPNet: Tiny-ViT"},
        Published(62.33, 4.05, 76.22, 2.98, 9.78, 39.73, 23.78),
        {"low_level": "none"},
        {"sampling": "centre"},
    ),
    Row(
        "cnps",
        {3: "SPPNet: Tiny-ViT, CNPS"},
        Published(63.77, 5.77, 77.73, 4.26, 9.78, 39.73, 23.64),
        {"low_level": "none"},
    ),
)
RIVAL_NAMES = tuple(row.model["rival"] for row in ROWS if "rival" in row.model)
TITLES = {
    1: "Comparison with other networks",
    2: "Blocks for low-level information",
    3: "Ablation",
}
