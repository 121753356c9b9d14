"""Losses on soft targets; pixels that nobody has labelled weigh nothing."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def dice_loss(logits: Tensor, target: Tensor, valid: Tensor, squared: bool = True) -> Tensor:
    """1 - soft Dice per mask: …×H×W each, to … (paper, section 3.1).

    The standard one, as in the paper, sums areas; ``squared`` sums squares, which leaves blurred
    targets blurred.
    """
    probability = logits.sigmoid() * valid
    target = target * valid
    overlap = (probability * target).sum((-2, -1))
    power = 2 if squared else 1
    total = (probability**power).sum((-2, -1)) + (target**power).sum((-2, -1))
    return 1 - (2 * overlap + 1) / (total + 1)


def bce_loss(
    logits: Tensor,
    target: Tensor,
    valid: Tensor,
    positive: float = 1.0,
    emphasis: float | Tensor = 0.0,
) -> Tensor:
    """Mean binary cross-entropy per mask over its valid pixels: B×H×W each, to B.

    A pixel weighs 1, or ``positive`` where something is, and ``emphasis`` (B×H×W) more.
    """
    weight = valid * (1 + (positive - 1) * target + emphasis)
    loss = F.binary_cross_entropy_with_logits(logits, target, weight, reduction="none")
    return loss.sum((-2, -1)) / valid.sum((-2, -1)).clamp(min=1)


def soft_iou(logits: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """IoU of the thresholded mask, per mask: B×H×W each, to B. Empty against empty is 1."""
    predicted = (logits > 0) & (valid > 0)
    wanted = (target > 0.5) & (valid > 0)
    union = (predicted | wanted).sum((-2, -1))
    overlap = (predicted & wanted).sum((-2, -1))
    return ((overlap + 1e-6) / (union + 1e-6)).float()
