"""Arms of an ablation differ in what they say, and in nothing else."""

from pathlib import Path

import numpy as np
import torch

from ml.sppnet.ablation import (
    ARMS,
    DECODINGS,
    Result,
    clicks_as_tokens,
    decode_by_each,
    run_arm,
    without_skips,
)
from ml.sppnet.commands.ablate import table_of
from ml.sppnet.config import TrainConfig
from ml.sppnet.datasets import Mixture, Part
from ml.sppnet.encoder import Features
from ml.sppnet.network import ClickNet
from ml.sppnet.predict import Predictor
from ml.sppnet.pretraining import pretrain, rebuilding_loss
from tests.ml.sppnet.conftest import SMALL, disks, write_folder

TINY = TrainConfig(crop=96, crops_per_step=2, clicks_per_crop=2, warmup_steps=1)
ARM = {arm.key: arm for arm in ARMS}


def answer(network: ClickNet, features: Features) -> torch.Tensor:
    point, positive = torch.tensor([[[30.0, 30.0]]]), torch.ones(1, 1, dtype=torch.int64)
    with torch.no_grad():
        return network.decode(torch.zeros(1, 3, 64, 64), features, point, positive).logits


def test_without_skips_nothing_of_them_reaches_the_mask(network: ClickNet) -> None:
    with torch.no_grad():
        features = network.encode(torch.rand(1, 3, 64, 64))
    others = features._replace(skip8=features.skip8 + 1, skip4=features.skip4 - 1)
    assert not torch.equal(answer(network, features), answer(network, others))
    without_skips(network)
    assert torch.equal(answer(network, features), answer(network, others))


def test_what_is_left_out_does_not_learn(network: ClickNet) -> None:
    clicks_as_tokens(network)
    assert not any(p.requires_grad for p in network.decoder.hints.parameters())


def test_without_jitter_the_same_crops_are_drawn_in_their_own_colours() -> None:
    sets = {"disks": [disks(seed=seed) for seed in range(3)]}
    drawn = [
        kind(sets, {}).draw(96, (0.8, 1.2), np.random.default_rng(3))
        for kind in (Mixture, ARM["jitter"].mixture)
    ]
    assert np.array_equal(drawn[0].labels, drawn[1].labels)
    assert not np.array_equal(drawn[0].pixels, drawn[1].pixels)


def test_only_hidden_pixels_count_when_pictures_are_rebuilt(network: ClickNet) -> None:
    head = torch.nn.Conv2d(SMALL.skip4_dim, 48, 1)
    pixels = torch.rand(2, 3, 64, 64)
    losses = [
        rebuilding_loss(network, head, pixels, np.random.default_rng(seed), False)
        for seed in (0, 1)
    ]
    assert losses[0] > 0
    assert losses[0] != losses[1]


def test_rebuilding_pictures_changes_the_encoder_alone(network: ClickNet) -> None:
    before = {name: value.clone() for name, value in network.named_parameters()}
    steps = pretrain(network, Mixture({"disks": [disks()]}, {}), TINY, minutes=1e-4)
    assert steps >= 1
    changed = {
        n.split(".")[0] for n, value in network.named_parameters() if not value.equal(before[n])
    }
    assert changed == {"encoder"}


def test_an_arm_is_trained_judged_and_not_trained_again(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "data", [disks(128, seed) for seed in range(3)])
    parts = {"disks": Part(folder, ["disks-0", "disks-1"], ["disks-2"])}
    first = run_arm(ARM["skips"], parts, tmp_path / "runs", 0.005, TINY, SMALL)
    assert first.steps >= 1
    assert set(first.scores) >= {"aji", "pq", "iou1"}
    assert run_arm(ARM["skips"], parts, tmp_path / "runs", 0.005, TINY, SMALL) == first


def test_an_arm_is_a_row_whatever_the_number_of_seeds() -> None:
    def result(key: str, seed: int, dice: float) -> Result:
        scores = {"dice": dice, "aji": 0.5, "pq": 0.4, "iou1": 0.6, "noc80": 5.04}
        return Result(key, 8, seed, 70 + 10 * seed, scores)

    results = [result("base", 0, 0.7), result("base", 1, 0.8), result("skips", 0, 0.6)]
    _, _, base, skips, _, how = table_of(results).splitlines()
    assert base == f"| {ARM['base'].title} | 75 | 0.750 | 0.500 | 0.400 | 0.600 | 5.0 |"
    assert skips.startswith(f"| {ARM['skips'].title} | 70 | 0.600 |")
    assert how.startswith("8 minutes each")
    assert how.endswith("seeds 0, 1.")


def test_decodings_share_the_maps_and_differ_in_what_they_use(network: ClickNet) -> None:
    found = decode_by_each(Predictor(network, {}, ""), [disks()])
    assert list(found) == list(DECODINGS)
    assert {frozenset(scores) for scores in found.values()} == {
        frozenset({"dice", "iou", "aji", "pq", "ap50"})
    }
