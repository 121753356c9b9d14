import numpy as np

from ml.sppnet.targets import dense_targets, halve, sample_prompts
from tests.ml.sppnet.conftest import disks


def test_halving_averages_two_by_two() -> None:
    assert halve(np.array([[1, 0], [1, 0]])).tolist() == [[0.5]]


def test_distance_peaks_in_each_nucleus_and_vanishes_outside() -> None:
    labels = disks().labels.astype(np.int32)
    targets = dense_targets(labels)
    small = labels[::2, ::2]
    for index in range(1, labels.max() + 1):
        assert targets.distance[small == index].max() > 0.8
    assert targets.distance[targets.foreground == 0].max() == 0


def test_unlabelled_pixels_are_not_valid() -> None:
    labels = disks().labels.astype(np.int32)
    labels[:40] = -1
    targets = dense_targets(labels)
    assert not targets.valid[:20].any()
    assert targets.valid[24:].all()


def test_prompts_hit_what_they_ask_for() -> None:
    labels = disks().labels.astype(np.int32)
    prompts = sample_prompts(labels, 64, 60, np.random.default_rng(0))
    assert len(prompts) == 60
    for p in prompts:
        assert p.x % 16 == p.y % 16 == 0
        x, y = p.points[0]
        clicked = labels[int(p.y + y), int(p.x + x)]
        expected = halve(labels[p.y : p.y + 64, p.x : p.x + 64] == clicked) if clicked else 0
        if p.labels[1] != 2 or clicked:
            assert np.array_equal(p.target, np.broadcast_to(expected, (32, 32)))
        for (nx, ny), kind in zip(p.points, p.labels, strict=True):
            if kind == 0:
                assert labels[int(p.y + ny), int(p.x + nx)] != clicked or clicked == 0


def test_a_crop_without_nuclei_still_gives_background_prompts() -> None:
    prompts = sample_prompts(np.zeros((96, 96), np.int32), 64, 5, np.random.default_rng(0))
    assert prompts
    assert all(p.target.max() == 0 for p in prompts)
