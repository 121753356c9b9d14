"""Images are encoded once, ahead of the clicks, and listeners hear of it."""

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml import embeddings
from ml.embeddings import EmbeddingStore, Key
from ml.encoding import encode_image, encoding_of
from ml.models import Checkpoint, Encoding
from ml.pixels import Picture
from ml.registry import Active
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
    about = {"checkpoint": encoding.checkpoint_id, "scale": 1}
    assert events == [
        ("image:1", "encoding", {"status": "running", **about}),
        ("image:1", "encoding", {"status": "ready", **about}),
    ]


def test_small_nuclei_are_told_of_before_the_image_is_ready(
    encoding: Encoding, predictor: Any, settings: Any, messages: Any
) -> None:
    settings.NUCLEI_ARE_SMALL = "tests.ml.app.test_encoding.note"
    del told[:], messages[:]
    assert encoded(encoding).better_scale == 2
    assert told == [(SHA256, "running")]
    # It is ranked as it will be seen.
    assert messages == []
    encoded(encoding)
    assert len(told) == 1


told: list[tuple[str, str]] = []


def note(*, sha256: str, ahead: bool) -> None:
    told.append((sha256, Encoding.objects.get().status))


def test_threads_that_want_the_same_tile_have_it_encoded_once(
    encoding: Encoding, predictor: Any
) -> None:
    encode = predictor.encode

    def slowly(image: Any, tile: Any) -> Any:
        time.sleep(0.05)
        return encode(image, tile)

    predictor.encode = slowly
    now, picture = Active(encoding.checkpoint, predictor), Picture.of(encoding)
    tile = predictor.tiles(64, 48)[1]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: encoding_of(now, picture, tile), range(8)))
    assert predictor.encoded == [tile.key]
    assert all(np.array_equal(each["embedding"], found[0]["embedding"]) for each in found)


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
    assert encoding.status == events[-1][2]["status"] == "failed"
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


def test_tiles_where_somebody_looks_come_first(
    encoding: Encoding, predictor: Any, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = iter([(60.0, 40.0), (60.0, 40.0), (0.0, 47.0), (0.0, 47.0)])
    monkeypatch.setattr("ml.attention.place_on", lambda sha256: next(places))
    encoded(encoding)
    assert predictor.encoded == ["32_32_32", "32_0_32", "0_32_32", "0_0_32"]


def test_an_image_that_nobody_looks_at_gives_way_and_goes_on_later(
    encoding: Encoding,
    predictor: Any,
    events: Any,
    messages: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Encoding.objects.update(ahead=True)
    busy = iter([False, True])
    monkeypatch.setattr("ml.encoding.somebody_waits", lambda queue: next(busy, False))
    del messages[:]
    assert encoded(encoding).status == "queued"
    assert len(predictor.encoded) == 2
    assert messages == [("ml.encode_image", [encoding.pk], "batch")]
    assert encoded(encoding).status == "ready"
    assert sorted(predictor.encoded) == ["0_0_32", "0_32_32", "32_0_32", "32_32_32"]


def test_what_is_evicted_while_in_use_is_made_again(
    encoding: Encoding, predictor: Any, events: Any, data_dir: Path
) -> None:
    """Between encoding the tiles and naming the nuclei, another image may need the room."""
    propose = predictor.propose

    def evicted(*arguments: Any, **named: Any) -> Any:
        shutil.rmtree(data_dir / "embeddings")
        embeddings.store.cache_clear()
        return propose(*arguments, **named)

    predictor.propose = evicted
    assert encoded(encoding).status == "ready"
    assert len(predictor.encoded) == 8
    key = Key.of(encoding.checkpoint.sha256, SHA256)
    assert len(embeddings.store().load_proposals(key) or []) == 4


def test_whoever_asks_for_the_tiles_keeps_them_from_eviction(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, capacity=3400)
    keys = [Key("c" * 16, name) for name in ("first", "second", "third")]
    for age, key in zip((30, 20, 10), keys, strict=True):
        store.save_tile(key, "0_0_32", {"maps": np.zeros(1500, np.uint8)})
        folder = tmp_path / key.checkpoint / key.image
        then = time.time() - age
        os.utime(folder, (then, then))
    store.tile_files(keys[0])
    assert store.evict_if_due(keep=keys[2]) == [keys[1]]
