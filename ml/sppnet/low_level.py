"""Blocks for low-level information beside the encoder (paper, section 2.2, figure 2).

How many convolutions the paper's U-Net and stem blocks have follows from its table 2: two and
three 3×3 ones at full width are what their FLOPs add up to.
"""

from __future__ import annotations

from torch import Tensor, nn

from ml.sppnet.config import LowLevel


class Llsie(nn.Module):
    """LLSIE, the low-level semantic information extractor: B×in×H×W to B×out×H/pool×W/pool.

    A general 3×3 convolution, then a depthwise and a pointwise one with a residual connection
    around the depthwise, then max-pooling. Each convolution is followed by ReLU and batch
    normalisation, in that order.
    """

    def __init__(self, in_channels: int, out_channels: int, pool: int = 1) -> None:
        super().__init__()
        self.head = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, padding=1),
            nn.ReLU(),
            nn.BatchNorm2d(out_channels),
        )
        self.depthwise = nn.Sequential(
            nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels),
            nn.ReLU(),
            nn.BatchNorm2d(out_channels),
        )
        self.pointwise = nn.Sequential(
            nn.Conv2d(out_channels, out_channels, 1), nn.ReLU(), nn.BatchNorm2d(out_channels)
        )
        self.pool = nn.MaxPool2d(pool) if pool > 1 else nn.Identity()

    def forward(self, image: Tensor) -> Tensor:
        x = self.head(image)
        x = x + self.depthwise(x)
        return self.pool(self.pointwise(x))


def convolutions(in_channels: int, out_channels: int, count: int, pool: int = 1) -> nn.Sequential:
    """``count`` general 3×3 convolutions, each with batch normalisation and ReLU, then
    max-pooling: B×in×H×W to B×out×H/pool×W/pool."""
    layers: list[nn.Module] = []
    for index in range(count):
        layers += [
            nn.Conv2d(out_channels if index else in_channels, out_channels, 3, padding=1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers, nn.MaxPool2d(pool) if pool > 1 else nn.Identity())


def low_level_block(
    name: LowLevel, in_channels: int, out_channels: int, pool: int = 1
) -> nn.Module | None:
    """The block of that name, or None for ``none``."""
    if name == "llsie":
        return Llsie(in_channels, out_channels, pool)
    if name == "none":
        return None
    return convolutions(in_channels, out_channels, {"unet": 2, "stem": 3}[name], pool)
