"""The mask decoders: SAM's two-way transformer, joined by low-level features."""

from __future__ import annotations

from typing import NamedTuple

import torch
from segment_anything.modeling.common import LayerNorm2d
from segment_anything.modeling.mask_decoder import MLP
from segment_anything.modeling.transformer import TwoWayTransformer
from torch import Tensor, nn
from torch.nn import functional as F

from ml.sppnet.config import NUCLEUS, ModelConfig
from ml.sppnet.prompts import HINTS


class Masks(NamedTuple):
    """logits: B×tokens×H×W (see :class:`ClickDecoder` for their order); quality: B×tokens,
    the predicted IoU of each mask."""

    logits: Tensor
    quality: Tensor


class TokenDecoder(nn.Module):
    """What both decoders share: tokens in, tokens and image out, and one mask per token."""

    def __init__(self, config: ModelConfig, mask_dim: int) -> None:
        super().__init__()
        dim = config.embed_dim
        self.transformer = TwoWayTransformer(depth=2, embedding_dim=dim, mlp_dim=2048, num_heads=8)
        self.iou_token = nn.Embedding(1, dim)
        self.mask_tokens = nn.Embedding(config.mask_tokens, dim)
        self.output_hypernetworks_mlps = nn.ModuleList(
            MLP(dim, dim, mask_dim, 3) for _ in range(config.mask_tokens)
        )
        self.iou_prediction_head = MLP(dim, 256, config.mask_tokens, 3)

    def attend(self, embedding: Tensor, positions: Tensor, prompts: Tensor) -> tuple[Tensor, ...]:
        """Embedding B×C×h×w, prompts B×N×C to (IoU token B×C, mask tokens B×T×C, B×C×h×w)."""
        own = torch.cat([self.iou_token.weight, self.mask_tokens.weight])
        tokens = torch.cat([own.expand(prompts.shape[0], -1, -1), prompts], dim=1)
        tokens, image = self.transformer(
            embedding, positions.expand_as(embedding), tokens.to(embedding.dtype)
        )
        image = image.transpose(1, 2).reshape(embedding.shape)
        return tokens[:, 0], tokens[:, 1 : 1 + self.mask_tokens.num_embeddings], image

    def masks(self, iou_token: Tensor, mask_tokens: Tensor, pixels: Tensor) -> Masks:
        """One mask per token: its hypernetwork's weights applied to every pixel's features."""
        weights = torch.stack(
            [mlp(mask_tokens[:, i]) for i, mlp in enumerate(self.output_hypernetworks_mlps)], dim=1
        )
        logits = torch.einsum("btc,bchw->bthw", weights, pixels)
        return Masks(logits, self.iou_prediction_head(iou_token))


