"""The two configurations of one network, and how each is trained. Plain frozen data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

Kind = Literal["click", "paper", "rival"]
EncoderName = Literal[
    "tiny_vit_5m", "tiny_vit_11m", "tiny_vit_21m", "sam_vit_b", "sam_vit_l", "sam_vit_h"
]
LowLevel = Literal["llsie", "unet", "stem", "none"]
Fusion = Literal["concat", "add"]
Normalisation = Literal["imagenet", "mean_as_std"]
Sampling = Literal["cnps", "centre", "random"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

# What the click network's mask tokens mean, in order.
NUCLEUS, FOREGROUND, BOUNDARY, DISTANCE = range(4)


@dataclass(frozen=True)
class ModelConfig:
    """Shapes of the network.

    ``click`` works at native resolution: images are cut into tiles of ``tile`` px, and a click
    is answered inside a window of ``window`` px around it. ``paper`` is SPPNet as published: the
    image resized to ``tile`` px, one click, the mask of all nuclei. ``rival`` is a network that
    it is compared with (see rivals.py); it works on the image at ``tile`` / 4 px.

    Of the paper's network only: ``encoder``; ``low_level``, the block beside it, and ``fusion``,
    how the two are joined; ``low_level_side``, the side of the image that the block sees, in
    mask sides: at 2, pooling brings its map onto the mask's grid (docs/decisions/0013);
    ``normalisation``: ``mean_as_std`` is a slip of the authors' code that their later checkpoints
    were trained with.
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
    encoder: EncoderName = "tiny_vit_5m"
    low_level: LowLevel = "llsie"
    fusion: Fusion = "concat"
    low_level_side: int = 1
    normalisation: Normalisation = "imagenet"
    rival: str = ""

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}; it can be {', '.join(map(repr, allowed))}"
                )
        if (self.kind == "rival") != bool(self.rival):
            raise ValueError("a network of kind rival, and no other, has a rival's name")
        if self.tile % 32 or self.window % 32:
            raise ValueError(
                f"tile ({self.tile}) and window ({self.window}) must be multiples of 32"
            )
        if self.kind == "click":
            changed = [n for n in _PAPER_ONLY if getattr(self, n) != getattr(ModelConfig, n)]
            if changed:
                raise ValueError(f"the click network has no choice of {', '.join(changed)}")

    @classmethod
    def paper(cls, side: int = 1024, **choices: Any) -> ModelConfig:
        """SPPNet as published (sections 2.2, 2.3), or a variant of it, on images of ``side`` px."""
        return cls(
            kind="paper", tile=side, overlap=0, window=side, **{"low_level_dim": 32} | choices
        )

    @classmethod
    def of_rival(cls, name: str, side: int = 1024) -> ModelConfig:
        """A network that SPPNet is compared with, where SPPNet sees ``side`` px."""
        return cls(kind="rival", tile=side, overlap=0, window=side, rival=name)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """Raises ValueError naming the keys that this version does not know."""
        unknown = set(values) - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"unknown model settings: {', '.join(sorted(unknown))}")
        return cls(**values)


_PAPER_ONLY = ("encoder", "low_level", "fusion", "low_level_side", "normalisation", "rival")
_CHOICES: dict[str, tuple[Any, ...]] = {
    "kind": get_args(Kind),
    "encoder": get_args(EncoderName),
    "low_level": get_args(LowLevel),
    "fusion": get_args(Fusion),
    "low_level_side": (1, 2),
    "normalisation": get_args(Normalisation),
}


@dataclass(frozen=True)
class Recipe:
    """How weights are found, whatever the network learns. Rates per optimiser step.

    ``accumulate`` batches make one step; ``ema_decay`` 0: the weights themselves are judged;
    ``patience``: so many judgements without a better one end training (0: none do);
    ``anchor``: the share of the weights that training began with in those that are judged and kept:
    of few images much is learned that holds for them alone (Wortsman et al., Robust fine-tuning of
    zero-shot models, CVPR 2022).
    """

    optimiser: Literal["adam", "adamw"] = "adamw"
    learning_rate: float = 8e-4
    weight_decay: float = 0.05
    warmup_steps: int = 150
    cosine: bool = True
    ema_decay: float = 0.998
    clip_norm: float = 1.0
    bf16: bool = True
    channels_last: bool = True
    accumulate: int = 1
    patience: int = 0
    anchor: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class TrainConfig(Recipe):
    """How the click network is trained. Lengths in pixels.

    What is hard about a click is to tell its nucleus from the one beside it: a nucleus that touches
    another is clicked ``crowded`` times as often as one that does not, and pixels of other nuclei
    than the clicked one, and those between nuclei, weigh ``between`` more in the cross-entropy,
    where background weighs 1. (U-Net weighs gaps between cells: Ronneberger et al., MICCAI 2015,
    section 3.)
    ``frozen_norms``: batch norms keep the statistics that training begins with.
    """

    crop: int = 224
    crops_per_step: int = 12
    clicks_per_crop: int = 3
    refine_fraction: float = 0.4
    scale_range: tuple[float, float] = (0.6, 1.5)
    crowded: float = 3.0
    between: float = 3.0
    frozen_norms: bool = False


@dataclass(frozen=True)
class ImageTrainConfig(Recipe):
    """How the paper's network and its rivals are trained (section 3.1), on whole images.

    ``sampling``: where the positive point lies in its nucleus; ``sigma``: of its Gaussian, in
    pixels; ``augment``: the probability of a flip, of a rotation and of a cutout; ``crop``: the
    side of a random part of the image to learn from, in its pixels (0: all of it);
    ``frozen_encoder``: only what follows the encoder learns, from features that are kept.
    """

    optimiser: Literal["adam", "adamw"] = "adam"
    learning_rate: float = 5e-4
    weight_decay: float = 0.0
    warmup_steps: int = 0
    cosine: bool = False
    ema_decay: float = 0.0
    patience: int = 20
    batch: int = 4
    sampling: Sampling = "cnps"
    sigma: float = 1.0
    clicks_per_image: int = 1
    augment: float = 0.25
    crop: int = 0
    frozen_encoder: bool = False
