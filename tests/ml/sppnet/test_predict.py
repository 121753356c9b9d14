from pathlib import Path

import numpy as np
import pytest
import torch

from ml.sppnet import checkpoints
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
    }


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
