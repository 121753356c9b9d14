"""Unsure is what is neither one nor the other, or what looks different from another side."""

from typing import Any

import numpy as np
import pytest

from ml.sppnet.tiles import Tile
from ml.sppnet.uncertainty import entropy, has_foreground, need_of, uncertainty


def maps(foreground: int, boundary: int = 0) -> np.ndarray:
    return np.stack([np.full((8, 8), value, np.uint8) for value in (foreground, boundary, 0)])


def test_entropy_is_greatest_in_the_middle() -> None:
    assert entropy([maps(0)]) == pytest.approx(0, abs=1e-4)
    assert entropy([maps(255, 255)]) == pytest.approx(0, abs=1e-4)
    assert entropy([maps(128, 128)]) == pytest.approx(1, abs=1e-3)
    assert entropy([maps(128)]) == pytest.approx(0.5, abs=1e-3)  # sure of the boundary at least


def test_views_that_contradict_each_other_are_unsure() -> None:
    assert entropy([maps(255), maps(0)]) == pytest.approx(0.5, abs=1e-3)


class Thresholds:
    """Takes what is bright for a nucleus; with `tilt`, only where it lies at the left."""

    def __init__(self, tilt: bool = False) -> None:
        self.tilt, self.encoded = tilt, 0

    def encode(self, image: np.ndarray, tile: Tile) -> dict[str, Any]:
        self.encoded += 1
        height, width = image.shape[:2]
        blocks = image[..., 0].reshape(height // 2, 2, width // 2, 2).mean((1, 3))
        foreground = np.where(blocks > 127, 255, 0).astype(np.uint8)
        if self.tilt:
            foreground[:, foreground.shape[1] // 2 :] = 0
        empty = np.zeros_like(foreground)
        return {"maps": np.stack([foreground, empty, empty])}


def test_what_is_seen_alike_from_every_side_is_sure() -> None:
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    tile = Tile(0, 0, 64)
    assert uncertainty(Thresholds(), image, tile) == pytest.approx(0, abs=1e-4)
    assert uncertainty(Thresholds(tilt=True), image, tile) > 0.1


def test_only_the_likeliest_tiles_are_looked_at_again() -> None:
    image = np.full((64, 256, 3), 200, np.uint8)
    image[:, 128:] = 0
    predictor = Thresholds(tilt=True)
    tiles = [Tile(x, 0, 64) for x in (0, 64, 128, 192)]
    levels = (9, 90, 120, 3)
    encoded = {tile: {"maps": maps(level)} for tile, level in zip(tiles, levels, strict=True)}
    found = need_of(predictor, image, encoded, most=2)
    # The tile at 128 looked less sure at first, but all sides agree that it is dark.
    assert [tile.x for tile, _ in found] == [64, 128]
    assert found[0][1] > found[1][1]
    assert predictor.encoded == 8


def test_nuclei_are_told_from_an_empty_tile() -> None:
    assert has_foreground(maps(200))
    assert not has_foreground(maps(20))
