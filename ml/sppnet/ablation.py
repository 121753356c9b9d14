"""What the click network's choices are worth: each left out or changed, trained for as long.

An arm starts from random weights and is judged like any training, on the same held-out images.
Decodings are compared on the maps of one trained checkpoint.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.sppnet.click_task import ClickTask
from ml.sppnet.click_training import validate
from ml.sppnet.config import ModelConfig, TrainConfig
from ml.sppnet.datasets import Mixture, Part, Sample
from ml.sppnet.evaluate import automatic, encode, proposed
from ml.sppnet.instances import Splitting
from ml.sppnet.network import ClickNet, build
from ml.sppnet.predict import Predictor
from ml.sppnet.pretraining import pretrain
from ml.sppnet.train import Budget, Run
from ml.sppnet.whole_files import written_whole


class Silent(nn.Module):
    """Takes the place of a layer that is left out: zeros of the shape that it gives."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(self.layer(x))


def without_skips(network: ClickNet) -> None:
    network.decoder.add_module("skip8", Silent(network.decoder.skip8))
    network.decoder.add_module("skip4", Silent(network.decoder.skip4))


def clicks_as_tokens(network: ClickNet) -> None:
    network.decoder.add_module("hints", Silent(network.decoder.hints))


class Unjittered(Mixture):
    """Colours as they are."""

    def recoloured(self, pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        return pixels


@dataclass(frozen=True)
class Arm:
    """``recipe``: what differs in training; ``change``: what is done to the network;
    ``pretrained``: the share of the time in which the encoder learns to rebuild pictures."""

    key: str
    title: str
    recipe: Mapping[str, Any] = field(default_factory=dict)
    change: Callable[[ClickNet], None] = lambda network: None
    mixture: type[Mixture] = Mixture
    pretrained: float = 0.0


# What each arm changes one thing of: the defaults when the first arms were measured.
BASE = TrainConfig(clicks_per_crop=6, crowded=1.0, between=0.0)

ARMS = (
    Arm("base", "12 crops of 224 px, 6 clicks each"),
    Arm("tokens", "clicks as tokens and disks, not drawn at stride 4", change=clicks_as_tokens),
    Arm("skips", "without the skips at strides 8 and 4", change=without_skips),
    Arm("jitter", "without jitter of stain and brightness", mixture=Unjittered),
    Arm("touching", "touching nuclei clicked more often, and weighing more", {
        "crowded": 3.0, "between": 3.0}),
    Arm("clicks3", "3 clicks a crop", {"clicks_per_crop": 3}),
    Arm("clicks12", "12 clicks a crop", {"clicks_per_crop": 12}),
    Arm("small", "24 crops of 160 px, 3 clicks each", {
        "crop": 160, "crops_per_step": 24, "clicks_per_crop": 3}),
    Arm("large", "6 crops of 320 px, 12 clicks each", {
        "crop": 320, "crops_per_step": 6, "clicks_per_crop": 12}),
    Arm("pretrained", "a third of the time spent on rebuilding pictures", pretrained=1 / 3),
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """Scores as :func:`ml.sppnet.click_training.validate` has them, after so many steps."""

    key: str
    minutes: float
    seed: int
    steps: int
    scores: dict[str, float]


def run_arm(
    arm: Arm,
    parts: Mapping[str, Part],
    folder: Path,
    minutes: float,
    recipe: TrainConfig,
    model: ModelConfig,
) -> Result:
    """Train an arm in ``folder``, or read what it came to there."""
    seed = recipe.seed
    path = folder / arm.key / f"seed-{seed}.json"
    if path.exists():
        return Result(**json.loads(path.read_text()))
    config = replace(recipe, **arm.recipe)
    mixture = arm.mixture(
        {name: part.read_train() for name, part in parts.items()},
        {name: part.weight for name, part in parts.items()},
    )
    torch.manual_seed(seed)
    network = build(model)
    assert isinstance(network, ClickNet)
    network = network.to(memory_format=torch.channels_last)
    arm.change(network)
    if arm.pretrained:
        pretrain(network, mixture, config, minutes * arm.pretrained)
    task = ClickTask(mixture, config, network.config.window)
    run = Run(network, task, config, folder / arm.key / f"seed-{seed}")
    held_out = held_out_of(parts)
    found: dict[str, float] = {}

    def score(average: ClickNet) -> dict[str, float]:
        found.update(validate(average, held_out))
        return found

    # Long enough that the end is what is judged.
    run.train(Budget(minutes * (1 - arm.pretrained)), score, score_minutes=10 * minutes)
    result = Result(arm.key, minutes, seed, run.progress.step, found)
    with written_whole(path) as partial:
        partial.write_text(json.dumps(asdict(result)))
    return result


def held_out_of(parts: Mapping[str, Part]) -> list[Sample]:
    return [sample for part in parts.values() for sample in part.read_val()]


Maps = NDArray[np.uint8]


def _outlines_alone(maps: Maps) -> Maps:
    foreground, boundary, _ = maps
    return np.stack([foreground, boundary, foreground])


def _depth_alone(maps: Maps) -> Maps:
    foreground, boundary, depth = maps
    return np.stack([foreground, np.zeros_like(boundary), depth])


def _foreground_alone(maps: Maps) -> Maps:
    foreground, boundary, _ = maps
    return np.stack([foreground, np.zeros_like(boundary), foreground])


@dataclass(frozen=True)
class Decoding:
    """What nuclei are told apart by: the maps that are left, thresholds, and whether an image
    is enlarged if its nuclei are small."""

    change: Callable[[Maps], Maps] = lambda maps: maps
    how: Splitting = field(default_factory=Splitting)
    enlarged: bool = True


# Where there is no depth, the cores are what is left of the foreground without outlines, grown back
# by watershed.
DECODINGS = {
    "outlines and depth, parted at saddles: as it is": Decoding(),
    "the same, images with small nuclei not enlarged": Decoding(enlarged=False),
    "outlines and depth, cores at a fixed depth": Decoding(how=Splitting(core=0.25)),
    "outlines alone": Decoding(_outlines_alone, Splitting(core=0.5)),
    "depth alone": Decoding(_depth_alone),
    "neither: connected foreground": Decoding(_foreground_alone, Splitting(core=0.5, smooth=0.1)),
}


def decode_by_each(predictor: Predictor, samples: Sequence[Sample]) -> dict[str, dict[str, float]]:
    """Mean scores of the proposals by way of telling nuclei apart, from the same maps."""
    scores: dict[str, list[dict[str, float]]] = {name: [] for name in DECODINGS}
    for sample in samples:
        usual = sample.scale or 1.0
        by_nuclei = encode(predictor, sample)
        as_it_is = by_nuclei if by_nuclei.scale == usual else encode(predictor, sample, usual)
        for name, decoding in DECODINGS.items():
            encoded = by_nuclei if decoding.enlarged else as_it_is
            tiles = {
                tile: {"maps": decoding.change(each["maps"])}
                for tile, each in encoded.tiles.items()
            }
            labels = proposed(predictor, replace(encoded, tiles=tiles), decoding.how)
            scores[name].append(automatic(sample, labels))
    return {
        name: {metric: float(np.mean([one[metric] for one in found])) for metric in found[0]}
        for name, found in scores.items()
    }
