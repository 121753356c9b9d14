"""The network in torch: plain as the reference, or as fast as torch runs it."""

from __future__ import annotations

import copy
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from timm.models.tiny_vit import ConvNorm
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ml.sppnet.config import NUCLEUS
from ml.sppnet.encoder import Features
from ml.sppnet.engines.interface import Decoded, Encoded, Float, WindowPrompt
from ml.sppnet.export import EncoderGraph
from ml.sppnet.network import ClickNet

# As many tiles, or windows with clicks, as fill a GPU; on a CPU more at a time gain nothing.
GPU_BATCH = 8


class TorchEngine:
    """Encoder and decoder of a network, where its weights are.

    ``half`` computes in that type where torch finds it safe (autocast): on a GPU all, on a CPU the
    encoder. There the decoder takes a fraction of the time, and browsers answer in float32 too.
    """

    def __init__(self, network: ClickNet, name: str = "torch", half: torch.dtype | None = None):
        self.network, self.name, self.half = network.eval(), name, half
        self.graph = EncoderGraph(network)
        self.batch = GPU_BATCH if self.device.type == "cuda" else 1

    @property
    def device(self) -> torch.device:
        return next(self.network.parameters()).device

    @torch.inference_mode()
    def encode(self, pixels: NDArray[np.uint8]) -> Encoded:
        with self._autocast(self.half):
            encoded = self.graph(torch.from_numpy(np.ascontiguousarray(pixels)).to(self.device))
        return Encoded(*map(_array, encoded))

    @torch.inference_mode()
    def decode(self, prompt: WindowPrompt) -> Decoded:
        image, embedding, skip8, skip4, points, labels, prior = (
            torch.from_numpy(array).to(self.device) for array in prompt
        )
        start = prior if prompt.prior.any() else None
        half = self.half if self.device.type == "cuda" else None
        with self._autocast(half):
            masks = self.network.decode(
                image, Features(embedding, skip8, skip4), points, labels, start
            )
        return Decoded(_array(masks.logits[:, NUCLEUS]), _array(masks.quality[:, NUCLEUS]))

    def _autocast(self, half: torch.dtype | None) -> torch.autocast:
        return torch.autocast(self.device.type, half, enabled=half is not None)


def fast(network: ClickNet) -> ClickNet:
    """A copy with channels last and batch normalisations folded into their convolutions."""
    network = copy.deepcopy(network).eval().to(memory_format=torch.channels_last)
    _fuse(network)
    return network


def half_type(device: torch.device) -> torch.dtype | None:
    """The 16-bit type that a device computes faster than float32, if there is one."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(False) else torch.float16
    return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else None


def _fuse(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, ConvNorm):
            setattr(module, name, child.fuse())
        else:
            _fuse(child)
    if isinstance(module, nn.Sequential):
        for i, (conv, norm) in enumerate(pairwise(module)):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                module[i], module[i + 1] = fuse_conv_bn_eval(conv, norm), nn.Identity()


def _array(tensor: Tensor) -> Float:
    return tensor.float().cpu().numpy()
