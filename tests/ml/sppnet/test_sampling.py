import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.sppnet.sampling import anywhere, centre, cnps, correction, gaussian_kernel


def test_kernel_sums_to_one_and_peaks_in_the_middle() -> None:
    kernel = gaussian_kernel(2, 1.0)
    assert kernel.shape == (5, 5)
    assert kernel.sum() == pytest.approx(1)
    assert kernel.argmax() == 12
    assert kernel[2, 3] / kernel[2, 2] == pytest.approx(np.exp(-0.5))


def test_centre_is_the_first_of_the_deepest_pixels_in_the_l1_sense() -> None:
    nucleus = np.zeros((7, 9), bool)
    nucleus[1:6, 1:8] = True  # depth 3 along row 3, columns 3 to 5
    assert centre(nucleus) == (3, 3)


def test_centre_counts_the_image_edge_as_border() -> None:
    assert centre(np.ones((3, 3), bool)) == (1, 1)


def test_clicks_follow_the_gaussian() -> None:
    rng = np.random.default_rng(0)
    nucleus = np.ones((15, 15), bool)
    draws = [cnps(nucleus, rng) for _ in range(4000)]
    counts = np.zeros((5, 5))
    for x, y in draws:
        counts[int(y - 0.5) - 5, int(x - 0.5) - 5] += 1
    assert np.abs(counts / 4000 - gaussian_kernel(2, 1.0)).max() < 0.02


def test_clicks_stay_inside_a_thin_nucleus() -> None:
    rng = np.random.default_rng(0)
    nucleus = np.zeros((9, 9), bool)
    nucleus[4, 2:7] = True
    for _ in range(50):
        x, y = cnps(nucleus, rng)
        assert nucleus[int(y), int(x)]


def test_one_pixel_nucleus_is_clicked_at_its_centre() -> None:
    nucleus = np.zeros((5, 5), bool)
    nucleus[3, 1] = True
    assert cnps(nucleus, np.random.default_rng(0)) == (1.5, 3.5)


def test_empty_nucleus_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        cnps(np.zeros((4, 4), bool), np.random.default_rng(0))


def test_the_generator_is_used_and_never_reseeded() -> None:
    nucleus = np.ones((15, 15), bool)
    rng = np.random.default_rng(1)
    draws = {cnps(nucleus, rng) for _ in range(40)}
    assert len(draws) > 5


def test_anywhere_of_nothing_is_none() -> None:
    assert anywhere(np.zeros((3, 3), bool), np.random.default_rng(0)) is None


def test_correction_points_at_the_largest_error() -> None:
    truth = np.zeros((20, 20), bool)
    truth[2:12, 2:12] = True
    predicted = truth.copy()
    predicted[2:7, 2:12] = False  # 50 pixels missing
    predicted[15:18, 15:18] = True  # 9 too many
    found = correction(predicted, truth)
    assert found is not None
    (x, y), positive = found
    assert positive
    assert truth[int(y), int(x)]
    assert not predicted[int(y), int(x)]


def test_too_much_asks_for_a_negative_click() -> None:
    truth = np.zeros((20, 20), bool)
    truth[:5, :5] = True
    found = correction(np.ones((20, 20), bool), truth)
    assert found is not None
    assert found[1] is False


@given(st.integers(0, 2**32 - 1))
def test_correction_of_a_perfect_mask_is_none(seed: int) -> None:
    mask = np.random.default_rng(seed).random((8, 8)) > 0.5
    assert correction(mask, mask) is None
