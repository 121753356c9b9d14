"""A large image gives the same nuclei in blocks as at once."""

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.sppnet import proposals
from ml.sppnet.proposals import blocks_of, propose
from ml.sppnet.tiles import Tile, tiles_of
from tests.ml.sppnet.conftest import disks


def maps_of(labels: Any, tile: Tile) -> Any:
    """What a network that makes no mistakes would say of a tile, at stride 2."""
    inside = np.zeros((tile.side, tile.side), np.uint8)
    part = labels[tile.y : tile.y + tile.side, tile.x : tile.x + tile.side] > 0
    inside[: part.shape[0], : part.shape[1]] = part
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    maps = np.stack([inside * 255, np.zeros_like(inside), np.clip(depth * 32, 0, 255)])
    return maps[:, ::2, ::2].astype(np.uint8)


def found(labels: Any) -> list[tuple[int, int, int]]:
    height, width = labels.shape
    tiles = tiles_of(width, height, 128, 32)
    answers = propose((height, width), tiles, lambda tile: maps_of(labels, tile))
    return sorted((a.x, a.y, int(a.mask.sum())) for a in answers)


def test_nuclei_on_the_border_of_blocks_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = disks(400, count=60).labels[:360]
    at_once = found(labels)
    assert len(at_once) == len(np.unique(labels)) - 1
    monkeypatch.setattr(proposals, "BLOCK", 101)
    monkeypatch.setattr(proposals, "MARGIN", 40)
    assert len(list(blocks_of(*labels.shape))) > 9
    in_blocks = found(labels)
    assert [place[:2] for place in in_blocks] == [place[:2] for place in at_once]
    assert in_blocks == at_once


@given(st.integers(1, 9000), st.integers(1, 9000))
def test_each_place_belongs_to_one_block(height: int, width: int) -> None:
    blocks = list(blocks_of(height, width))
    places = [(0, 0), (width - 1, height - 1), (width / 2, height / 3), (width // 4, height // 2)]
    for x, y in places:
        assert sum(block.owns(x, y) for block in blocks) == 1
    for block in blocks:
        assert 0 <= block.left <= block.core[0] < block.core[2] <= block.right <= width
        assert 0 <= block.top <= block.core[1] < block.core[3] <= block.bottom <= height
