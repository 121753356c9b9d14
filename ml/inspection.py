"""Whether weights from outside can be used: the network is built from them, but not here.

The web process never loads torch, and where it is installed apart from the workers it has none.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ml.checkpoint_file import shapes
from ml.confined import run_confined
from ml.exceptions import InvalidCheckpoint
from ml.models import Checkpoint

# What ADDED of ml/sppnet/checkpoints.py names: older checkpoints are read without.
_ADDED = "decoder.rating."


def inspect(path: Path, config: Any) -> None:
    """Raise InvalidCheckpoint unless the network of `config` can be built from the file."""
    if find_spec("torch"):
        _load_elsewhere(path)
    else:
        _compare_with_the_active(path, config)


def _load_elsewhere(path: Path) -> None:
    run_confined("inspect", [], path)


def _compare_with_the_active(path: Path, config: Any) -> None:
    active = Checkpoint.objects.active().first()
    if active is None or active.metadata.get("config") != config:
        raise InvalidCheckpoint(
            f"{path.name} is for another network than the active checkpoint's, and this server, "
            "which is without PyTorch, can only check the same."
        )
    given, known = shapes(path), shapes(active.path)
    if not all(any(name.startswith(_ADDED) for name in each) for each in (given, known)):
        # Only one of them has it; the worker that loads it checks it.
        given, known = _without_added(given), _without_added(known)
    if given != known:
        raise InvalidCheckpoint(
            f"{path.name} does not fit its own configuration: "
            "weights are missing, unknown or of another shape."
        )


def _without_added(shapes: dict[str, list[int]]) -> dict[str, list[int]]:
    return {name: shape for name, shape in shapes.items() if not name.startswith(_ADDED)}
