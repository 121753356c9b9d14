"""The exported graphs in OpenVINO on the CPU, the encoder in float32 or bfloat16."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino
from numpy.typing import NDArray

from ml.sppnet.engines.graphs import Graphs
from ml.sppnet.engines.interface import Decoded, Encoded, EngineUnavailable, WindowPrompt
from ml.sppnet.export import ENCODED, INPUTS


class OpenVinoEngine:
    """Encoder and decoder with ``threads`` threads. ``half`` encodes in bfloat16; clicks are
    answered in float32, as they are in browsers.

    Raises EngineUnavailable if ``half`` is asked of a processor without bfloat16.
    """

    batch = 1

    def __init__(self, graphs: Graphs, threads: int, half: bool = False) -> None:
        self._graphs = graphs
        self._core = openvino.Core()
        if half and "BF16" not in self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            raise EngineUnavailable("this processor does not compute in bfloat16")
        self.name = "openvino-bf16" if half else "openvino"
        self._threads = threads
        self._encoder_precision = "bf16" if half else "f32"
        self._encoders: dict[int, openvino.InferRequest] = {}
        self._decoder: openvino.InferRequest | None = None

    def encode(self, pixels: NDArray[np.uint8]) -> Encoded:
        side = pixels.shape[1]
        if side not in self._encoders:
            self._encoders[side] = self._request(
                self._graphs.encoder(side), self._encoder_precision
            )
        request = self._encoders[side]
        tiles = []
        for tile in pixels:
            found = request.infer({"pixels": tile[None]}, share_inputs=True)
            tiles.append([found[name] for name in ENCODED])
        return Encoded(*map(np.concatenate, zip(*tiles, strict=True)))

    def decode(self, prompt: WindowPrompt) -> Decoded:
        if self._decoder is None:
            self._decoder = self._request(self._graphs.decoder(), "f32")
        found = self._decoder.infer(dict(zip(INPUTS, prompt, strict=True)), share_inputs=True)
        return Decoded(found["logits"][None], found["score"])

    def _request(self, path: Path, precision: str) -> openvino.InferRequest:
        settings = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": self._threads,
            "NUM_STREAMS": 1,
            # OpenVINO files compiled models by everything but the precision: two engines in one
            # folder get each other's, and answer nonsense or crash.
            "CACHE_DIR": str(self._graphs.folder / f"openvino-{precision}"),
        }
        return self._core.compile_model(path, "CPU", settings).create_infer_request()
