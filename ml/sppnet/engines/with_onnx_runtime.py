"""The exported graphs in ONNX Runtime, float32 on the CPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ml.sppnet.engines.graphs import Graphs
from ml.sppnet.engines.interface import Decoded, Encoded, WindowPrompt
from ml.sppnet.export import INPUTS


class OnnxRuntimeEngine:
    """Encoder and decoder with ``threads`` threads."""

    name = "onnxruntime"
    batch = 1

    def __init__(self, graphs: Graphs, threads: int) -> None:
        self._graphs, self._threads = graphs, threads
        self._encoders: dict[int, onnxruntime.InferenceSession] = {}
        self._decoder: onnxruntime.InferenceSession | None = None

    def encode(self, pixels: NDArray[np.uint8]) -> Encoded:
        side = pixels.shape[1]
        if side not in self._encoders:
            self._encoders[side] = self._session(self._graphs.encoder(side))
        tiles = [self._encoders[side].run(None, {"pixels": tile[None]}) for tile in pixels]
        return Encoded(*map(np.concatenate, zip(*tiles, strict=True)))

    def decode(self, prompt: WindowPrompt) -> Decoded:
        if self._decoder is None:
            self._decoder = self._session(self._graphs.decoder())
        logits, score = self._decoder.run(None, dict(zip(INPUTS, prompt, strict=True)))
        return Decoded(logits[None], score)

    def _session(self, path: Path) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        # Threads that spin between clicks would take the cores from everybody else.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
