"""The two configurations of one network, and how each is trained. Plain frozen data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

Kind = Literal["click", "paper"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

# What the click network's mask tokens mean, in order.
NUCLEUS, FOREGROUND, BOUNDARY, DISTANCE = range(4)


@dataclass(frozen=True)
class ModelConfig:
    """Shapes of the network.

    ``click`` works at native resolution: images are cut into tiles of ``tile`` px, and a click
    is answered inside a window of ``window`` px around it. ``paper`` is SPPNet as published: the
    image resized to ``tile`` px, one click, the mask of all nuclei.
    """

    kind: Kind = "click"
    tile: int = 448
    overlap: int = 64
    window: int = 160
    embed_dim: int = 256
    skip8_dim: int = 32
    skip4_dim: int = 32
    low_level_dim: int = 16
    mask_tokens: int = 4
    click_sigma: float = 2.5

    def __post_init__(self) -> None:
        if self.tile % 32 or self.window % 32:
            raise ValueError(
                f"tile ({self.tile}) and window ({self.window}) must be multiples of 32"
            )

    @classmethod
    def paper(cls) -> ModelConfig:
        """SPPNet as published (sections 2.2, 2.3)."""
        return cls(kind="paper", tile=1024, overlap=0, window=1024, low_level_dim=32)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """Raises ValueError naming the keys that this version does not know."""
        unknown = set(values) - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"unknown model settings: {', '.join(sorted(unknown))}")
        return cls(**values)


@dataclass(frozen=True)
class TrainConfig:
    """How the click network is trained. Lengths in pixels, rates per optimiser step."""

    crop: int = 224
    crops_per_step: int = 12
    clicks_per_crop: int = 6
    refine_fraction: float = 0.4
    learning_rate: float = 8e-4
    weight_decay: float = 0.05
    warmup_steps: int = 150
    ema_decay: float = 0.998
    scale_range: tuple[float, float] = (0.6, 1.5)
    seed: int = 0
