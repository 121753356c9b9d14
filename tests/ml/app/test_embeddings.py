"""The store keeps what was used last, and survives whatever is done to its files."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from ml.embeddings import EmbeddingStore, Key
from ml.lru import ByteBoundedLru

TILE = {"embedding": np.zeros(1000, np.float16)}


def key(image: str) -> Key:
    return Key("c" * 16, image)


def images(root: Path) -> set[str]:
    return {path.name for path in root.glob("*/*")}


def test_the_least_recently_used_images_go_first(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, capacity=7000, memory=0)
    for age, image in enumerate("abcd"):
        store.save_tile(key(image), "t", TILE)
        os.utime(tmp_path / key(image).checkpoint / image, (age, age))
    fresh = EmbeddingStore(tmp_path, capacity=7000, memory=0)
    assert fresh.load_tile(key("a"), "t") is not None  # used now
    assert fresh.evict_if_due(keep=key("d")) == [key("b")]
    assert images(tmp_path) == {"a", "c", "d"}


def test_the_image_at_work_is_kept_however_large(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, capacity=100)
    for image in "ab":
        store.save_tile(key(image), "t", TILE)
    assert store.evict_if_due(keep=key("a")) == [key("b")]
    assert images(tmp_path) == {"a"}


def test_the_store_is_not_walked_on_each_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EmbeddingStore(tmp_path, capacity=20 * 10_000)
    walks: list[int] = []
    monkeypatch.setattr(store, "_folders", lambda: walks.append(1) or [])
    for number in range(20):
        store.save_tile(key("a"), str(number), TILE)
        store.evict_if_due(keep=key("a"))
    assert len(walks) == 4  # the first, and one for every 10 kB of 40


@pytest.mark.parametrize("content", [b"", b"garbage", (2**40).to_bytes(8, "little")])
def test_damaged_files_are_missing_files(tmp_path: Path, content: bytes) -> None:
    store = EmbeddingStore(tmp_path, 10**6, memory=0)
    for name in ("t.safetensors", "proposals.json"):
        path = tmp_path / key("a").checkpoint / "a" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert EmbeddingStore(tmp_path, 10**6).load_tile(key("a"), "t") is None
    assert store.load_proposals(key("a")) is None
    assert not [*path.parent.iterdir()]


def test_writers_and_evictors_do_not_trip_over_each_other(tmp_path: Path) -> None:
    errors: list[Exception] = []

    def work(number: int) -> None:
        store = EmbeddingStore(tmp_path, capacity=1, memory=0)
        try:
            for turn in range(40):
                mine = key(str((number + turn) % 3))
                store.save_tile(mine, "t", TILE)
                loaded = store.load_tile(mine, "t")
                assert loaded is None or loaded["embedding"].shape == (1000,)
                store.evict_if_due(keep=mine)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_memory_is_bounded_by_bytes() -> None:
    lru: ByteBoundedLru[str] = ByteBoundedLru(10)
    for name in "abc":
        lru.put(name, name, 4)
    assert [lru.get(name) for name in "abc"] == [None, "b", "c"]
    lru.get("b")
    lru.put("d", "d", 4)
    assert [lru.get(name) for name in "bcd"] == ["b", None, "d"]
    lru.put("huge", "huge", 99)
    assert lru.get("huge") == "huge"
    assert lru.get("d") is None