class PaperDecoder(TokenDecoder):
    """SPPNet's decoder (section 2.3): one mask at stride 4, joined by low-level features.

    ``concat``: concatenated to the mask, and one 1×1 convolution leaves the one class.
    ``add``, as in the authors' code: added to the upscaled embedding, before masks are formed.
    SAM has four mask tokens; as there, a prompt with one answer is answered by the first.
    """

    def __init__(self, config: ModelConfig) -> None:
        dim = config.embed_dim
        super().__init__(config, dim // 8)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(dim, dim // 4, 2, stride=2),
            LayerNorm2d(dim // 4),
            nn.GELU(),
            nn.ConvTranspose2d(dim // 4, dim // 8, 2, stride=2),
            nn.GELU(),
        )
        self.fuse: nn.Conv2d | None = None
        if config.low_level != "none" and config.fusion == "concat":
            self.fuse = nn.Conv2d(1 + config.low_level_dim, 1, 1, bias=False)
            # At first the mask passes as it is, so that a decoder trained without it keeps its own.
            nn.init.ones_(self.fuse.weight[:, 0])

    def forward(
        self,
        embedding: Tensor,
        low: Tensor | None,
        positions: Tensor,
        prompts: Tensor,
        dense: Tensor,
    ) -> Masks:
        """low: B×low_level_dim×h×w on the mask's grid, or None."""
        iou_token, mask_tokens, image = self.attend(embedding + dense, positions, prompts)
        pixels = self.output_upscaling(image)
        if low is not None and self.fuse is None:
            pixels = pixels + low
        masks = self.masks(iou_token, mask_tokens, pixels)
        logits, quality = masks.logits[:, :1], masks.quality[:, :1]
        if low is not None and self.fuse is not None:
            logits = self.fuse(torch.cat([logits, low], dim=1))
        return Masks(logits, quality)


class ClickDecoder(TokenDecoder):
    """Masks at stride 2 from the embedding, the skips at strides 8 and 4, LLSIE, and the clicks
    drawn at stride 4.

    Mask tokens mean, in order: the clicked nucleus, all nuclei, their outlines, and the distance
    from the outline (1 at each nucleus's core).
    """

    def __init__(self, config: ModelConfig) -> None:
        dim, mid, fine = config.embed_dim, config.embed_dim // 4, config.embed_dim // 8
        super().__init__(config, fine)
        self.up8 = nn.ConvTranspose2d(dim, mid, 2, stride=2)
        self.norm8 = LayerNorm2d(mid)
        self.skip8 = nn.Conv2d(config.skip8_dim, mid, 1)
        self.up4 = nn.ConvTranspose2d(mid, fine, 2, stride=2)
        self.skip4 = nn.Conv2d(config.skip4_dim, fine, 1)
        self.hints = nn.Conv2d(HINTS, fine, 3, padding=1)
        self.spread = nn.Sequential(*(Spread(fine, reach) for reach in (1, 2, 4, 8, 2)))
        self.up2 = nn.ConvTranspose2d(fine, fine, 2, stride=2)
        self.fuse = nn.Conv2d(fine + config.low_level_dim, fine, 1)
        self.mix2 = SeparableMix(fine)
        self.rating = Rating(fine, config.mask_tokens)

    def forward(
        self,
        embedding: Tensor,
        skip8: Tensor,
        skip4: Tensor,
        low: Tensor,
        hints: Tensor,
        positions: Tensor,
        prompts: Tensor,
        dense: Tensor,
    ) -> Masks:
        iou_token, mask_tokens, image = self.attend(embedding + dense, positions, prompts)
        x = F.gelu(self.norm8(self.up8(image)) + self.skip8(skip8))
        x = self.spread(F.gelu(self.up4(x) + self.skip4(skip4)) + self.hints(hints))
        x = self.mix2(F.gelu(self.fuse(torch.cat([self.up2(x), low], dim=1))))
        logits, quality = self.masks(iou_token, mask_tokens, x)
        # What is learned of quality is not to change the masks.
        seen = self.rating(x.detach(), logits.detach())
        return Masks(logits, torch.sigmoid(quality + seen))


class Rating(nn.Module):
    """How good the clicked nucleus's mask is, by the pixels that it covers and those it hesitates
    at: pixels are drawn after the transformer, so its tokens do not know what became of a mask."""

    def __init__(self, channels: int, tokens: int) -> None:
        super().__init__()
        size = 2 * (channels + tokens) + 2
        self.norm = nn.LayerNorm(size)
        self.hidden = nn.Linear(size, 64)
        self.out = nn.Linear(64, 1)
        # Until it has learned, and for checkpoints from before it was, it says nothing.
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, pixels: Tensor, logits: Tensor) -> Tensor:
        """pixels B×C×H×W, logits B×T×H×W of the masks; B×T, zero but for the clicked nucleus."""
        # In half precision 1 - p would be nothing where p is near 1, and sums of pixels too much.
        logits = logits.float()
        maps = logits.sigmoid()
        inside = maps[:, NUCLEUS]
        hesitation = 4 * inside * (-logits[:, NUCLEUS]).sigmoid()
        weights = torch.stack([inside, hesitation], dim=1).flatten(2)
        sizes = weights.sum(2) + 1
        seen = torch.cat([pixels.float(), maps], dim=1).flatten(2)
        means = (weights / sizes.unsqueeze(2)) @ seen.transpose(1, 2)
        told = self.norm(torch.cat([means.flatten(1), sizes.log()], dim=1))
        rated = self.out(F.gelu(self.hidden(told)))
        others = logits.shape[1] - 1
        return F.pad(rated, (NUCLEUS, others - NUCLEUS))


class Spread(nn.Module):
    """A residual dilated 3×3 convolution: several carry a click as far as its nucleus's outline,
    which the embedding's cells of 16 px are too coarse to follow."""

    def __init__(self, channels: int, reach: int) -> None:
        super().__init__()
        self.body = nn.Conv2d(channels, channels, 3, padding=reach, dilation=reach)

    def forward(self, x: Tensor) -> Tensor:
        return x + F.gelu(self.body(x))


class SeparableMix(nn.Module):
    """A residual depthwise-separable 3×3 convolution: lets neighbouring pixels agree."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.pointwise = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.pointwise(F.gelu(self.depthwise(x)))
