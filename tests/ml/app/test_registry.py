"""Checkpoints that people click with stay in memory; those promoted are there before a click."""

import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ml import registry, worker
from ml.models import Checkpoint
from ml.promotions import activate_checkpoint
from ml.registry import MOST_LOADED, predictor_of
from ml.services import register_checkpoint
from tests.ml.app.disks import DiskPredictor, write_checkpoint


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that weights are read from, one after another."""
    loads: list[str] = []

    def load(path: Path, device: str) -> DiskPredictor:
        loads.append(path.stem)
        predictor = DiskPredictor()
        predictor.sha256 = Checkpoint.objects.get(file__endswith=path.name).sha256
        return predictor

    monkeypatch.setattr(registry.Predictor, "load", load)
    monkeypatch.setattr(registry, "speed_up", lambda *_: None)
    monkeypatch.setattr(registry, "shared", lambda predictor: predictor)
    monkeypatch.setattr(registry, "_loaded", OrderedDict())
    return loads


@pytest.fixture
def some(checkpoint: Checkpoint, data_dir: Path) -> list[Checkpoint]:
    """As many as are kept in memory, and one more."""
    return [
        register_checkpoint(
            path=write_checkpoint(data_dir / "checkpoints" / f"{number}.safetensors", number + 1.0)
        )
        for number in range(MOST_LOADED + 1)
    ]


def test_the_longest_unused_gives_way(loads: list[str], some: list[Checkpoint]) -> None:
    for each in some[:-1]:
        predictor_of(each)
    predictor_of(some[0])
    predictor_of(some[-1])
    assert len(registry._loaded) == MOST_LOADED
    predictor_of(some[0])
    assert loads == ["0", "1", "2", "3"]
    predictor_of(some[1])
    assert loads[4:] == ["1"]


def test_threads_that_ask_at_once_load_a_checkpoint_once(
    loads: list[str], some: list[Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []

    def load(path: Path, device: str) -> DiskPredictor:
        time.sleep(0.05)
        loaded.append(path)
        predictor = DiskPredictor()
        predictor.sha256 = some[0].sha256
        return predictor

    monkeypatch.setattr(registry.Predictor, "load", load)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(predictor_of, [some[0]] * 8))
    assert len(set(map(id, found))) == len(loaded) == 1


def test_a_worker_begins_with_what_is_promoted_the_sites_first(
    loads: list[str], some: list[Checkpoint], checkpoint: Checkpoint, messages: Any
) -> None:
    for number, each in enumerate(some):
        activate_checkpoint(checkpoint=each, scope=f"dataset:{number}")
    worker._warm_up()
    assert loads == ["disks", "3", "2"]
    for predictor in registry._loaded.values():
        assert predictor.encoded  # type: ignore[attr-defined]


def test_a_worker_that_takes_long_to_begin_leaves_the_others_to_the_first_click(
    loads: list[str],
    some: list[Checkpoint],
    checkpoint: Checkpoint,
    messages: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "WARM_UP_SECONDS", -1)
    activate_checkpoint(checkpoint=some[0], scope="dataset:1")
    worker._warm_up()
    assert loads == ["disks"]


def test_one_that_cannot_be_loaded_leaves_the_others_warm(
    loads: list[str],
    some: list[Checkpoint],
    checkpoint: Checkpoint,
    messages: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    activate_checkpoint(checkpoint=some[0], scope="dataset:1")
    Checkpoint.objects.filter(pk=checkpoint.pk).update(sha256="0" * 64)
    monkeypatch.setattr(registry.Predictor, "load", lambda *_: DiskPredictor())
    registry._loaded[some[0].sha256] = DiskPredictor()  # type: ignore[assignment]
    worker._warm_up()
    assert "disks will be slow" in caplog.text
    assert registry._loaded[some[0].sha256].encoded  # type: ignore[attr-defined]
