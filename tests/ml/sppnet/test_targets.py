import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ml.sppnet.targets import TOUCH, between_nuclei, dense_targets, halve, sample_prompts
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


@given(arrays(np.int32, (9, 11), elements=st.integers(-1, 3)))
def test_nuclei_touch_where_two_are_near(labels: np.ndarray) -> None:
    between = between_nuclei(labels)
    for row, column in np.ndindex(labels.shape):
        top, left = max(row - TOUCH, 0), max(column - TOUCH, 0)
        near = labels[top : row + TOUCH + 1, left : column + TOUCH + 1]
        assert between[row, column] == (len(np.unique(near[near > 0])) > 1)


def test_touching_nuclei_are_clicked_more_often_and_know_their_neighbours() -> None:
    labels = np.zeros((96, 96), np.int32)
    labels[10:20, 10:20] = 1
    labels[60:80, 40:50] = 2
    labels[60:80, 50:60] = 3
    prompts = sample_prompts(labels, 64, 1000, np.random.default_rng(0), crowded=3)
    clicked = [labels[int(p.y + p.points[0][1]), int(p.x + p.points[0][0])] for p in prompts]
    alone, second, third = (clicked.count(number) for number in (1, 2, 3))
    assert alone < min(second, third) / 2
    assert dense_targets(labels).between.sum() > 0
    for prompt, number in zip(prompts, clicked, strict=True):
        view = labels[prompt.y : prompt.y + 64, prompt.x : prompt.x + 64]
        expected = halve((view > 0) & (view != number)) if number else np.zeros((32, 32))
        assert np.array_equal(prompt.others, expected)
