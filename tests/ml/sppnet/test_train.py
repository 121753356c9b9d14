from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.sppnet import checkpoints, click_training
from ml.sppnet.click_task import Batch, Clicked, ClickTask, losses_of, make_batch, nucleus_loss
from ml.sppnet.click_training import train_clicks, validate
from ml.sppnet.code_version import code_version
from ml.sppnet.config import TrainConfig
from ml.sppnet.datasets import Mixture, Part
from ml.sppnet.network import ClickNet, build
from ml.sppnet.train import Budget, Run, TrainingError
from tests.ml.sppnet.conftest import SMALL, beside_each_other, disks, write_folder

TINY = TrainConfig(crop=96, crops_per_step=2, clicks_per_crop=3, learning_rate=1e-3, warmup_steps=1)


def fresh(seed: int = 3) -> ClickNet:
    torch.manual_seed(seed)
    network = build(SMALL)
    assert isinstance(network, ClickNet)
    return network


def mixture() -> Mixture:
    return Mixture({"disks": [disks(160, seed, 14) for seed in range(3)]}, {})


def batch(step: int) -> Batch:
    return make_batch(mixture(), TINY, SMALL.window, step)


def start(folder: Path, seed: int = 3) -> Run:
    run = Run(fresh(seed), ClickTask(mixture(), TINY, SMALL.window), TINY, folder)
    run.network.train()
    return run


def test_a_batch_is_the_same_for_the_same_step_and_differs_between_steps() -> None:
    assert torch.equal(batch(5).pixels, batch(5).pixels)
    assert not torch.equal(batch(5).pixels, batch(6).pixels)


