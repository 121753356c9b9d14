"""Engines that are wrong, broken or slow are told from those that may be used."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.sppnet.engines import agreement, choice
from ml.sppnet.engines.choice import Choice, choose, equip, recall, save
from ml.sppnet.engines.graphs import Graphs
from ml.sppnet.engines.interface import Decoded, Encoded, EngineUnavailable
from ml.sppnet.engines.with_torch import TorchEngine
from ml.sppnet.network import ClickNet
from ml.sppnet.predict import Predictor
from tests.ml.sppnet.conftest import disks


class Slow(TorchEngine):
    def encode(self, pixels: Any) -> Encoded:
        time.sleep(0.2)
        return super().encode(pixels)

    def decode(self, prompt: Any) -> Any:
        time.sleep(0.2)
        return super().decode(prompt)


class Wrong(TorchEngine):
    def encode(self, pixels: Any) -> Encoded:
        return Encoded(*(array[..., ::-1].copy() for array in super().encode(pixels)))

    def decode(self, prompt: Any) -> Any:
        logits, scores = super().decode(prompt)
        return Decoded(-logits, 1 - scores)


class NotANumber(TorchEngine):
    def encode(self, pixels: Any) -> Encoded:
        return Encoded(*(array * np.nan for array in super().encode(pixels)))

    def decode(self, prompt: Any) -> Any:
        return Decoded(*(array * np.nan for array in super().decode(prompt)))


class Broken(TorchEngine):
    def encode(self, pixels: Any) -> Encoded:
        raise RuntimeError("an unknown operation\nand a long story")

    decode = encode


@pytest.fixture
def predictor(network: ClickNet) -> Predictor:
    return Predictor(network, {}, "ab" * 32)


def chosen(
    predictor: Predictor, folder: Path, monkeypatch: pytest.MonkeyPatch, engines: dict[str, Any]
) -> Choice:
    monkeypatch.setattr(choice, "builders", lambda *_: engines)
    images = [disks(128).pixels, disks(96, seed=1).pixels]
    return choose(predictor, Graphs(predictor.network, folder), images, threads=1)


def test_the_fastest_engine_that_agrees_is_chosen_and_the_others_are_told_why_not(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = predictor.network

    def unavailable() -> Any:
        raise EngineUnavailable("this processor is too old")

    made = chosen(
        predictor,
        tmp_path,
        monkeypatch,
        {
            "torch": lambda: Slow(network),
            "wrong": lambda: Wrong(network),
            "not a number": lambda: NotANumber(network),
            "broken": lambda: Broken(network),
            "old": unavailable,
            "good": lambda: TorchEngine(network, "good"),
        },
    )
    assert (made.encoder, made.decoder) == ("good", "good")
    for trials in (made.encoders, made.decoders):
        refused = {trial.engine: trial.refused for trial in trials if trial.milliseconds is None}
        assert set(refused) == {"wrong", "not a number", "broken", "old"}
        assert "differ from torch's" in refused["wrong"]
        assert refused["broken"] == "RuntimeError: an unknown operation"
        assert refused["old"] == "EngineUnavailable: this processor is too old"


class OddMaps(TorchEngine):
    """Differs in a few pixels of the maps only, which no click sees."""

    def encode(self, pixels: Any) -> Encoded:
        encoded = super().encode(pixels)
        maps = encoded.maps.copy()
        maps[:, 0, :1, :4] = 1 - np.rint(maps[:, 0, :1, :4])
        return encoded._replace(maps=maps)


def test_masks_and_maps_are_told_apart(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = predictor.network
    engines = {"torch": lambda: Slow(network), "odd": lambda: OddMaps(network, "odd")}
    monkeypatch.setattr(agreement, "LEAST_IOU", 0.0)
    made = chosen(predictor, tmp_path, monkeypatch, engines)
    assert (made.encoder, made.decoder) == ("odd", "odd")
    torch, odd = made.encoders
    assert (torch.masks, torch.maps) == (1.0, 1.0)
    assert odd.maps is not None
    assert odd.maps < 1.0 == odd.masks
    # A decoder is not charged with the maps of the encoder that it works with.
    assert [(trial.masks, trial.maps) for trial in made.decoders] == [(1.0, None), (1.0, None)]


def test_without_a_faster_engine_that_agrees_torch_stays(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = predictor.network
    engines = {"torch": lambda: TorchEngine(network), "wrong": lambda: Wrong(network)}
    made = chosen(predictor, tmp_path, monkeypatch, engines)
    assert (made.encoder, made.decoder) == ("torch", "torch")
    assert equip(predictor, made, Graphs(network, tmp_path), 1).encoder.name == "torch"


def test_a_choice_is_remembered_for_the_machine_it_was_made_on(tmp_path: Path) -> None:
    trial = choice.Trial("torch", 12.5, masks=1.0, maps=1.0)
    made = Choice("torch", "torch", [trial], [trial], {"processor": "a", "threads": 2})
    path = save(made, tmp_path)
    assert recall(tmp_path, made.machine) == made
    assert recall(tmp_path, {"processor": "b", "threads": 2}) is None
    path.write_text("{")
    assert recall(tmp_path, made.machine) is None
