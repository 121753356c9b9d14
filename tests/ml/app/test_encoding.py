"""Images are encoded once, ahead of the clicks, and listeners hear of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml import embeddings
from ml.embeddings import EmbeddingStore, Key
from ml.encoding import encode_image
from ml.models import Checkpoint, Encoding
from ml.services import request_encoding

SHA256 = "ab" * 32


@pytest.fixture
def encoding(checkpoint: Checkpoint, image_path: str, messages: Any) -> Encoding:
    encoding = request_encoding(
        image_path=image_path, image_sha256=SHA256, width=64, height=48, topic="image:1"
    )
    assert encoding
    return encoding


def encoded(encoding: Encoding) -> Encoding:
    encode_image(encoding.pk)
    encoding.refresh_from_db()
    return encoding


def test_every_tile_and_the_proposals_are_kept(
    encoding: Encoding, predictor: Any, events: Any
) -> None:
    assert encoded(encoding).status == "ready"
    assert predictor.encoded == ["0_0_32", "32_0_32", "0_32_32", "32_32_32"]
    key = Key.of(encoding.checkpoint.sha256, SHA256)
    assert len(embeddings.store().load_proposals(key) or []) == 4
    assert events == [
        ("image:1", "encoding", {"status": "running"}),
        ("image:1", "encoding", {"status": "ready"}),
    ]


def test_a_second_delivery_does_nothing(encoding: Encoding, predictor: Any, events: Any) -> None:
    encoded(encoded(encoding))
    assert len(predictor.encoded) == 4
    assert len(events) == 2


def test_what_a_killed_worker_has_encoded_is_not_encoded_again(
    encoding: Encoding, predictor: Any, events: Any
) -> None:
    encode = predictor.encode
    predictor.encode = lambda image, tile: killed() if tile.y else encode(image, tile)

    def killed() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encode_image(encoding.pk)
    predictor.encode = encode
    embeddings.store.cache_clear()
    assert encoded(encoding).status == "ready"
    assert predictor.encoded == ["0_0_32", "32_0_32", "0_32_32", "32_32_32"]


def test_a_damaged_tile_is_made_again(
    encoding: Encoding, predictor: Any, events: Any, ask: Any, data_dir: Path
) -> None:
    from ml.answering import answer_prediction

    encoded(encoding)
    tile = next(data_dir.glob("embeddings/*/*/0_0_32.safetensors"))
    tile.write_bytes(tile.read_bytes()[:-3])
    embeddings.store.cache_clear()
    prediction = ask([[20.5, 10.5, True]])
    answer_prediction(prediction.pk)
    prediction.refresh_from_db()
    assert prediction.status == "done"
    assert predictor.encoded[4:] == ["0_0_32"]


def test_failures_end_as_a_sentence(encoding: Encoding, predictor: Any, events: Any) -> None:
    predictor.error = RuntimeError("boom")
    with pytest.raises(RuntimeError):
        encode_image(encoding.pk)
    encoding.refresh_from_db()
    assert (encoding.status, events[-1][2]) == ("failed", {"status": "failed"})
    assert "an admin finds why" in encoding.error

    Encoding.objects.update(status="queued", image_path="gone.png")
    assert "upload it again" in encoded(Encoding.objects.get()).error

    Encoding.objects.update(status="running", attempts=10)
    assert "ten times" in encoded(Encoding.objects.get()).error


def test_an_evicted_image_counts_as_not_encoded(
    encoding: Encoding, predictor: Any, events: Any, ask: Any, data_dir: Path, monkeypatch: Any
) -> None:
    encoded(encoding)
    small = EmbeddingStore(data_dir / "embeddings", capacity=1)
    monkeypatch.setattr("ml.encoding.store", lambda: small)
    from ml.answering import answer_prediction

    answer_prediction(ask([[20.5, 10.5, True]], image_sha256="cd" * 32).pk)
    assert not Encoding.objects.exists()
    assert [path.name for path in data_dir.glob("embeddings/*/*")] == ["cd" * 32]


def test_arrays_survive_unchanged(tmp_path: Path) -> None:
    tile = {
        "embedding": np.random.default_rng(0).random((3, 5, 4)).astype(np.float16)[:, ::2],
        "maps": np.arange(12, dtype=np.uint8).reshape(3, 4).T,
    }
    key = Key("c" * 16, "i")
    EmbeddingStore(tmp_path, 10**6).save_tile(key, "0_0_32", tile)
    loaded = EmbeddingStore(tmp_path, 10**6).load_tile(key, "0_0_32")
    assert loaded is not None
    for name, array in tile.items():
        assert loaded[name].dtype == array.dtype
        np.testing.assert_array_equal(loaded[name], array)
    assert [path.name for path in (tmp_path / key.checkpoint / key.image).iterdir()] == [
        "0_0_32.safetensors"
    ]
