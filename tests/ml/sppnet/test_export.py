from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from ml.sppnet.export import INPUTS, ClickDecoderGraph, example, export_decoder
from ml.sppnet.network import ClickNet


@pytest.fixture
def session(network: ClickNet, tmp_path: Path) -> onnxruntime.InferenceSession:
    export_decoder(network, tmp_path / "decoder.onnx")
    assert not list(tmp_path.glob("*.partial"))
    return onnxruntime.InferenceSession(tmp_path / "decoder.onnx")


def test_the_exported_decoder_agrees_for_any_number_of_clicks(
    network: ClickNet, session: onnxruntime.InferenceSession
) -> None:
    for clicks in (1, 2, 5):
        inputs = example(network, clicks)
        with torch.inference_mode():
            logits, score = ClickDecoderGraph(network)(*inputs)
        named = {name: tensor.numpy() for name, tensor in zip(INPUTS, inputs, strict=True)}
        found = session.run(None, named)
        assert np.abs(logits.numpy() - found[0]).max() < 1e-3
        assert np.abs(score.numpy() - found[1]).max() < 1e-4
