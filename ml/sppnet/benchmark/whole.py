"""A whole image, encoded and its nuclei named, in a process of its own (see processes.py).

python -m ml.sppnet.benchmark.whole CHECKPOINT FOLDER THREADS
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch
from safetensors.numpy import load_file, save_file

from ml.sppnet.allocator import hold_memory
from ml.sppnet.benchmark.pictures import picture
from ml.sppnet.benchmark.processes import serve
from ml.sppnet.engines.choice import equip, machine, recall
from ml.sppnet.engines.graphs import Graphs
from ml.sppnet.predict import Encoding, Predictor, Tile


class Whole:
    """Tiles are kept on disk, as the app does."""

    def __init__(self, checkpoint: Path, folder: Path, threads: int) -> None:
        hold_memory()
        torch.set_num_threads(threads)
        self.predictor = Predictor.load(checkpoint)
        choice = recall(folder, machine(self.predictor, threads))
        if choice is not None:
            graphs = Graphs(self.predictor.network, folder)
            self.predictor = equip(self.predictor, choice, graphs, threads)
        self.tiles = Path(tempfile.mkdtemp(prefix="sppnet-tiles-"))

    def take(self, side: int) -> None:
        """Have a picture of side×side px in memory."""
        self.picture = picture(side)

    def encode(self) -> None:
        height, width = self.picture.shape[:2]
        tiles = self.predictor.tiles(width, height)
        for tile, encoding in self.predictor.encode_all(self.picture, tiles):
            save_file(encoding, self._file(tile))

    def propose(self) -> None:
        for _ in self.predictor.propose(self.picture.shape[:2], self._load):
            pass

    def _load(self, tile: Tile) -> Encoding:
        return dict(load_file(self._file(tile)))

    def _file(self, tile: Tile) -> Path:
        return self.tiles / f"{tile.key}.safetensors"


def main(checkpoint: str, folder: str, threads: str) -> None:
    whole = Whole(Path(checkpoint), Path(folder), int(threads))
    try:
        serve({"take": whole.take, "encode": whole.encode, "propose": whole.propose})
    finally:
        for file in whole.tiles.iterdir():
            file.unlink()
        whole.tiles.rmdir()


if __name__ == "__main__":
    main(*sys.argv[1:])
