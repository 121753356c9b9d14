"""Tiles put together show the nuclei that the network finds on the whole image at once."""

from typing import Any

import cv2
import numpy as np
import pytest

from ml.sppnet import metrics
from ml.sppnet.datasets import read_pixels
from ml.sppnet.predict import Predictor, Tile
from tests.services import ROOT

STARTER = ROOT / "ml" / "starter" / "sppnet_click.safetensors"
IMAGES = ROOT / "annotations" / "demo" / "images"
# Twice the tile's side: nine tiles, whose borders cross the image at these places.
SIDE, BORDERS = 896, (384, 448, 832)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.load(STARTER)


def enlarged(name: str) -> Any:
    """A demo image with its mirrors around it, SIDE × SIDE."""
    pixels = read_pixels(IMAGES / f"{name}.png")
    while pixels.shape[0] < SIDE or pixels.shape[1] < SIDE:
        below, right = (min(n - 1, max(SIDE - n, 0)) for n in pixels.shape[:2])
        pixels = cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_REFLECT_101)
    return np.ascontiguousarray(pixels[:SIDE, :SIDE])


def crosses_a_border(nucleus: Any) -> bool:
    rows, columns = np.nonzero(nucleus)
    return any(axis.min() < border <= axis.max() for axis in (rows, columns) for border in BORDERS)


@pytest.mark.parametrize("name", ["fluorescence_1", "stained_1"])
def test_no_nucleus_is_lost_doubled_or_cut_where_tiles_meet(
    predictor: Predictor, name: str
) -> None:
    image = enlarged(name)
    size = (SIDE, SIDE)
    tiles = predictor.tiles(SIDE, SIDE)
    assert {(tile.x, tile.y) for tile in tiles} == {
        (x, y) for x in (0, 384, 448) for y in (0, 384, 448)
    }
    _, tiled = predictor.label(size, [(tile, predictor.encode(image, tile)) for tile in tiles])
    at_once = Tile(0, 0, SIDE)
    _, whole = predictor.label(size, [(at_once, predictor.encode(image, at_once))])

    assert tiled.max() == pytest.approx(whole.max(), rel=0.02)
    assert metrics.aji(whole, tiled) > 0.95
    on_borders = [
        nucleus
        for number in range(1, whole.max() + 1)
        if crosses_a_border(nucleus := whole == number)
    ]
    assert len(on_borders) > 10
    whole_ones = 0
    for nucleus in on_borders:
        most = np.bincount(tiled[nucleus]).argmax()
        assert most > 0
        whole_ones += int(metrics.iou(tiled == most, nucleus) > 0.8)
    # One in twenty may be a cluster that is told apart in another way.
    assert whole_ones >= 0.95 * len(on_borders)
