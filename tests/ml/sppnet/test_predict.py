from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.sppnet import checkpoints
from ml.sppnet.answers import on_image
from ml.sppnet.config import ModelConfig
from ml.sppnet.network import ClickNet, build
from ml.sppnet.predict import CheckpointError, Predictor, Tile
from tests.ml.sppnet.conftest import disks


@pytest.fixture
def predictor(network: ClickNet) -> Predictor:
    return Predictor(network, {}, "0" * 64)


def test_an_answer_lies_inside_the_image(predictor: Predictor) -> None:
    image = disks(200, count=20).pixels[:150]
    for click in ((0.0, 0.0), (199.9, 149.9), (100.0, 75.0)):
        clicks = [(*click, True)]
        tile = predictor.tile_for(clicks, 200, 150)
        answer = predictor.segment(image, tile, predictor.encode(image, tile), clicks)
        height, width = answer.mask.shape
        assert answer.x >= 0
        assert answer.y >= 0
        assert answer.x + width <= 200
        assert answer.y + height <= 150
        assert 0 <= answer.score <= 1
        assert answer.paste(150, 200).sum() == answer.mask.sum()


def test_an_encoding_is_compact_and_serialisable(predictor: Predictor) -> None:
    encoding = predictor.encode(disks().pixels, Tile(0, 0, 128))
    assert {k: v.dtype.name for k, v in encoding.items()} == {
        "embedding": "float16",
        "skip8": "float16",
        "skip4": "float16",
        "maps": "uint8",
        "levels": "uint8",
    }


def test_a_box_is_its_corners_and_a_click_in_the_middle(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    decode = predictor.network.decode

    def spy(image: Any, features: Any, points: Any, labels: Any, prior: Any) -> Any:
        seen.append((points[0].tolist(), labels[0].tolist()))
        return decode(image, features, points, labels, prior)

    monkeypatch.setattr(predictor.network, "decode", spy)
    image, tile, box = disks(200).pixels, Tile(0, 0, 128), (40.0, 48.0, 72.0, 56.5)
    encoding = predictor.encode(image, tile)
    alone = predictor.segment(image, tile, encoding, [], box=box)
    refined = predictor.segment(image, tile, encoding, [(50.0, 60.0, False)], box=box)

    assert (alone.x, alone.y) == (refined.x, refined.y)
    x, y = alone.x, alone.y
    corners = [[40.0 - x, 48.0 - y], [72.0 - x, 56.5 - y]]
    centre, background = [56.0 - x, 52.25 - y], [50.0 - x, 60.0 - y]
    assert seen == [
        ([centre, *corners], [1, 2, 3]),
        ([centre, background, *corners], [1, 0, 2, 3]),
    ]


def test_no_click_is_not_a_click(predictor: Predictor) -> None:
    image = disks().pixels
    tile = Tile(0, 0, 128)
    with pytest.raises(ValueError, match="at least one click"):
        predictor.segment(image, tile, predictor.encode(image, tile), [])


def test_a_missing_background_click_is_chosen_away_from_the_click(predictor: Predictor) -> None:
    encoding = {"maps": np.full((3, 64, 64), 200, np.uint8)}
    encoding["maps"][0, 40:50, 10:20] = 0
    x, y, positive = predictor._background(encoding, 0, 0, 0, 0, [(32.0, 32.0, True)])
    assert not positive
    assert 18 <= x <= 42
    assert 78 <= y <= 102 or np.hypot(x - 32, y - 32) >= 12


def test_the_same_image_is_labelled_the_same_from_any_tiling(network: ClickNet) -> None:
    """Two tilings of one image differ only near what tiles cannot see: no seam runs through."""
    image = disks(256, count=30).pixels
    predictor = Predictor(network, {}, "")
    tiles = predictor.tiles(256, 256)
    assert len(tiles) > 4
    encodings = [(t, predictor.encode(image, t)) for t in tiles]
    _, one = predictor.label((256, 256), encodings)
    _, other = predictor.label((256, 256), reversed(encodings))
    assert ((one > 0) == (other > 0)).mean() > 0.999


def test_the_paper_network_is_refused_for_clicks(tmp_path: Path) -> None:
    torch.manual_seed(0)
    path = tmp_path / "paper.safetensors"
    checkpoints.save(path, build(ModelConfig.paper()), {})
    with pytest.raises(CheckpointError, match="needs a click checkpoint"):
        Predictor.load(path)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0, 3.0])
def test_an_answer_lies_on_the_image_whatever_its_scale(scale: float) -> None:
    """Logits of a disk in an enlarged window become that disk, as large as it is in the image."""
    window = Tile(48, 16, 160, scale)
    centre = np.array([48 + 71.0, 16 + 88.0]) / scale
    radius = 30 / scale
    grid = np.arange(80) * 2 + 1.0
    away = np.hypot(*np.meshgrid(48 + grid - centre[0] * scale, 16 + grid - centre[1] * scale))
    x, y, mask = on_image((30 - away).astype(np.float32), window)
    columns, rows = np.meshgrid(
        np.arange(mask.shape[1]) + x + 0.5, np.arange(mask.shape[0]) + y + 0.5
    )
    truth = np.hypot(columns - centre[0], rows - centre[1]) < radius
    assert (mask & truth).sum() / (mask | truth).sum() > 0.95


def test_an_enlarged_image_is_answered_on_its_own_pixels(predictor: Predictor) -> None:
    image = disks(100).pixels[:70]
    clicks = [(40.0, 30.0, True)]
    tile = predictor.tile_for(clicks, 100, 70, 2.0)
    encoding = predictor.encode(image, tile)
    prior = np.zeros((70, 100), bool)
    prior[25:35, 35:45] = True
    answer = predictor.segment(image, tile, encoding, clicks, prior)
    assert answer.paste(70, 100).shape == (70, 100)
    tiles = predictor.tiles(100, 70, 2.0)
    encodings = [(t, predictor.encode(image, t)) for t in tiles]
    foreground, labels = predictor.label((70, 100), encodings, scale=2.0)
    assert foreground.shape == labels.shape == (70, 100)
