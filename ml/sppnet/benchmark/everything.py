"""All of the benchmark, part by part."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ml.sppnet.benchmark import rivals, sizes, speed, training
from ml.sppnet.benchmark.report import table, write
from ml.sppnet.benchmark.setting import Setting
from ml.sppnet.datasets import IMAGE_SUFFIXES, read_pixels
from ml.sppnet.engines.choice import Trial, choose, save
from ml.sppnet.engines.graphs import Graphs
from ml.sppnet.predict import Predictor

_PARTS = {
    "clicks": rivals.compare,
    "engines": speed.compare,
    "sizes": sizes.compare,
    "steps": training.compare,
}


def measure(setting: Setting, parts: Iterable[str], page: Path | None) -> None:
    """Print what is found, and put each part into ``page`` when it is done."""
    predictor = Predictor.load(setting.checkpoint)
    _tell("machine", setting.described(predictor), page)
    _tell("choice", _chosen(predictor, setting), page)
    for name in parts:
        _tell(name, _PARTS[name](setting), page)


def _tell(name: str, text: str, page: Path | None) -> None:
    print(f"\n{name}\n\n{text}", flush=True)
    if page is not None:
        write(page, name, text)


def _chosen(predictor: Predictor, setting: Setting) -> str:
    """Let engines be chosen as workers do it; what follows runs on them."""
    paths = sorted((setting.data / "images").iterdir())
    images = [read_pixels(path) for path in paths if path.suffix in IMAGE_SUFFIXES]
    graphs = Graphs(predictor.network, setting.folder)
    choice = choose(predictor, graphs, images, setting.threads)
    save(choice, setting.folder)
    return table(
        [
            *("Engine", "Encodes a tile in", "IoU of maps", "IoU of masks"),
            *("Answers a click in", "IoU of masks"),
        ],
        [
            [
                one.engine,
                *_cells(one, choice.encoder, one.maps, one.masks),
                *_cells(two, choice.decoder, two.masks),
            ]
            for one, two in zip(choice.encoders, choice.decoders, strict=True)
        ],
    )


def _cells(trial: Trial, chosen: str, *ious: float | None) -> list[str]:
    """The time and the agreement with torch; why it is refused in place of the first."""
    if trial.milliseconds is None:
        return ["refused", trial.refused, *[""] * (len(ious) - 1)]
    time = f"{trial.milliseconds:.1f} ms"
    return [f"**{time}**" if trial.engine == chosen else time, *(f"{iou:.4f}" for iou in ious)]
