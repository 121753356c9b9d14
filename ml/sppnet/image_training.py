"""One training run of the paper's network or a rival, as the commands start it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from ml.sppnet import checkpoints
from ml.sppnet.config import ImageTrainConfig, ModelConfig
from ml.sppnet.datasets import Sample
from ml.sppnet.image_scores import validation_dice
from ml.sppnet.image_task import FeatureStore, ImageTask
from ml.sppnet.network import PaperNet, WholeImageNet, build
from ml.sppnet.team import Team
from ml.sppnet.train import Budget, Run, TrainingError


def start_network(config: ModelConfig, init: Path | None, seed: int) -> tuple[WholeImageNet, int]:
    """A network with random weights, but for those that ``init`` has under the same name and of
    the same shape; and how many of them came from there."""
    torch.manual_seed(seed)
    network = build(config)
    if not isinstance(network, WholeImageNet):
        raise TrainingError("the click network is not trained on whole images")
    if init is None:
        return network, 0
    own = network.state_dict()
    given = {
        name: value
        for name, value in checkpoints.load(init).state.items()
        if name in own and own[name].shape == value.shape
    }
    if not given:
        raise TrainingError(f"no tensor of {init.name} fits into this network")
    network.load_state_dict(own | given)
    return network, len(given)


def train_images(
    config: ModelConfig,
    recipe: ImageTrainConfig,
    train: Sequence[Sample],
    val: Sequence[Sample],
    folder: Path,
    budget: Budget,
    init: Path | None = None,
    team: Team | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Run:
    """Train in ``folder`` until the budget is used up, by ``clock``, or go on with what is there.

    The best weights are those of the highest mean Dice on ``val``. Raises TrainingError and
    DataError.
    """
    if init is None and recipe.anchor:
        raise TrainingError("--anchor keeps what is there: it needs --init.")
    network, taken = start_network(config, init, recipe.seed)
    if init is not None:
        print(f"{taken} of {len(network.state_dict())} tensors start from {init.name}")
    store = None
    if recipe.frozen_encoder:
        if not isinstance(network, PaperNet):
            raise TrainingError(f"{config.rival} has no encoder that could be frozen")
        network.freeze_encoder()
        if not recipe.crop:
            store = FeatureStore(folder / "features")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    layout = torch.channels_last if recipe.channels_last else torch.contiguous_format
    network = network.to(device).to(memory_format=layout)
    task = ImageTask(train, recipe, config.tile, store, team)
    run = Run(network, task, recipe, folder, team, clock)
    run.train(budget, lambda net: validation_dice(net, val, recipe.sampling) if val else {})
    return run
