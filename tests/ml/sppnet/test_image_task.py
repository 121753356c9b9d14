"""Training of the paper's network on whole images."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.sppnet import train as sppnet_train
from ml.sppnet.config import ImageTrainConfig, ModelConfig
from ml.sppnet.curves import read_progress
from ml.sppnet.datasets import UNLABELLED, DataError, Sample
from ml.sppnet.image_task import FeatureStore, ImageTask, draw_prompt, mask_of
from ml.sppnet.image_training import train_images
from ml.sppnet.network import PaperNet, build
from ml.sppnet.train import Budget, Run, TrainingError
from tests.ml.sppnet.conftest import disks

SIDE = 64
TINY = ImageTrainConfig(batch=2, bf16=False, patience=0)


def samples(count: int = 3) -> list[Sample]:
    return [disks(96, seed, 6) for seed in range(count)]


def fresh(seed: int = 0, **choices: str) -> PaperNet:
    torch.manual_seed(seed)
    network = build(ModelConfig.paper(SIDE, **choices))
    assert isinstance(network, PaperNet)
    return network


def test_a_prompt_is_a_point_in_a_nucleus_and_one_on_background() -> None:
    labels = disks().labels
    rng = np.random.default_rng(0)
    for how in ("cnps", "centre", "random"):
        for _ in range(10):
            points, kinds = draw_prompt(labels, how, 1.0, rng)
            inside, outside = (labels[int(y), int(x)] for x, y in points)
            assert inside > 0
            assert outside == 0
            assert kinds.tolist() == [1, 0]


def test_points_that_cannot_be_had_are_padding() -> None:
    rng = np.random.default_rng(0)
    assert draw_prompt(np.zeros((8, 8), np.uint16), "cnps", 1.0, rng).kinds.tolist() == [-1, 0]
    full = np.ones((8, 8), np.uint16)
    assert draw_prompt(full, "cnps", 1.0, rng).kinds.tolist() == [1, -1]
    nothing = np.full((8, 8), UNLABELLED, np.uint16)
    assert draw_prompt(nothing, "cnps", 1.0, rng).kinds.tolist() == [-1, -1]


def test_a_nucleus_of_one_pixel_is_clicked_and_a_mask_says_what_is_known() -> None:
    labels = np.zeros((16, 16), np.uint16)
    labels[5, 9] = 3
    labels[:4] = UNLABELLED
    prompt = draw_prompt(labels, "cnps", 1.0, np.random.default_rng(0))
    assert prompt.points[0].tolist() == [9.5, 5.5]
    target, known = mask_of(labels)
    assert target.sum() == 0
    assert known[0].sum() == 0
    assert known[1:].all()


def test_every_image_comes_as_often_as_every_other() -> None:
    task = ImageTask(samples(), TINY, SIDE)
    seen = [image for index in range(6) for image, _ in task.batch(index).sources]
    assert np.bincount(seen).tolist() == [4, 4, 4]
    assert torch.equal(task.batch(3).pixels, task.batch(3).pixels)


def test_no_images_and_a_batch_that_cannot_be_divided_are_refused() -> None:
    with pytest.raises(DataError, match="no images to train on"):
        ImageTask([], TINY, SIDE)


def test_unlabelled_pixels_do_not_count() -> None:
    torch.manual_seed(0)
    network = fresh().eval()
    task = ImageTask(samples(), TINY, SIDE)
    batch = task.batch(0)
    batch.valid[:, :8] = 0
    changed = batch.target.clone()
    changed[:, :8] = 1 - changed[:, :8]
    same, _ = task.loss(network, batch, 0)
    other, _ = task.loss(network, batch._replace(target=changed), 0)
    assert torch.allclose(same, other)


def test_random_weights_are_not_kept(tmp_path: Path) -> None:
    config, budget = ModelConfig.paper(SIDE), Budget(epochs=1)
    with pytest.raises(TrainingError, match="needs --init"):
        train_images(config, replace(TINY, anchor=0.5), samples(1), [], tmp_path, budget)
    assert not list(tmp_path.iterdir())


def test_a_run_killed_in_the_middle_of_an_epoch_ends_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, (train, val) = ModelConfig.paper(SIDE), (samples(4), [disks(96, 9, 6)])
    budget = Budget(epochs=2)
    straight = train_images(config, TINY, train, val, tmp_path / "a", budget)

    monkeypatch.setattr(sppnet_train, "SAVE_EVERY_SECONDS", 0)
    advance, died = Run.advance, []

    def dies(self: Run, batches: list, share: float) -> dict[str, float]:
        if self.progress.step == 3 and not died:
            died.append(True)
            raise KeyboardInterrupt
        return advance(self, batches, share)

    monkeypatch.setattr(Run, "advance", dies)
    with pytest.raises(KeyboardInterrupt):
        train_images(config, TINY, train, val, tmp_path / "b", budget)
    assert (tmp_path / "b" / "state.pt").exists()
    again = train_images(config, TINY, train, val, tmp_path / "b", budget)

    assert again.progress.step == straight.progress.step == 4
    assert again.progress.best == straight.progress.best
    state = again.network.state_dict()
    for name, tensor in straight.network.state_dict().items():
        assert torch.equal(tensor, state[name]), name
    assert (tmp_path / "b" / "curves.png").exists()
    curves = [
        [(row["step"], row["val_dice"]) for row in read_progress(folder) if "val_dice" in row]
        for folder in (tmp_path / "a", tmp_path / "b")
    ]
    assert curves[0] == curves[1]


def test_patience_ends_training_and_keeps_the_best(tmp_path: Path) -> None:
    scores = iter([0.5, 0.4, 0.3, 0.9])
    run = Run(fresh(), ImageTask(samples(2), TINY, SIDE), replace(TINY, patience=2), tmp_path)
    run.train(Budget(epochs=10), lambda network: {"score": next(scores)})
    assert run.progress.step == 3
    assert run.progress.best == 0.5


def test_a_budget_is_used_up_by_the_runs_own_clock(tmp_path: Path) -> None:
    seconds = iter(range(0, 1000, 10))
    task = ImageTask(samples(2), TINY, SIDE)
    run = Run(fresh(low_level="none"), task, TINY, tmp_path, clock=lambda: float(next(seconds)))
    run.train(Budget(minutes=0.5))
    assert run.progress.step == 3
    assert run.progress.seconds == 30


def test_accumulated_batches_are_one_large_one() -> None:
    network = fresh(low_level="none")
    network.freeze_encoder()  # batch norms would count each batch apart
    gradients = []
    for config in (replace(TINY, batch=4), replace(TINY, batch=2, accumulate=2)):
        task = ImageTask(samples(4), config, SIDE)
        network.zero_grad()
        for index in range(config.accumulate):
            loss, _ = task.loss(network, task.batch(index), index)
            (loss / config.accumulate).backward()
        gradients.append(network.decoder.iou_token.weight.grad.clone())
    assert torch.allclose(*gradients, atol=1e-6)


def test_a_frozen_encoder_is_asked_once_for_each_pose(tmp_path: Path) -> None:
    network = fresh(low_level="none")
    network.freeze_encoder()
    store = FeatureStore(tmp_path / "features")
    config = replace(TINY, frozen_encoder=True)
    run = Run(network, ImageTask(samples(2), config, SIDE, store), config, tmp_path)
    before = {k: v.clone() for k, v in network.encoder.state_dict().items()}
    run.train(Budget(epochs=4))
    kept = len(list(store.folder.glob("*.npy")))
    assert 2 <= kept <= 16
    after = network.encoder.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before)
    batch = run.task.batch(0)
    network.eval()
    with torch.inference_mode():
        stored = store.features(network, batch.pixels, batch.sources, bf16=False).embedding
        assert torch.allclose(stored, network.encode(batch.pixels).embedding, atol=5e-3)


def test_a_crop_and_several_clicks_an_image() -> None:
    config = replace(TINY, crop=48, clicks_per_image=3)
    batch = ImageTask(samples(), config, SIDE).batch(0)
    assert batch.pixels.shape == (2, 3, SIDE, SIDE)
    assert batch.points.shape == (2, 3, 2, 2)
