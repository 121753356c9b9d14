"""The paper's study from one folder of images: every row trained, scored and reported."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from ml.sppnet import checkpoints
from ml.sppnet.config import EncoderName, ImageTrainConfig, ModelConfig
from ml.sppnet.datasets import DataError, Sample, names_in, read_folder
from ml.sppnet.image_scores import score_images
from ml.sppnet.image_training import train_images
from ml.sppnet.network import PaperNet, WholeImageNet
from ml.sppnet.split import Split, read_image_split, split_names, write_split
from ml.sppnet.stability import stability
from ml.sppnet.study import ROWS, Row
from ml.sppnet.train import Budget
from ml.sppnet.whole_files import written_whole


@dataclass(frozen=True)
class Settings:
    """What makes one study: of two with the same settings, one goes on with the other.

    ``side``: of the image that SPPNet's encoder sees; masks and rivals have a quarter of it.
    ``init``: a checkpoint that SPPNet's rows start from. ``sam``: the encoder of SAM's row, and
    ``sam_init`` its weights.
    """

    data: str
    side: int
    seed: int
    minutes: float | None = None
    epochs: float | None = None
    init: str | None = None
    sam: EncoderName = "sam_vit_h"
    sam_init: str | None = None
    evaluations: int = 500

    @property
    def budget(self) -> Budget:
        return Budget(self.minutes, self.epochs)

    def config(self, row: Row, side: int) -> ModelConfig:
        """The network of a row where SPPNet sees ``side`` px."""
        config = row.config(side)
        return replace(config, encoder=self.sam) if row.key == "sam" else config


@dataclass(frozen=True)
class Study:
    """A study in a folder: settings.json, split.json, rows/<row>/…, stability.json."""

    settings: Settings
    folder: Path
    split: Split

    @classmethod
    def open(cls, settings: Settings, folder: Path, split: Path | None = None) -> Study:
        """Begin, or go on with, the study in ``folder``. Raises DataError if it is another one."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "settings.json"
        wanted = asdict(settings)
        if kept.exists():
            there = json.loads(kept.read_text())
            other = [name for name in wanted if there.get(name) != wanted[name]]
            if other:
                raise DataError(
                    f"{folder} holds a study with another {', '.join(other)} "
                    f"({', '.join(repr(there.get(name)) for name in other)}); "
                    "choose another --out, or the same settings to go on with it"
                )
        write_json(kept, wanted)
        path = folder / "split.json"
        if not path.exists():
            names = names_in(Path(settings.data))
            chosen = read_image_split(split) if split else split_names(names, settings.seed)
            write_split(chosen, path)
        return cls(settings, folder, read_image_split(path))

    def samples(self, part: Sequence[str]) -> list[Sample]:
        return read_folder(Path(self.settings.data), part)

    def row_folder(self, row: Row) -> Path:
        return self.folder / "rows" / row.key

    def result(self, row: Row) -> dict[str, Any] | None:
        """The scores of a row, or None if it is not done."""
        path = self.row_folder(row) / "result.json"
        return json.loads(path.read_text()) if path.exists() else None

    def run(self, rows: Sequence[Row] = ROWS, tell: Callable[[str], None] = print) -> None:
        """Train and score what is not done yet."""
        train, val = self.samples(self.split.train), self.samples(self.split.val)
        for number, row in enumerate(rows, start=1):
            if self.result(row) is None:
                tell(f"[{number}/{len(rows)}] {next(iter(row.tables.values()))}")
                self._train(row, train, val)
                scores = self._score(row)
                tell(f"    dice {scores['dice']['mean']:.4f}, iou {scores['iou']['mean']:.4f}")
        sppnet = next((row for row in rows if row.key == "sppnet"), None)
        path = self.folder / "stability.json"
        if sppnet is not None and not path.exists():
            tell(f"stability: {self.settings.evaluations} evaluations with random clicks")
            test = self.samples(self.split.test)
            network = self._network(sppnet)
            assert isinstance(network, PaperNet)
            write_json(path, stability(network, test, self.settings.evaluations))

    def _train(self, row: Row, train: list[Sample], val: list[Sample]) -> None:
        settings = self.settings
        config = settings.config(row, settings.side)
        init = settings.init
        if row.key == "sam":
            init = settings.sam_init
        elif config.kind == "rival":
            init = None
        recipe = ImageTrainConfig(seed=settings.seed, **row.training)
        folder = self.row_folder(row)
        train_images(
            config,
            recipe,
            train,
            val,
            folder,
            settings.budget,
            Path(init) if init else None,
            clock=computing_clock(),
        )

    def _network(self, row: Row) -> WholeImageNet:
        network = checkpoints.load(self.row_folder(row) / "best.safetensors").network()
        assert isinstance(network, WholeImageNet)
        return network

    def _score(self, row: Row) -> dict[str, Any]:
        """Score the best weights on the test images; keep the masks for the figure."""
        folder = self.row_folder(row)
        masks = folder / "masks"
        masks.mkdir(exist_ok=True)

        def keep(sample: Sample, mask: np.ndarray) -> None:
            cv2.imwrite(str(masks / f"{sample.name}.png"), mask.astype(np.uint8) * 255)

        checkpoint = checkpoints.load(folder / "best.safetensors")
        result = score_images(
            self._network(row),
            self.samples(self.split.test),
            seed=self.settings.seed,
            sha256=checkpoint.sha256,
            keep=keep,
        )
        result["training"] = checkpoint.metadata.get("training", {})
        write_json(folder / "result.json", result)
        return result


def computing_clock() -> Callable[[], float]:
    """Seconds of computing: on a CPU those that the process has had of it, all threads at work, so
    that a budget is the same for every row whatever else the machine does meanwhile."""
    if torch.cuda.is_available():
        return time.monotonic
    return lambda: time.process_time() / torch.get_num_threads()


def write_json(path: Path, value: Any) -> None:
    with written_whole(path) as partial:
        partial.write_text(json.dumps(value, indent=1) + "\n")
