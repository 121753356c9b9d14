"""LLSIE, the low-level semantic information extractor (paper, section 2.2, figure 2c)."""

from __future__ import annotations

from torch import Tensor, nn


class Llsie(nn.Module):
    """B×in×H×W to B×out×H/2×W/2.

    A general 3×3 convolution, then a depthwise and a pointwise one with a residual connection
    around the depthwise, then 2×2 max-pooling. Each convolution is followed by ReLU and batch
    normalisation, in that order.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
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
        self.pool = nn.MaxPool2d(2)

    def forward(self, image: Tensor) -> Tensor:
        x = self.head(image)
        x = x + self.depthwise(x)
        return self.pool(self.pointwise(x))
