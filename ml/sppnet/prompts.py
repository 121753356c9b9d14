"""Clicks as the decoder sees them: tokens for the transformer, pictures for the pixels."""

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


class PaperPrompts(nn.Module):
    """SAM's prompt encoder: positions are shares of the image's side."""

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        side = int(POSITION_SCALE)
        self.sam = PromptEncoder(
            embed_dim, (side // 16, side // 16), (side, side), mask_in_chans=16
        )

    def _encode(self, points: Tensor, side: int) -> Tensor:
        return self.sam.pe_layer._pe_encoding(points.float() / side)

    def tokens(self, points: Tensor, labels: Tensor, side: int) -> Tensor:
        """Points B×N×2 as (x, y) in window pixels, labels B×N, to tokens B×N×C."""
        position = self._encode(points, side)
        kinds = torch.cat(
            [self.sam.not_a_point_embed.weight, *[e.weight for e in self.sam.point_embeddings]]
        )
        # A padding point has no position; index 0 of `kinds` is "not a point".
        position = position * (labels != NOT_A_POINT).unsqueeze(-1)
        return position + kinds[(labels + 1).long()]

    def grid(self, side: int) -> Tensor:
        """Positions of the embedding's cells in a window of ``side`` px: 1×C×side/16×side/16."""
        device = self.sam.no_mask_embed.weight.device
        centres = torch.arange(side // 16, device=device) * 16 + 8
        y, x = torch.meshgrid(centres, centres, indexing="ij")
        return self._encode(torch.stack([x, y], dim=-1), side).permute(2, 0, 1).unsqueeze(0)

    def dense(self, prior: Tensor | None, like: Tensor) -> Tensor:
        """Mask logits to start from (B×1×H/4×W/4; all-zero rows mean none), to B×C×H/16×W/16."""
        nothing = self.sam.no_mask_embed.weight.reshape(1, -1, 1, 1)
        if prior is None:
            return nothing.expand(like.shape[0], -1, *like.shape[-2:])
        given = prior.abs().amax(dim=(1, 2, 3), keepdim=True) > 0
        return torch.where(given, self.sam.mask_downscaling(prior), nothing)


class ClickPrompts(PaperPrompts):
    """SAM's prompt encoder with positions counted from the centre of a window."""

    def _encode(self, points: Tensor, side: int) -> Tensor:
        coords = (points.float() - side / 2) / POSITION_SCALE + 0.5
        return self.sam.pe_layer._pe_encoding(coords)


# Channels of :func:`hints`.
HINTS = 6
# Widths of the disks on the hints' grid of stride 4: one says where, the other how far.
_NEAR, _FAR = 1.0, 4.0
# Logits of a prior mask are divided by this, to lie about [-1, 1] like the other hints.
_PRIOR_SCALE = 8.0


def hints(points: Tensor, labels: Tensor, prior: Tensor | None, side: int) -> Tensor:
    """Everything a person has said, as pictures at stride 4: B×HINTS×side/4×side/4.

    Near and far disks of positive and negative clicks, the box, and the mask to refine.
    points B×N×2 (x, y) in window pixels, labels B×N; prior B×1×side/4×side/4 logits.
    """
    small = side // 4
    scaled = points / 4
    near = click_disks(scaled, labels, small, _NEAR)
    far = click_disks(scaled, labels, small, _FAR)
    centres = torch.arange(small, device=points.device, dtype=torch.float32) + 0.5
    corners = [
        ((labels == kind).unsqueeze(-1) * scaled).sum(1)
        for kind in (BOX_TOP_LEFT, BOX_BOTTOM_RIGHT)
    ]
    # Without a box both corners are at the origin, and nothing lies between them.
    columns, rows = (
        (centres >= corners[0][:, i, None]) & (centres <= corners[1][:, i, None]) for i in (0, 1)
    )
    box = (rows.unsqueeze(-1) & columns.unsqueeze(-2)).unsqueeze(1).to(near.dtype)
    if prior is None:
        prior = torch.zeros_like(box)
    mask = prior.clamp(-_PRIOR_SCALE, _PRIOR_SCALE) / _PRIOR_SCALE
    return torch.cat([near, far, box, mask], dim=1)


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
