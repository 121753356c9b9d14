"""Encoded images are ranked by how unsure the network is of them, with less and less chance."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml import ranking
from ml.embeddings import store
from ml.encoding import encode_image
from ml.models import Checkpoint, Encoding
from ml.ranking import noise_after, rank_image
from ml.services import request_encoding
from tests.ml.app.conftest import HEIGHT, SHA256, WIDTH
from tests.ml.app.disks import DiskPredictor

told: list[Any] = []


def how(topics: list[str]) -> str:
    return topics[0].partition(" ")[2]


def note(*ranked: Any) -> None:
    told.append(ranked)


@pytest.fixture(autouse=True)
def listening(settings: Any) -> None:
    told.clear()
    settings.HOW_TO_RANK = "tests.ml.app.test_ranking.how"
    settings.IMAGE_RANKED = "tests.ml.app.test_ranking.note"


@pytest.fixture
def encoded(
    predictor: DiskPredictor,
    image_path: str,
    messages: Any,
    events: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """Have the picture encoded for a topic that says how it wants to be ranked."""

    def encode(image: np.ndarray, tile: Any) -> dict[str, np.ndarray]:
        level = 128 if tile.x else 0
        maps = np.full((3, 16, 16), level, np.uint8)
        return {"embedding": np.full((2, 2), tile.x, np.float16), "maps": maps}

    monkeypatch.setattr(predictor, "encode", encode)
    # Its small disks are to be seen as they are.
    monkeypatch.setattr("ml.encoding.measure_nuclei", lambda encoding, _: encoding.scale)

    def encoded(wish: str) -> Encoding:
        encoding = request_encoding(
            image_path=image_path,
            image_sha256=SHA256,
            width=WIDTH,
            height=HEIGHT,
            topic=f"image:7 {wish}",
        )
        assert encoding
        encode_image(encoding.pk)
        encoding.refresh_from_db()
        assert (encoding.status, encoding.error) == ("ready", "")
        return encoding

    return encoded


def test_an_encoded_image_is_ranked_by_its_most_uncertain_tiles(
    encoded: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "NOISE", 0.0)
    encoding = encoded("uncertain")
    assert messages[-1] == ("ml.rank_image", [encoding.pk], "batch")
    rank_image(encoding.pk)
    [(topics, need, tiles, by)] = told
    assert by == encoding.checkpoint_id
    assert topics == ["image:7 uncertain"]
    assert len(tiles) == 3  # of four
    assert [tile[0] for tile in tiles[:2]] == [32, 32]
    assert 0 < need < 1
    rank_image(encoding.pk)
    assert told[0] == told[1]  # chance, too, is the same for the same image


def test_a_random_order_has_images_with_nuclei_first(encoded: Any) -> None:
    rank_image(encoded("random").pk)
    [(_, need, tiles, _)] = told
    assert (1 < need < 2, tiles) == (True, [])


def test_what_nobody_wants_ranked_is_not(encoded: Any) -> None:
    rank_image(encoded("").pk)
    rank_image(404)
    assert told == []


def test_chance_fades_with_every_promotion(checkpoint: Checkpoint) -> None:
    assert noise_after(0) > noise_after(1) > noise_after(5) > 0


def test_an_image_that_cannot_be_ranked_is_said_to_have_no_rank(
    encoded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("no such picture")

    encoding = encoded("uncertain")
    monkeypatch.setattr(ranking, "need_of", fail)
    with pytest.raises(RuntimeError):
        rank_image(encoding.pk)
    assert told == [(["image:7 uncertain"], None, [], encoding.checkpoint_id)]


def test_one_whose_encoding_was_evicted_can_be_encoded_again(encoded: Any, data_dir: Path) -> None:
    encoding = encoded("uncertain")
    shutil.rmtree(data_dir / "embeddings")
    store.cache_clear()
    rank_image(encoding.pk)
    assert told == []
    assert not Encoding.objects.exists()