def test_what_learns_sees_what_is_judged(tmp_path: Path) -> None:
    """Attention is computed in two ways, for the sake of speed."""
    run = start(tmp_path)
    pixels = torch.rand(1, 3, 96, 96)
    with torch.no_grad():
        learning, judged = (
            network.train().eval().encode(pixels) for network in (run.network, run.average)
        )
    for one, other in zip(learning, judged, strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_training_learns(tmp_path: Path) -> None:
    run = start(tmp_path)
    first = [run.advance([batch(0)], 0.0)["loss"] for _ in range(8)]
    assert first[-1] < 0.8 * first[0]


def test_resuming_equals_never_having_stopped(tmp_path: Path) -> None:
    straight = start(tmp_path / "a")
    for step in range(4):
        straight.advance([batch(step)], step / 4)

    stopped = start(tmp_path / "b")
    for step in range(2):
        stopped.advance([batch(step)], step / 4)
    stopped.save()
    again = start(tmp_path / "b", seed=4)
    assert again.progress.step == 2
    for step in range(2, 4):
        again.advance([batch(step)], step / 4)

    for one, other in ((straight.network, again.network), (straight.average, again.average)):
        state = other.state_dict()
        for name, tensor in one.state_dict().items():
            assert torch.allclose(tensor.float(), state[name].float(), atol=1e-6), name


def test_a_run_from_before_masks_were_rated_goes_on(tmp_path: Path) -> None:
    """Its weights and its average; only the optimiser begins anew."""
    run = start(tmp_path)
    run.advance([batch(0)], 0.1)
    run.save()
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    for part in ("network", "average"):
        state[part] = {k: v for k, v in state[part].items() if ".rating." not in k}
    torch.save(state, tmp_path / "state.pt")
    again = start(tmp_path, seed=4)
    assert again.progress.step == 1
    for name, weight in again.network.state_dict().items():
        assert ".rating." in name or torch.equal(weight, run.network.state_dict()[name]), name
    again.advance([batch(1)], 0.2)


def test_the_file_says_what_its_weights_come_from(tmp_path: Path) -> None:
    first = tmp_path / "first.safetensors"
    checkpoints.save(first, fresh(), {"name": "first"})
    samples = [disks(160, seed, 14) for seed in range(3)]
    folder = write_folder(tmp_path / "frozen-1234", samples)
    part = Part(folder, [sample.name for sample in samples[:2]], [samples[2].name])
    train_clicks({"dataset": part}, TINY, tmp_path / "run", Budget(epochs=1), first)
    origin = checkpoints.load(tmp_path / "run" / "best.safetensors").metadata["origin"]
    assert origin == {
        "parent": checkpoints.sha256_of(first),
        "data": ["frozen-1234"],
        "images": {"dataset": 2},
        "code": code_version(),
    }


def test_a_loss_that_is_no_number_stops_before_the_weights_change(tmp_path: Path) -> None:
    run = start(tmp_path)
    spoiled = batch(0)
    spoiled.pixels[:] = float("nan")
    before = run.network.decoder.fuse.weight.clone()
    with pytest.raises(TrainingError, match="the loss became nan at step 0"):
        run.advance([spoiled], 0.0)
    assert torch.equal(before, run.network.decoder.fuse.weight)


def test_answers_are_corrected_as_often_as_people_correct_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[torch.Tensor, torch.Tensor]] = []
    answer = Clicked.answer

    def spy(self: Clicked, chosen: torch.Tensor, points: Any, kinds: Any, prior: Any = None) -> Any:
        asked.append((chosen, (kinds >= 0).sum(1)))
        assert (prior is None) == (len(asked) == 1)
        return answer(self, chosen, points, kinds, prior)

    monkeypatch.setattr(Clicked, "answer", spy)
    config = replace(TINY, clicks_per_crop=20, refine_fraction=0.5)
    some = make_batch(mixture(), config, SMALL.window, 0)
    loss, report = losses_of(fresh(), some, config, 0)
    assert torch.isfinite(loss)
    assert set(report) >= {"iou1", "iou2", "iou3", "iou4", "click", "refined"}
    count = len(some.prompts)
    assert [len(chosen) for chosen, _ in asked] == [count, *(count // 2**n for n in (1, 2, 3))]
    clicks = dict(zip(asked[0][0].tolist(), asked[0][1].tolist(), strict=True))
    for corrections, (chosen, given) in enumerate(asked):
        for number, clicked in zip(chosen.tolist(), given.tolist(), strict=True):
            # One more each time: an untrained network is never right.
            assert clicked == clicks[number] + corrections


@pytest.mark.parametrize(("images", "each"), [(1, 96), (8, 12), (24, 4), (40, 4)])
def test_of_few_held_out_images_more_nuclei_are_clicked(
    images: int, each: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []

    def evaluate(_: Any, samples: list[Any], nuclei_per_image: int) -> dict[str, Any]:
        asked.append((len(samples), nuclei_per_image))
        return {name: {"mean": 0.5} for name in ("dice", "aji", "pq")}

    monkeypatch.setattr(click_training, "evaluate", evaluate)
    validate(fresh(), [disks(64)] * images)
    assert asked == [(min(images, 24), each)]


def test_unlabelled_pixels_do_not_count() -> None:
    network = fresh().eval()
    one = batch(0)._replace(prompts=[], owner=torch.empty(0, dtype=torch.long))
    hidden = one.dense.clone()
    hidden[:, 3, :24] = 0
    changed = hidden.clone()
    for channel in (0, 1, 2, 4):
        changed[:, channel, :24] = 1 - changed[:, channel, :24]
    same, _ = losses_of(network, one._replace(dense=hidden), TINY, 0)
    other, _ = losses_of(network, one._replace(dense=changed), TINY, 0)
    assert torch.allclose(same, other)


def test_a_mask_that_takes_the_neighbour_costs_more_than_one_that_takes_background() -> None:
    target, others = torch.zeros(1, 16, 16), torch.zeros(1, 16, 16)
    target[:, 4:8, 4:8], others[:, 4:8, 8:12] = 1, 1
    quality, valid = torch.zeros(1), torch.ones(1, 16, 16)

    def loss(taken: Any) -> float:
        logits = torch.full((1, 16, 16), -4.0)
        logits[:, 4:8, 4:8] = 4
        logits[0][taken] = 4
        return float(nucleus_loss(logits, quality, target, valid, 3 * others))

    neighbour, background = np.s_[4:8, 8:12], np.s_[8:12, 4:8]
    assert loss(neighbour) > 1.2 * loss(background)


def test_between_nuclei_outlines_depth_and_the_clicked_mask_weigh_more() -> None:
    network, beside = fresh().eval(), Mixture({"beside": [beside_each_other()]}, {})

    def parts(between: float) -> dict[str, float]:
        # All of the image, enlarged.
        config = replace(TINY, between=between, crop=256, crops_per_step=1, scale_range=(1, 1))
        return losses_of(network, make_batch(beside, config, SMALL.window, 0), config, 0)[1]

    usual, emphasised = parts(0), parts(3)
    for name in ("boundary", "distance", "click"):
        assert emphasised[name] > usual[name]
    assert emphasised["foreground"] == usual["foreground"]


def test_touching_nuclei_are_learned_as_often_as_the_recipe_says() -> None:
    beside = Mixture({"beside": [beside_each_other()]}, {})

    def touching(crowded: float) -> int:
        config = replace(TINY, crowded=crowded, clicks_per_crop=40, crop=256, scale_range=(1, 1))
        prompts = make_batch(beside, config, SMALL.window, 0).prompts
        return sum(bool(prompt.target.any() and prompt.others.any()) for prompt in prompts)

    assert touching(1e6) > touching(1e-6)


def test_a_run_ends_with_a_loadable_checkpoint(tmp_path: Path) -> None:
    run = start(tmp_path)
    run.train(Budget(minutes=0.02))
    loaded = checkpoints.load(tmp_path / "best.safetensors")
    assert loaded.metadata["training"]["step"] == run.progress.step > 0
    assert (tmp_path / "progress.jsonl").read_text()


def test_an_anchored_run_keeps_weights_half_way_to_its_beginning(tmp_path: Path) -> None:
    def run(folder: Path, anchor: float) -> Run:
        config = replace(TINY, anchor=anchor)
        return Run(fresh(), ClickTask(mixture(), TINY, SMALL.window), config, folder)

    anchored = run(tmp_path, 0.5)
    before = anchored.average.decoder.fuse.weight.clone()
    anchored.network.train()
    anchored.advance([batch(0)], 0.5)
    anchored.save()
    # Also if it was interrupted.
    for each in (anchored, run(tmp_path, 0.5)):
        each.judge(None)
        kept = checkpoints.load(tmp_path / "best.safetensors").network().decoder.fuse.weight
        learned = each.average.decoder.fuse.weight
        assert not torch.equal(learned, before)
        assert torch.allclose(kept, (before + learned) / 2, atol=1e-3)


@pytest.mark.parametrize("anchor", [0.0, 0.5])
def test_a_beginning_is_to_be_beaten_unless_a_run_is_anchored_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, anchor: float
) -> None:
    """What a team has accepted as it was answered speaks for what answered."""
    scores = iter([0.9, 0.1])
    monkeypatch.setattr(
        click_training, "validate", lambda network, samples: {"score": next(scores)}
    )
    folder = write_folder(tmp_path / "data", [disks(96, seed) for seed in range(2)])
    parts = {"disks": Part(folder, ["disks-0"], ["disks-1"])}
    checkpoints.save(tmp_path / "init.safetensors", fresh(), {})
    train_clicks(
        parts,
        replace(TINY, anchor=anchor),
        tmp_path / "run",
        Budget(minutes=0.01),
        tmp_path / "init.safetensors",
    )
    kept = checkpoints.load(tmp_path / "run" / "best.safetensors").metadata["training"]["step"]
    assert (kept > 0) == bool(anchor)


def test_what_is_to_be_kept_needs_a_beginning(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "data", [disks(96)])
    parts = {"disks": Part(folder, ["disks-0"], [])}
    for config in (replace(TINY, anchor=0.5), replace(TINY, frozen_norms=True)):
        with pytest.raises(TrainingError, match="need --init"):
            train_clicks(parts, config, tmp_path, Budget(minutes=0.01))


@pytest.mark.parametrize("frozen", [False, True])
def test_frozen_norms_keep_their_statistics_and_weights_learn(tmp_path: Path, frozen: bool) -> None:
    folder = write_folder(tmp_path / "data", [disks(96)])
    parts = {"disks": Part(folder, ["disks-0"], [])}
    checkpoints.save(tmp_path / "init.safetensors", fresh(), {})
    before = checkpoints.load(tmp_path / "init.safetensors").network().state_dict()
    config = replace(TINY, frozen_norms=frozen)
    run = train_clicks(
        parts, config, tmp_path / "run", Budget(minutes=0.01), tmp_path / "init.safetensors"
    )
    after = run.network.state_dict()
    kept = [before[name].equal(after[name]) for name in before if name.endswith("running_mean")]
    assert kept
    assert all(kept) == frozen
    assert not before["decoder.fuse.weight"].equal(after["decoder.fuse.weight"])


def test_training_on_never_ends_with_less_than_it_began_with(tmp_path: Path) -> None:
    """The best weights are those that score best, be they the first."""
    run = start(tmp_path)
    scores = iter([0.9, 0.1])
    before = run.average.decoder.fuse.weight.clone()

    def score(network: ClickNet) -> dict[str, float]:
        return {"score": next(scores)}

    run.judge(score)
    run.train(Budget(minutes=0.02), score, score_minutes=20)
    kept = checkpoints.load(tmp_path / "best.safetensors").network()
    assert torch.allclose(kept.decoder.fuse.weight, before, atol=1e-3)
    assert run.progress.step > 0
