"""Every engine's encoder at several sides, and how much of the machine each uses."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from ml.sppnet.benchmark.clock import Times, by_turns
from ml.sppnet.benchmark.pictures import picture
from ml.sppnet.benchmark.report import table
from ml.sppnet.benchmark.setting import Setting
from ml.sppnet.engines.choice import REFERENCE, builders, reason
from ml.sppnet.engines.graphs import Graphs
from ml.sppnet.engines.interface import Encoder
from ml.sppnet.engines.with_torch import TorchEngine, fast, half_type
from ml.sppnet.export import EncoderGraph
from ml.sppnet.network import ClickNet
from ml.sppnet.predict import Predictor

SIDES = (256, 448, 512, 896, 1024)
# To compile takes minutes for each side.
COMPILED_SIDE = 448
COMPILED = "torch-compiled"
HALVES = ("torch-half", "openvino-bf16", COMPILED)


def compare(setting: Setting) -> str:
    """Markdown: milliseconds, speed against torch, share of the matrix-multiplication peak."""
    torch.set_num_threads(setting.threads)
    predictor = Predictor.load(setting.checkpoint)
    graphs = Graphs(predictor.network, setting.folder)
    engines: dict[str, Encoder] = {}
    notes = []
    for name, build in builders(predictor, graphs, setting.threads).items():
        try:
            engines[name] = build()
        except Exception as error:  # of a library that does not suit this machine
            notes.append(f"{name} does not run here ({reason(error)}).")
    peaks = {dtype: matmul_peak(dtype) for dtype in (torch.float32, torch.bfloat16)}
    rows = []
    for side in (COMPILED_SIDE,) if setting.quick else SIDES:
        here = dict(engines)
        if side == COMPILED_SIDE and setting.compiled:
            here[COMPILED] = _compiled(predictor.network)
        work = flops(predictor.network, side)
        found = _measure(here, side, setting.quick)
        for name, times in found.items():
            half = name in HALVES
            peak = peaks[torch.bfloat16 if half else torch.float32]
            share = work / (times.median / 1000) / 1e9 / peak
            ratio = found[REFERENCE].median / times.median
            kind = "bfloat16" if half else "float32"
            rows.append([side, name, times, f"{ratio:.2f} ×", f"{share:.0%} of {kind}"])
    return "\n\n".join(
        [
            table(["Tile, px", "Engine", "Encoding", "faster than torch", "of the peak"], rows),
            "Peak of a matrix multiplication (2048²) here: "
            f"{peaks[torch.float32]:.0f} GFLOP/s in float32, "
            f"{peaks[torch.bfloat16]:.0f} in bfloat16. " + " ".join(notes),
        ]
    )


def _measure(engines: dict[str, Encoder], side: int, quick: bool) -> dict[str, Times]:
    pixels = picture(side)[None]

    def encode(engine: Encoder) -> Callable[[], None]:
        def call() -> None:
            engine.encode(pixels)

        return call

    rounds = 3 if quick else max(5, min(15, 15 * 448 // side))
    calls = {name: encode(engine) for name, engine in engines.items()}
    return by_turns(calls, dict.fromkeys(engines, rounds))


def _compiled(network: ClickNet) -> TorchEngine:
    engine = TorchEngine(fast(network), COMPILED, half_type(torch.device("cpu")))
    # In place: compiled, it is the same module.
    engine.graph.compile(options={"freezing": True})
    return engine


def flops(network: ClickNet, side: int) -> float:
    """Floating-point operations of encoding one tile: two for each multiplication and addition in
    convolutions, matrix products and attention."""
    counter = FlopCounterMode(display=False)
    # The counter hooks itself to gradients wherever a parameter could have one.
    frozen = copy.deepcopy(network).requires_grad_(False)
    with counter, torch.no_grad():
        EncoderGraph(frozen)(torch.zeros(1, side, side, 3, dtype=torch.uint8))
    return float(counter.get_total_flops())


def matmul_peak(dtype: torch.dtype, side: int = 2048) -> float:
    """GFLOP/s of the fastest of some matrix multiplications, with the threads that torch has."""
    a, b = (torch.randn(side, side).to(dtype) for _ in range(2))
    fastest = np.inf
    for _ in range(12):
        began = time.perf_counter()
        torch.mm(a, b)
        fastest = min(fastest, time.perf_counter() - began)
    return float(2 * side**3 / fastest / 1e9)
