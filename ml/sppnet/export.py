"""Encoder and decoder as ONNX: for engines other than torch, the decoder also for browsers.

The encoder stays on the server; its features travel as fp16. Everything a click needs besides
them is in the decoder's graph: prompt tokens, click disks, the low-level branch and the decoder.
"""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ml.sppnet.config import DISTANCE, FOREGROUND, NUCLEUS
from ml.sppnet.encoder import Features
from ml.sppnet.network import ClickNet

OPSET = 18
INPUTS = ("image", "embedding", "skip8", "skip4", "points", "labels", "prior")
OUTPUTS = ("logits", "score")
ENCODED = ("embedding", "skip8", "skip4", "maps")


class EncoderGraph(nn.Module):
    """Tiles B×S×S×3 uint8 RGB to their features (see :class:`Features`) and the maps of all nuclei:
    B×3×S/2×S/2 in [0, 1], foreground, boundary, distance."""

    def __init__(self, network: ClickNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        image = pixels.permute(0, 3, 1, 2).float() / 255
        features = self.network.encode(image)
        logits = self.network.propose(image, features).logits
        return *features, logits[:, FOREGROUND : DISTANCE + 1].sigmoid()


class ClickDecoderGraph(nn.Module):
    """One window, one prompt. Inputs, float32 unless said:

    image 1×3×S×S in [0, 1]; embedding 1×C×S/16×S/16; skip8 1×c×S/8×S/8; skip4 1×c×S/4×S/4; points
    1×N×2 (x, y) in window pixels; labels 1×N int64 (1 positive, 0 negative, 2 and 3 box corners, -1
    padding); prior 1×1×S/4×S/4 logits, zeros for none. Outputs: logits S/2×S/2 of the clicked
    nucleus, score 1: its predicted IoU.
    """

    def __init__(self, network: ClickNet) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        image: Tensor,
        embedding: Tensor,
        skip8: Tensor,
        skip4: Tensor,
        points: Tensor,
        labels: Tensor,
        prior: Tensor,
    ) -> tuple[Tensor, Tensor]:
        features = Features(embedding, skip8, skip4)
        masks = self.network.decode(image, features, points, labels, prior)
        return masks.logits[0, NUCLEUS], masks.quality[0, NUCLEUS : NUCLEUS + 1]


def example(network: ClickNet, clicks: int = 2) -> tuple[Tensor, ...]:
    """Inputs of the right shapes for ``clicks`` points."""
    config, side = network.config, network.config.window
    return (
        torch.rand(1, 3, side, side),
        torch.rand(1, config.embed_dim, side // 16, side // 16),
        torch.rand(1, config.skip8_dim, side // 8, side // 8),
        torch.rand(1, config.skip4_dim, side // 4, side // 4),
        torch.rand(1, clicks, 2) * side,
        torch.ones(1, clicks, dtype=torch.int64),
        torch.zeros(1, 1, side // 4, side // 4),
    )


def export_encoder(network: ClickNet, side: int, path: Path) -> None:
    """Write the encoder for single tiles of ``side`` px, atomically."""
    tile = torch.zeros(1, side, side, 3, dtype=torch.uint8)
    _export(EncoderGraph(network), (tile,), path, ("pixels",), ENCODED)


def export_decoder(network: ClickNet, path: Path) -> None:
    """Write the decoder of a click network, atomically. Takes any number of clicks."""
    count = torch.export.Dim("clicks", min=1, max=64)
    shapes: dict[str, Any] = {**dict.fromkeys(INPUTS), "points": {1: count}, "labels": {1: count}}
    _export(ClickDecoderGraph(network), example(network), path, INPUTS, OUTPUTS, shapes)


def _export(
    graph: nn.Module,
    inputs: tuple[Tensor, ...],
    path: Path,
    input_names: tuple[str, ...],
    output_names: tuple[str, ...],
    dynamic_shapes: dict[str, Any] | None = None,
) -> None:
    device = next(graph.parameters()).device
    for library in ("onnx_ir", "onnxscript"):
        # They tell of every node they touch.
        logging.getLogger(library).setLevel(logging.WARNING)
    with warnings.catch_warnings():
        # The exporter warns of its own future; nothing of it concerns the graph.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph.eval(),
            tuple(tensor.to(device) for tensor in inputs),
            input_names=list(input_names),
            output_names=list(output_names),
            opset_version=OPSET,
            dynamic_shapes=dynamic_shapes,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("the ONNX exporter returned no program")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    program.save(str(partial), external_data=False)
    os.replace(partial, path)
