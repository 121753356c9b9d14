import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ml.sppnet.levels import LEAST_SPAN, levels_of, stretch


def test_a_dim_image_becomes_like_a_bright_one() -> None:
    rng = np.random.default_rng(0)
    bright = rng.integers(0, 256, (64, 64, 3)).astype(np.uint8)
    dim = (bright // 8 + 5).astype(np.uint8)
    shown = stretch(dim, levels_of(dim))
    assert np.abs(shown.astype(int) - bright).mean() < 6


def test_an_empty_image_is_not_blown_up() -> None:
    noise = np.random.default_rng(0).integers(30, 33, (64, 64, 3)).astype(np.uint8)
    low, high = levels_of(noise)
    assert high - low >= LEAST_SPAN
    assert stretch(noise, (low, high)).max() < 60


def test_the_hue_stays_as_it_is() -> None:
    pink = np.zeros((32, 32, 3), np.uint8) + np.array([220, 120, 180], np.uint8)
    pink[:16] //= 4
    red, green, blue = stretch(pink, levels_of(pink))[20, 20].astype(int)
    assert red > blue > green


@given(st.integers(0, 250), st.integers(1, 255))
def test_stretching_keeps_the_order_of_brightness(low: int, span: int) -> None:
    shown = stretch(np.arange(256, dtype=np.uint8), (low, min(255, low + span)))
    assert (np.diff(shown.astype(int)) >= 0).all()
    assert shown[low] == 0
    assert shown[min(255, low + span)] == 255


def test_the_size_of_an_image_hardly_matters() -> None:
    small = np.random.default_rng(0).integers(20, 90, (400, 400, 3)).astype(np.uint8)
    large = np.tile(small, (4, 4, 1))
    assert np.abs(np.subtract(levels_of(small), levels_of(large))).max() <= 1
