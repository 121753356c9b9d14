import cv2
import numpy as np

from ml.sppnet.instances import compact, separate
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
