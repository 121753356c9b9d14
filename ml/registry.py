"""The active checkpoint, loaded once per process and again when another becomes active."""

from typing import NamedTuple

import torch

from ml.exceptions import InvalidCheckpoint, NoCheckpoint
from ml.models import Checkpoint
from ml.sppnet.predict import Predictor


class Active(NamedTuple):
    checkpoint: Checkpoint
    predictor: Predictor


_loaded: dict[str, Predictor] = {}


def active() -> Active:
    """The checkpoint that answers clicks now: one indexed query, weights only when it changed.

    Raises NoCheckpoint, CheckpointError or InvalidCheckpoint if its file is unusable.
    """
    checkpoint = Checkpoint.objects.active().first()
    if checkpoint is None:
        raise NoCheckpoint("No checkpoint is active: an administrator must load and activate one.")
    return Active(checkpoint, predictor_of(checkpoint))


def predictor_of(checkpoint: Checkpoint) -> Predictor:
    """The network of a checkpoint, on the GPU if there is one; only the latest is kept in memory.

    Raises CheckpointError or InvalidCheckpoint if its file is unusable.
    """
    if checkpoint.sha256 not in _loaded:
        device = "cuda" if torch.cuda.is_available() else "cpu"
        predictor = Predictor.load(checkpoint.path, device)
        if predictor.sha256 != checkpoint.sha256:
            raise InvalidCheckpoint(
                f"The file of {checkpoint} has changed since it was registered: register it again."
            )
        _loaded.clear()
        _loaded[checkpoint.sha256] = predictor
    return _loaded[checkpoint.sha256]
