import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from skimage.morphology import h_maxima

from ml.sppnet.instances import Splitting, compact, peaks, separate
from ml.sppnet.metrics import aji
from ml.sppnet.targets import dense_targets


def test_touching_nuclei_are_separated_by_their_outlines() -> None:
    labels = np.zeros((64, 64), np.int32)
    labels[cv2.circle(np.zeros((64, 64), np.uint8), (22, 32), 11, 1, -1) > 0] = 1
    other = cv2.circle(np.zeros((64, 64), np.uint8), (42, 32), 11, 1, -1) > 0
    labels[other & (labels == 0)] = 2
    targets = dense_targets(labels)
    full = [cv2.resize(t.astype(np.float32), (64, 64)) for t in targets[:3]]
    found = separate(*full)
    assert found.max() == 2
    assert aji(labels, found) > 0.85


def test_a_nucleus_too_small_for_a_core_is_kept() -> None:
    foreground = np.zeros((32, 32), np.float32)
    foreground[10:15, 10:15] = 0.9
    found = separate(foreground, np.zeros_like(foreground), np.zeros_like(foreground))
    assert found.max() == 1
    assert (found > 0).sum() == 25


def test_an_empty_image_has_no_nuclei() -> None:
    nothing = np.zeros((32, 32), np.float32)
    assert separate(nothing, nothing, nothing).max() == 0


def test_compact_renumbers_and_drops_specks() -> None:
    labels = np.array([[0, 7, 7], [3, 7, 9]])
    assert compact(labels, min_area=2).tolist() == [[0, 1, 1], [0, 1, 0]]


def test_a_saddle_parts_nuclei_that_are_deep_throughout() -> None:
    columns, rows = np.meshgrid(np.arange(80.0), np.arange(40.0))
    hills = [0.9 * np.exp(-((columns - x) ** 2 + (rows - 20) ** 2) / 98) for x in (29, 51)]
    depth = np.maximum(*hills).astype(np.float32)
    foreground, boundary = (depth > 0.05).astype(np.float32), np.zeros_like(depth)
    assert depth[20, 40] > 0.25
    assert separate(foreground, boundary, depth, Splitting(core=0.25)).max() == 1
    found = separate(foreground, boundary, depth)
    assert found.max() == 2
    assert found[20, 29] != found[20, 51]


def test_a_ripple_parts_nothing() -> None:
    columns = np.indices((40, 60))[1]
    depth = (0.7 + 0.04 * np.sin(columns / 3)).astype(np.float32)
    foreground = np.zeros_like(depth)
    foreground[5:-5, 5:-5] = 1
    assert separate(foreground, np.zeros_like(depth), depth).max() == 1


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, (12, 15), elements=st.integers(0, 12)), st.integers(2, 6))
def test_peaks_hold_the_h_maxima_that_skimage_finds(steps: np.ndarray, height: int) -> None:
    depth = np.pad(steps * 20, 1)  # what rises from nothing is a peak
    found, count = peaks(depth.astype(np.float32) / 255, height * 20 / 255)
    assert count == found.max()
    cross = ndimage.generate_binary_structure(2, 1)
    # skimage marks the tops alone, of which a peak may have several.
    tops = h_maxima(depth, height * 20, cross) > 0
    assert set(found[tops]) == set(range(1, count + 1))
