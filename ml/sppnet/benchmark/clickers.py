"""Who answers clicks: this program, and segment-anything and MobileSAM as their users run them.

python -m ml.sppnet.benchmark.clickers NAME [CHECKPOINT FOLDER THREADS]: see processes.py.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch

from ml.sppnet.benchmark.processes import serve

SAM = ("vit_b", "vit_h")
MOBILE = "mobile_sam"
OURS, OURS_TORCH = "ours", "ours-torch"


class Clicker(Protocol):
    def first(self, path: str, x: float, y: float) -> None:
        """Read a new image and answer a click on it."""

    def further(self, x: float, y: float) -> None:
        """Answer another click on the same image."""


class SamClicker:
    """SamPredictor on its network with random weights: they take as long as any others."""

    def __init__(self, name: str) -> None:
        library = import_module("mobile_sam" if name == MOBILE else "segment_anything")
        torch.manual_seed(0)
        network = library.sam_model_registry["vit_t" if name == MOBILE else name]()
        self.predictor = library.SamPredictor(network.eval())

    def first(self, path: str, x: float, y: float) -> None:
        self.predictor.set_image(cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB))
        self.further(x, y)

    def further(self, x: float, y: float) -> None:
        self.predictor.predict(point_coords=np.array([[x, y]]), point_labels=np.array([1]))


class OurClicker:
    """The predictor on the engines that were chosen, or on plain torch."""

    def __init__(self, checkpoint: Path, folder: Path, threads: int, plain: bool) -> None:
        from ml.sppnet.allocator import hold_memory
        from ml.sppnet.engines.choice import equip, machine, recall
        from ml.sppnet.engines.graphs import Graphs
        from ml.sppnet.predict import Predictor

        hold_memory()
        torch.set_num_threads(threads)
        self.predictor = Predictor.load(checkpoint)
        choice = recall(folder, machine(self.predictor, threads))
        if choice is not None and not plain:
            graphs = Graphs(self.predictor.network, folder)
            self.predictor = equip(self.predictor, choice, graphs, threads)

    def first(self, path: str, x: float, y: float) -> None:
        image = cv2.imread(path, cv2.IMREAD_COLOR_RGB)
        self.image = np.asarray(image, np.uint8)
        height, width = self.image.shape[:2]
        self.tile = self.predictor.tile_for([(x, y, True)], width, height)
        self.encoding = self.predictor.encode(self.image, self.tile)
        self.further(x, y)

    def further(self, x: float, y: float) -> None:
        self.predictor.segment(self.image, self.tile, self.encoding, [(x, y, True)])


def main(name: str, *rest: str) -> None:
    clicker: Clicker
    if name in (OURS, OURS_TORCH):
        checkpoint, folder, threads = rest
        clicker = OurClicker(Path(checkpoint), Path(folder), int(threads), name == OURS_TORCH)
    else:
        clicker = SamClicker(name)
    serve({"first": clicker.first, "further": clicker.further})


if __name__ == "__main__":
    main(*sys.argv[1:])
