"""What a checkpoint's file says about itself, read without torch: the header of safetensors."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.exceptions import InvalidCheckpoint
from ml.models import Checkpoint

FORMAT, VERSION = "sppnet-checkpoint", "1"
_MAX_HEADER_BYTES = 10 * 1024**2


@dataclass(frozen=True)
class CheckpointFile:
    sha256: str
    name: str
    kind: str
    metadata: dict[str, Any]


def describe(path: Path) -> CheckpointFile:
    """Raises InvalidCheckpoint, with a sentence for people, if `path` is anything else."""
    metadata = _metadata(_header(path), path)
    config = metadata.get("config")
    kind = metadata.get("kind") or (config.get("kind") if isinstance(config, dict) else None)
    if kind not in Checkpoint.Kind.values:
        raise InvalidCheckpoint(f"{path.name} is for a network of the unknown kind {kind!r}.")
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return CheckpointFile(sha256, str(metadata.get("name") or path.stem), kind, metadata)


def shapes(path: Path) -> dict[str, list[int]]:
    """Name → shape of every tensor in the file. Raises InvalidCheckpoint."""
    header = _header(path)
    return {name: tensor.get("shape") for name, tensor in header.items() if name[:2] != "__"}


def _header(path: Path) -> dict[str, Any]:
    """The JSON header; raises InvalidCheckpoint if the file is absent, cut short or foreign."""
    if not path.is_file():
        raise InvalidCheckpoint(f"There is no checkpoint file {path}.")
    foreign = InvalidCheckpoint(
        f"{path.name} is not a safetensors file such as the best.safetensors that training writes."
    )
    size = path.stat().st_size
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        if not 2 <= header_bytes <= min(size - 8, _MAX_HEADER_BYTES):
            raise foreign
        try:
            header = json.loads(file.read(header_bytes))
            ends = [
                tensor["data_offsets"][1] for name, tensor in header.items() if name[:2] != "__"
            ]
        except (ValueError, TypeError, KeyError, AttributeError, IndexError):
            raise foreign from None
    if not ends or size != 8 + header_bytes + max(ends):
        raise InvalidCheckpoint(f"{path.name} is cut short or damaged: copy it again.")
    return header


def _metadata(header: dict[str, Any], path: Path) -> dict[str, Any]:
    """The metadata with its JSON values parsed; raises InvalidCheckpoint if it is not ours."""
    raw = header.get("__metadata__") or {}
    if raw.get("format") != FORMAT:
        raise InvalidCheckpoint(f"{path.name} holds weights, but not of this application.")
    if raw.get("version") != VERSION:
        raise InvalidCheckpoint(
            f"{path.name} has the format version {raw.get('version')}; "
            f"this release reads {VERSION}."
        )
    return {name: _parsed(value) for name, value in raw.items()}


def _parsed(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
