"""A worker answers with torch until faster engines are found, and for good if none are."""

import json
import logging
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import torch
from celery.exceptions import SoftTimeLimitExceeded

from ml import engine_records, engines, registry
from ml.answering import answer_prediction
from ml.engine_records import folder_of, latest
from ml.models import Checkpoint
from ml.services import register_checkpoint
from ml.sppnet import checkpoints
from ml.sppnet.config import ModelConfig
from ml.sppnet.engines import choice, sharing
from ml.sppnet.engines.choice import Choice, Trial, machine, record_of, save
from ml.sppnet.engines.interface import Decoded, Encoded
from ml.sppnet.engines.with_torch import TorchEngine
from ml.sppnet.network import build
from ml.sppnet.predict import Predictor

pytestmark = pytest.mark.usefixtures("data_dir", "no_engine_threads")


@pytest.fixture
def no_engine_threads(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ENGINE = "auto"
    monkeypatch.setattr(registry, "_loaded", OrderedDict())


@pytest.fixture
def small(db: None, data_dir: Path) -> Checkpoint:
    torch.manual_seed(0)
    path = data_dir / "checkpoints" / "small.safetensors"
    checkpoints.save(path, build(ModelConfig(tile=128, overlap=32, window=64)), {"name": "small"})
    return register_checkpoint(path=path, activate=True)


def choice_for(checkpoint: Checkpoint) -> Choice:
    predictor = Predictor.load(checkpoint.path)
    encoders = [Trial("torch", 9.0), Trial("torch-fast", 5.0), Trial("odd", refused="no")]
    here = machine(predictor, torch.get_num_threads())
    return Choice("torch-fast", "torch", encoders, encoders[:1], here)


def searching(monkeypatch: pytest.MonkeyPatch, script: str, *arguments: str) -> Callable[[], None]:
    """Have `script` run in place of the search; returns a wait for its end."""
    command = [sys.executable, "-c", script, *arguments]
    monkeypatch.setattr(engines, "_command", lambda *_: command)

    def wait() -> None:
        for thread in threading.enumerate():
            if thread.name == "engines":
                thread.join(60)

    return wait


def test_a_known_choice_is_taken_at_once(small: Checkpoint) -> None:
    save(choice_for(small), folder_of(small.sha256))
    predictor = registry.predictor_of(small)
    assert (predictor.encoder.name, predictor.decoder.name) == ("torch-fast", "torch")
    # Whatever runs it, several threads may ask at once.
    assert isinstance(predictor.encoder, sharing._SharedEncoder)
    assert isinstance(predictor.decoder, sharing._SharedDecoder)


def test_torch_answers_until_the_search_is_over(
    small: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = choice_for(small)
    path = record_of(folder_of(small.sha256), made.machine)
    write = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    wait = searching(monkeypatch, write, str(path), json.dumps(asdict(made)))
    first = registry.predictor_of(small)
    assert first.encoder.name == "torch"
    wait()
    assert registry.predictor_of(small).encoder.name == "torch-fast"
    found = latest(small.sha256)
    assert found
    assert found["encoders"][2] == {
        "engine": "odd", "milliseconds": None, "masks": None, "maps": None, "refused": "no"
    }  # fmt: skip


def test_torch_stays_if_the_search_dies_and_the_log_says_so(
    small: Checkpoint, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    wait = searching(monkeypatch, "raise SystemExit('Illegal instruction')")
    registry.predictor_of(small)
    wait()
    assert registry.predictor_of(small).encoder.name == "torch"
    assert "engines were not compared (Illegal instruction)" in caplog.text
    assert latest(small.sha256) is None


def test_torch_stays_if_the_chosen_engine_is_gone(
    small: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    made = choice_for(small)
    values = asdict(made) | {"encoder": "no-such-engine"}
    folder_of(small.sha256).mkdir(parents=True)
    record_of(folder_of(small.sha256), made.machine).write_text(json.dumps(values))
    with caplog.at_level(logging.WARNING):
        assert registry.predictor_of(small).encoder.name == "torch"
    assert "no-such-engine" in caplog.text


class Failing(TorchEngine):
    """Works until it has a fault."""

    fault: Callable[[Any], Any] = staticmethod(lambda found: found)
    asked = 0

    def encode(self, pixels: Any) -> Encoded:
        Failing.asked += 1
        return Encoded(*map(Failing.fault, super().encode(pixels)))

    def decode(self, prompt: Any) -> Any:
        Failing.asked += 1
        return Decoded(*map(Failing.fault, super().decode(prompt)))


def out_of_order(_: Any) -> Any:
    raise RuntimeError("could not execute a primitive")


@pytest.fixture
def failing(small: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> type[Failing]:
    """The engine that was found best for the checkpoint."""
    monkeypatch.setattr(Failing, "fault", Failing.fault)
    monkeypatch.setattr(Failing, "asked", 0)
    made = choice_for(small)
    save(Choice("odd", "odd", made.encoders, made.decoders, made.machine), folder_of(small.sha256))
    monkeypatch.setattr(
        choice, "builders", lambda by, *_: {"odd": lambda: Failing(by.network, "odd")}
    )
    return Failing


@pytest.mark.parametrize("fault", [out_of_order, lambda found: found * np.nan])
def test_torch_takes_over_from_an_engine_that_fails_at_work(
    small: Checkpoint,
    failing: type[Failing],
    fault: Callable[[Any], Any],
    ask: Any,
    events: Any,
    messages: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = ask([[20.5, 10.5, True]])
    answer_prediction(first.pk)
    assert registry.predictor_of(small).decoder.name == "odd"
    failing.fault = staticmethod(fault)
    second = ask([[20.5, 10.5, True]], id=uuid4(), image_sha256="cd" * 32)
    answer_prediction(second.pk)
    for row in (first, second):
        row.refresh_from_db()
    assert (second.status, second.error) == ("done", "")
    assert (second.mask, second.score) == (first.mask, first.score)
    now, asked = registry.predictor_of(small), failing.asked
    assert (now.encoder.name, now.decoder.name) == ("torch", "torch")
    answer_prediction(ask([[40.5, 30.5, True]], id=uuid4()).pk)
    assert failing.asked == asked
    assert caplog.text.count("Torch answers from now on: odd failed") == 2  # to encode, to decode


def test_an_engine_is_not_blamed_for_what_torch_cannot_do_or_for_lack_of_time(
    small: Checkpoint, failing: type[Failing]
) -> None:
    predictor = registry.predictor_of(small)
    with pytest.raises(RuntimeError):
        predictor.encoder.encode(np.zeros((1, 64, 64, 5), np.uint8))

    def too_late(_: Any) -> Any:
        raise SoftTimeLimitExceeded

    failing.fault = staticmethod(too_late)
    with pytest.raises(SoftTimeLimitExceeded):
        predictor.encoder.encode(np.zeros((1, 64, 64, 3), np.uint8))
    assert predictor.encoder.name == "odd"


def test_graphs_are_deleted_of_checkpoints_that_are_neither_in_use_nor_used_lately(
    small: Checkpoint, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [small.sha256, *(str(number) * 64 for number in range(6))]
    for age, name in enumerate(reversed(names)):
        folder = folder_of(name)
        folder.mkdir(parents=True)
        (folder / "encoder-448.onnx").write_bytes(b"")
        os.utime(folder, (1e9 + age, 1e9 + age))
    # The oldest are used again; the newest one answers clicks, however long that is unused.
    engine_records.note_use("5" * 64)
    os.utime(folder_of(small.sha256), (1, 1))
    other = data_dir / "checkpoints" / "other.safetensors"
    checkpoints.save(other, build(ModelConfig(tile=128, overlap=32, window=64)), {"name": "other"})
    wait = searching(monkeypatch, "")
    registry.predictor_of(register_checkpoint(path=other))
    wait()
    left = {folder_of(name) for name in names if folder_of(name).exists()}
    assert left == {folder_of(name) for name in (small.sha256, "0" * 64, "1" * 64, "5" * 64)}


def test_a_known_choice_is_used_when_it_is_taken(small: Checkpoint) -> None:
    save(choice_for(small), folder_of(small.sha256))
    os.utime(folder_of(small.sha256), (1, 1))
    registry.predictor_of(small)
    assert folder_of(small.sha256).stat().st_mtime > 1
