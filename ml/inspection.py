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
    if shapes(path) != shapes(active.path):
        raise InvalidCheckpoint(
            f"{path.name} does not fit its own configuration: "
            "weights are missing, unknown or of another shape."
        )
