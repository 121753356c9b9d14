import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.sppnet.augment import Pose, cut_out, draw_pose, laid
from ml.sppnet.datasets import UNLABELLED, Sample
from ml.sppnet.fit import fit, fitted, unfit
from tests.ml.sppnet.conftest import disks


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300))
def test_any_image_fits_and_comes_back_at_its_size(width: int, height: int) -> None:
    sample = Sample(
        "a", np.zeros((height, width, 3), np.uint8), np.ones((height, width), np.uint16)
    )
    square = fit(sample, 64)
    assert square.pixels.shape == (64, 64, 3)
    columns, rows = fitted(width, height, 64)
    assert max(columns, rows) == 64
    inside = np.zeros((64, 64), bool)
    inside[:rows, :columns] = True
    assert (square.labels[inside] == 1).all()
    assert (square.labels[~inside] == UNLABELLED).all()
    assert unfit(np.zeros((16, 16), np.float32), width, height, 64).shape == (height, width)


@pytest.mark.parametrize("size", [(100, 80), (256, 200), (40, 64)])
def test_a_mask_lies_again_where_it_was(size: tuple[int, int]) -> None:
    """There and back, through the masks' grid: the outline moves by less than a cell."""
    width, height = size
    labels = np.zeros((height, width), np.uint16)
    labels[height // 4 : height // 2, width // 5 : width // 2] = 7
    square = fit(Sample("a", np.zeros((height, width, 3), np.uint8), labels), 256)
    grid = (square.labels == 7).reshape(64, 4, 64, 4).mean((1, 3)).astype(np.float32) * 2 - 1
    back = unfit(grid, width, height, 256) > 0
    assert (back & (labels > 0)).sum() / (back | (labels > 0)).sum() > 0.93


@pytest.mark.parametrize(
    "pose", [Pose(), Pose(True), Pose(False, 90), Pose(True, 270), Pose(True, 33)]
)
def test_pixels_and_labels_are_turned_together(pose: Pose) -> None:
    sample = disks(128)
    turned = laid(sample, pose)
    bright = turned.pixels[..., 0] > 115
    assert (bright == (turned.labels > 0)).mean() > 0.97
    assert set(np.unique(turned.labels)) <= set(np.unique(sample.labels))
    if pose.angle % 90 == 0:
        assert (turned.labels > 0).sum() == (sample.labels > 0).sum()


def test_poses_come_as_often_as_asked() -> None:
    rng = np.random.default_rng(0)
    poses = [draw_pose(rng, 0.25, quarters=False) for _ in range(2000)]
    assert np.mean([p.flip for p in poses]) == pytest.approx(0.25, abs=0.03)
    assert np.mean([p.angle > 0 for p in poses]) == pytest.approx(0.25, abs=0.03)
    quarters = {draw_pose(rng, 0.9, quarters=True).angle for _ in range(200)}
    assert quarters == {0, 90, 180, 270}


def test_a_cutout_hides_pixels_and_leaves_the_given_ones() -> None:
    pixels = disks(128).pixels
    before = pixels.copy()
    changed = (cut_out(pixels, np.random.default_rng(0)) != pixels).any(2).mean()
    assert 0.005 < changed <= 8 / 256
    assert (pixels == before).all()
