"""The checkpoints that answer clicks, each loaded once per process, when it is first asked."""

from collections import OrderedDict
from functools import partial
from threading import Lock
from typing import NamedTuple

import torch

from ml.engines import speed_up
from ml.exceptions import InvalidCheckpoint, NoCheckpoint
from ml.models import Checkpoint
from ml.one_by_one import OneByOne
from ml.sppnet.engines.sharing import shared
from ml.sppnet.predict import Predictor


class Active(NamedTuple):
    checkpoint: Checkpoint
    predictor: Predictor


# A dataset may have a checkpoint of its own, so that clicks alternate between some. One takes some
# 400 MB on OpenVINO, so that these take 1.2 GB.
MOST_LOADED = 3

# By hash; what was used last is at the end.
_loaded: OrderedDict[str, Predictor] = OrderedDict()
# On a GPU the threads of one process answer clicks. Each checkpoint is loaded once all the same,
# and while it is, the others answer.
_lock, _loading = Lock(), OneByOne()


def active(scope: str = "") -> Active:
    """The checkpoint that answers clicks in `scope` now: one indexed query, weights only when it
    changed.

    Raises NoCheckpoint, CheckpointError or InvalidCheckpoint if its file is unusable.
    """
    checkpoint = Checkpoint.objects.active(scope).first()
    if checkpoint is None:
        raise NoCheckpoint("No checkpoint is active: an administrator must load and activate one.")
    return Active(checkpoint, predictor_of(checkpoint))


def predictor_of(checkpoint: Checkpoint) -> Predictor:
    """The network of a checkpoint, on the GPU if there is one; those used last stay in memory,
    MOST_LOADED in all.

    Raises CheckpointError or InvalidCheckpoint if its file is unusable.
    """
    with _loading.turn(checkpoint.sha256):
        predictor = _known(checkpoint.sha256)
        return _load(checkpoint) if predictor is None else predictor


def _known(sha256: str) -> Predictor | None:
    with _lock:
        if sha256 in _loaded:
            _loaded.move_to_end(sha256)
        return _loaded.get(sha256)


def _load(checkpoint: Checkpoint) -> Predictor:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    predictor = Predictor.load(checkpoint.path, device)
    if predictor.sha256 != checkpoint.sha256:
        raise InvalidCheckpoint(
            f"The file of {checkpoint} has changed since it was registered: register it again."
        )
    with _lock:
        while len(_loaded) >= MOST_LOADED:
            _loaded.popitem(last=False)
        _loaded[checkpoint.sha256] = shared(predictor)
    speed_up(checkpoint, predictor, partial(_replace, checkpoint.sha256))
    with _lock:
        return _loaded.get(checkpoint.sha256) or shared(predictor)


def _replace(sha256: str, predictor: Predictor) -> None:
    """Let a predictor on faster engines answer, if its checkpoint is still loaded."""
    with _lock:
        if sha256 in _loaded:
            _loaded[sha256] = shared(predictor)
