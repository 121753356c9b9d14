"""Which engines run a network on this machine: those that agree with torch, the fastest of them."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from ml.sppnet.engines.agreement import Agreement, Exam
from ml.sppnet.engines.graphs import Graphs
from ml.sppnet.engines.with_onnx_runtime import OnnxRuntimeEngine
from ml.sppnet.engines.with_openvino import OpenVinoEngine
from ml.sppnet.engines.with_torch import TorchEngine, fast, half_type
from ml.sppnet.predict import Pixels, Predictor

REFERENCE = "torch"
ROUNDS = 7
# Something else than torch has to be worth it.
LEAST_GAIN = 1.05

Engine = TorchEngine | OnnxRuntimeEngine | OpenVinoEngine
E = TypeVar("E")


@dataclass(frozen=True)
class Trial:
    """What was found about one engine. Without ``milliseconds`` it is refused, and ``refused``
    says why. ``masks`` and ``maps`` are IoUs with torch's; a decoder makes no maps."""

    engine: str
    milliseconds: float | None = None
    masks: float | None = None
    maps: float | None = None
    refused: str = ""


@dataclass(frozen=True)
class Choice:
    """The engines for a machine and a checkpoint, and how they were found."""

    encoder: str
    decoder: str
    encoders: list[Trial]
    decoders: list[Trial]
    machine: dict[str, Any]


def builders(predictor: Predictor, graphs: Graphs, threads: int) -> dict[str, Callable[[], Engine]]:
    """Engine name -> how to make it, for the device that the network is on. To make one may raise
    anything that its library raises."""
    network = predictor.network
    device = next(network.parameters()).device
    half = half_type(device)
    found: dict[str, Callable[[], Engine]] = {REFERENCE: lambda: TorchEngine(network)}
    found["torch-fast"] = lambda: TorchEngine(fast(network), "torch-fast")
    if half is not None:
        found["torch-half"] = lambda: TorchEngine(fast(network), "torch-half", half)
    if device.type == "cpu":
        found["onnxruntime"] = lambda: OnnxRuntimeEngine(graphs, threads)
        found["openvino"] = lambda: OpenVinoEngine(graphs, threads)
        found["openvino-bf16"] = lambda: OpenVinoEngine(graphs, threads, half=True)
    return found


def choose(predictor: Predictor, graphs: Graphs, images: Sequence[Pixels], threads: int) -> Choice:
    """Hold every engine against torch on ``images``, measure those that agree.

    The encoder is chosen first; decoders are judged on what it encodes. Sets torch's threads.
    """
    torch.set_num_threads(threads)
    exam = Exam(predictor, images)
    made: dict[str, Engine] = {}
    failed: list[Trial] = []
    for name, build in builders(predictor, graphs, threads).items():
        try:
            made[name] = build()
        except Exception as error:  # of a library that does not suit this machine
            failed.append(Trial(name, refused=reason(error)))
    case = exam.cases[0]

    def encode(engine: Engine) -> None:
        predictor.running_on(encoder=engine).encode(case.pixels, case.tile)

    def decode(engine: Engine) -> None:
        other = predictor.running_on(decoder=engine)
        click = (case.tile.x + case.tile.side / 2, case.tile.y + case.tile.side / 2, True)
        other.segment(case.pixels, case.tile, case.encoding, [click])

    encoders = _try(made, exam.of_encoder, encode)
    encoder = _best(encoders)
    pairs = _try(made, lambda engine: exam.of_pair(made[encoder], engine), decode)
    decoders = [replace(trial, maps=None) for trial in pairs]
    return Choice(
        encoder, _best(decoders), encoders + failed, decoders + failed, machine(predictor, threads)
    )


def _try(
    engines: dict[str, E], examine: Callable[[E], Agreement], run: Callable[[E], None]
) -> list[Trial]:
    trials: dict[str, Trial] = {}
    accepted: dict[str, E] = {}
    for name, engine in engines.items():
        try:
            found = examine(engine)
        except Exception as error:
            trials[name] = Trial(name, refused=reason(error))
            continue
        # Torch itself is what the others are compared with, and always at hand.
        objection = "" if name == REFERENCE else found.objection
        masks, maps = round(found.masks, 4), round(found.maps, 4)
        trials[name] = Trial(name, masks=masks, maps=maps, refused=objection)
        if not objection:
            accepted[name] = engine
    for name, milliseconds in measure(accepted, run).items():
        trials[name] = replace(trials[name], milliseconds=milliseconds)
    return list(trials.values())


def measure(
    engines: dict[str, E], run: Callable[[E], None], rounds: int = ROUNDS
) -> dict[str, float]:
    """Median milliseconds of each, taken by turns so that what else the machine does meets all."""
    times: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, engine in engines.items():
            began = time.perf_counter()
            run(engine)
            times[name].append((time.perf_counter() - began) * 1000)
    return {name: round(statistics.median(values), 2) for name, values in times.items()}


def _best(trials: list[Trial]) -> str:
    times = {t.engine: t.milliseconds for t in trials if t.milliseconds is not None}
    fastest = min(times, key=lambda name: times[name])
    return fastest if times[REFERENCE] > LEAST_GAIN * times[fastest] else REFERENCE


def equip(predictor: Predictor, choice: Choice, graphs: Graphs, threads: int) -> Predictor:
    """The predictor on the chosen engines, each warmed up. Raises what their libraries raise."""
    build = builders(predictor, graphs, threads)
    made = {name: build[name]() for name in {choice.encoder, choice.decoder}}
    other = predictor.running_on(made[choice.encoder], made[choice.decoder])
    warm_up(other)
    return other


def warm_up(predictor: Predictor) -> None:
    """Encode tiles of both sides and answer a click, so that nobody waits for a first time."""
    for side in (predictor.config.tile, predictor.config.tile // 2):
        image = np.full((side, side, 3), 200, np.uint8)
        click = [(side / 2, side / 2, True)]
        tile = predictor.tile_for(click, side, side)
        predictor.segment(image, tile, predictor.encode(image, tile), click)


def machine(predictor: Predictor, threads: int) -> dict[str, Any]:
    """What a measurement holds for: on anything else it has to be made again."""
    device = next(predictor.network.parameters()).device
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "libraries": {name: version(name) for name in ("torch", "onnxruntime", "openvino")},
        "checkpoint": predictor.sha256,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    flags = hashlib.sha256(facts.get("flags", "").encode()).hexdigest()[:8]
    return f"{facts.get('model name', platform.machine())} ({flags})"


def reason(error: Exception) -> str:
    """An error in one line."""
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def record_of(folder: Path, machine: dict[str, Any]) -> Path:
    """Where the choice for a machine is kept."""
    key = hashlib.sha256(json.dumps(machine, sort_keys=True).encode()).hexdigest()[:16]
    return folder / f"choice-{key}.json"


def save(choice: Choice, folder: Path) -> Path:
    """Write the record, atomically."""
    path = record_of(folder, choice.machine)
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps(asdict(choice), indent=1))
    os.replace(partial, path)
    return path


def recall(folder: Path, machine: dict[str, Any]) -> Choice | None:
    """The choice made before for this machine; None if there is none, or its file is damaged."""
    try:
        values = json.loads(record_of(folder, machine).read_text())
        trials = {k: [Trial(**t) for t in values[k]] for k in ("encoders", "decoders")}
        return Choice(**{**values, **trials})
    except (OSError, ValueError, KeyError, TypeError):
        return None
