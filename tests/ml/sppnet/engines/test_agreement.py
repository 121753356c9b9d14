"""Every engine answers as torch does, with the shipped weights on a shipped image."""

from pathlib import Path

import pytest

from ml.sppnet.datasets import read_pixels
from ml.sppnet.engines import agreement
from ml.sppnet.engines.agreement import Exam
from ml.sppnet.engines.choice import REFERENCE, builders
from ml.sppnet.engines.graphs import Graphs
from ml.sppnet.engines.interface import EngineUnavailable
from ml.sppnet.predict import Predictor
from tests.services import ROOT

STARTER = ROOT / "ml" / "starter" / "sppnet_click.safetensors"
IMAGE = ROOT / "annotations" / "demo" / "images" / "fluorescence_4.png"


# Exporting graphs takes half a minute of processor time, whoever else wants it.
@pytest.mark.timeout(900)
def test_engines_agree_with_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "CLICKS", 5)
    predictor = Predictor.load(STARTER)
    # Small enough for the smaller side of tiles: to export a graph takes most of the time.
    exam = Exam(predictor, [read_pixels(IMAGE)[:224, :224]])
    assert sum(len(case.clicks) for case in exam.cases) > 4
    engines = builders(predictor, Graphs(predictor.network, tmp_path), 2)
    engines.pop(REFERENCE)
    tried, scores = [], {}
    for name, build in engines.items():
        try:
            engine = build()
        except EngineUnavailable:
            continue
        found = exam.of_pair(engine, engine)
        if "half" in name or "bf16" in name:  # how a few clicks come out is chance
            assert min(found.masks, found.maps) > 0.95, (name, found)
        else:
            assert min(found.masks, found.maps) > 0.999, (name, found)
            assert not found.objection
        tried.append(name)
        case = exam.cases[0]
        on_it = predictor.running_on(decoder=engine)
        scores[name] = on_it.segment(case.pixels, case.tile, case.encoding, case.clicks[:1]).score
    assert {"torch-fast", "onnxruntime", "openvino"} <= set(tried)
    # Half precision is for the encoder: clicks come out as without it, to the last bit.
    for half, single in (("torch-half", "torch-fast"), ("openvino-bf16", "openvino")):
        assert half not in scores or scores[half] == scores[single]
    assert not list(tmp_path.glob("*.partial"))


def test_a_comparison_needs_images() -> None:
    with pytest.raises(ValueError, match="without images"):
        Exam(Predictor.load(STARTER), [])
