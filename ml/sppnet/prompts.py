"""Clicks as the decoder sees them: tokens for the transformer, disks for the pixels."""

from __future__ import annotations

import torch
from segment_anything.modeling.prompt_encoder import PromptEncoder
from torch import Tensor, nn

POSITIVE, NEGATIVE, NOT_A_POINT = 1, 0, -1
# Box corners, numbered as in segment-anything's point_embeddings.
BOX_TOP_LEFT, BOX_BOTTOM_RIGHT = 2, 3

# Positions are measured from the window's centre and divided by this, so that one trained
# network accepts windows of any size.
POSITION_SCALE = 256.0


class ClickPrompts(nn.Module):
    """SAM's prompt encoder with positions counted from the centre of a window."""

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        side = int(POSITION_SCALE)
        self.sam = PromptEncoder(
            embed_dim, (side // 16, side // 16), (side, side), mask_in_chans=16
        )

    def _encode(self, offsets: Tensor) -> Tensor:
        coords = offsets.float() / POSITION_SCALE + 0.5
        return self.sam.pe_layer._pe_encoding(coords)

    def tokens(self, points: Tensor, labels: Tensor, side: int) -> Tensor:
        """Points B×N×2 as (x, y) in window pixels, labels B×N, to tokens B×N×C."""
        position = self._encode(points - side / 2)
        kinds = torch.cat(
            [self.sam.not_a_point_embed.weight, *[e.weight for e in self.sam.point_embeddings]]
        )
        # A padding point has no position; index 0 of `kinds` is "not a point".
        position = position * (labels != NOT_A_POINT).unsqueeze(-1)
        return position + kinds[(labels + 1).long()]

    def grid(self, side: int) -> Tensor:
        """Positions of the embedding's cells in a window of ``side`` px: 1×C×side/16×side/16."""
        device = self.sam.no_mask_embed.weight.device
        centres = torch.arange(side // 16, device=device) * 16 + 8 - side / 2
        y, x = torch.meshgrid(centres, centres, indexing="ij")
        return self._encode(torch.stack([x, y], dim=-1)).permute(2, 0, 1).unsqueeze(0)

    def dense(self, prior: Tensor | None, like: Tensor) -> Tensor:
        """Mask logits to start from (B×1×H/4×W/4; all-zero rows mean none), to B×C×H/16×W/16."""
        nothing = self.sam.no_mask_embed.weight.reshape(1, -1, 1, 1)
        if prior is None:
            return nothing.expand(like.shape[0], -1, *like.shape[-2:])
        given = prior.abs().amax(dim=(1, 2, 3), keepdim=True) > 0
        return torch.where(given, self.sam.mask_downscaling(prior), nothing)


def click_disks(points: Tensor, labels: Tensor, side: int, sigma: float) -> Tensor:
    """Small Gaussian disks, one channel for positive and one for negative clicks.

    Points B×N×2 (x, y) in window pixels, labels B×N; returns B×2×side×side float in [0, 1].
    The Gaussian is separable, so a disk costs two vectors and one product.
    """
    centres = torch.arange(side, device=points.device, dtype=torch.float32) + 0.5
    x = torch.exp(-((centres - points[..., :1]) ** 2) / (2 * sigma**2))
    y = torch.exp(-((centres - points[..., 1:]) ** 2) / (2 * sigma**2))
    disks = y.unsqueeze(-1) * x.unsqueeze(-2)
    shown = torch.stack([labels == POSITIVE, labels == NEGATIVE], dim=1)
    return (disks.unsqueeze(1) * shown[..., None, None]).amax(dim=2)
