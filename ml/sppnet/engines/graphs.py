"""Exported graphs of one network on disk, made when they are first needed."""

from __future__ import annotations

from pathlib import Path

from ml.sppnet.export import export_decoder, export_encoder
from ml.sppnet.network import ClickNet


class Graphs:
    """ONNX files of a network on the CPU, below ``folder``; the decoder may lie elsewhere, where
    browsers get it from."""

    def __init__(self, network: ClickNet, folder: Path, decoder: Path | None = None) -> None:
        self.network, self.folder = network, folder
        self._decoder = decoder or folder / "decoder.onnx"

    def encoder(self, side: int) -> Path:
        """The encoder for tiles of ``side`` px."""
        path = self.folder / f"encoder-{side}.onnx"
        if not path.exists():
            export_encoder(self.network, side, path)
        return path

    def decoder(self) -> Path:
        if not self._decoder.exists():
            export_decoder(self.network, self._decoder)
        return self._decoder
