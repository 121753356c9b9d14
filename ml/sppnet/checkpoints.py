"""Weights that travel with their metadata: one safetensors file, strictly loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from ml.sppnet.config import ModelConfig
from ml.sppnet.network import ClickNet, WholeImageNet, build
from ml.sppnet.whole_files import written_whole

FORMAT, VERSION = "sppnet-checkpoint", "1"
# Parts that came later. As built they change nothing, so older checkpoints are read without.
ADDED = ("decoder.rating.",)


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint. ``metadata``: name, config, data, metrics, training."""

    config: ModelConfig
    state: dict[str, torch.Tensor]
    metadata: dict[str, Any]
    sha256: str

    def network(self) -> ClickNet | WholeImageNet:
        """The network with these weights, float32, in evaluation mode."""
        network = build(self.config)
        state = added_to(self.state, network) | self.state
        network.load_state_dict(
            {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
        )
        return network.eval()


def added_to(state: Mapping[str, torch.Tensor], network: nn.Module) -> dict[str, torch.Tensor]:
    """The parts that ADDED names and that a state lacks, as ``network`` has them."""
    return {
        name: weight
        for name, weight in network.state_dict().items()
        if name.startswith(ADDED) and name not in state
    }


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save(path: Path, network: nn.Module, metadata: dict[str, Any], half: bool = True) -> None:
    """Write atomically; floating-point weights as fp16 unless ``half`` is False. Raises OSError.

    ``metadata`` must be JSON-serialisable; its values are stored as JSON strings beside
    ``format``, ``version`` and ``config``.
    """
    state = {
        name: (tensor.half() if half and tensor.is_floating_point() else tensor)
        .detach()
        .cpu()
        .contiguous()
        for name, tensor in network.state_dict().items()
    }
    header = {"format": FORMAT, "version": VERSION, "config": json.dumps(network.config.to_dict())}
    header |= {key: json.dumps(value) for key, value in metadata.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as partial:
        save_file(state, partial, metadata=header)


def load(path: Path) -> Checkpoint:
    """Read and check a checkpoint: every tensor present, unless ADDED names it, none left over,
    each of its shape.

    Raises CheckpointError.
    """
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in sorted(file.keys())}
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint at {path}") from None
    except SafetensorError as error:
        raise CheckpointError(f"{path.name} is not a safetensors file: {error}") from None
    if header.get("format") != FORMAT:
        raise CheckpointError(
            f"{path.name} holds weights but not an SPPNet checkpoint; "
            "convert foreign weights with `python -m ml.sppnet import`"
        )
    if header.get("version") != VERSION:
        raise CheckpointError(
            f"{path.name} is of checkpoint version {header.get('version')}; "
            f"this program reads version {VERSION}"
        )
    try:
        values = {
            key: json.loads(value)
            for key, value in header.items()
            if key not in ("format", "version")
        }
        config = ModelConfig.from_dict(values.pop("config"))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path.name} has unreadable metadata: {error}") from None
    _check_shapes(path.name, config, state)
    return Checkpoint(config, state, values, sha256_of(path))


def _check_shapes(name: str, config: ModelConfig, state: dict[str, torch.Tensor]) -> None:
    with torch.device("meta"):
        expected = build(config).state_dict()
    missing = sorted(k for k in set(expected) - set(state) if not k.startswith(ADDED))
    extra = sorted(set(state) - set(expected))
    wrong = sorted(k for k in set(expected) & set(state) if expected[k].shape != state[k].shape)
    faults = [
        f"{len(keys)} {what} (first: {keys[0]})"
        for what, keys in (("missing", missing), ("unknown", extra), ("of another shape", wrong))
        if keys
    ]
    if faults:
        raise CheckpointError(f"{name} does not fit its own configuration: {'; '.join(faults)}")
