"""Whether weights from outside can be used: the network is built from them, but not here.

The web process never loads torch, and where it is installed apart from the workers it has none.
"""

import logging
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings

from ml.checkpoint_file import shapes
from ml.exceptions import InvalidCheckpoint
from ml.models import Checkpoint

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = CPU_SECONDS = 120
MEMORY_MB = 4096


def inspect(path: Path, config: Any) -> None:
    """Raise InvalidCheckpoint unless the network of `config` can be built from the file."""
    if find_spec("torch"):
        _load_elsewhere(path)
    else:
        _compare_with_the_active(path, config)


def _load_elsewhere(path: Path) -> None:
    limits = ["--memory-mb", str(MEMORY_MB), "--cpu-seconds", str(CPU_SECONDS)]
    too_much = InvalidCheckpoint(
        f"{path.name} could not be loaded within the limits of time and memory."
    )
    try:
        loader = subprocess.run(
            [sys.executable, "-m", "ml.sppnet", "inspect", *limits, str(path)],
            cwd=settings.BASE_DIR,
            # Nothing of the server's environment, its secrets least of all.
            env={"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            text=True,
        )
    except subprocess.TimeoutExpired:
        raise too_much from None
    if loader.returncode == 0:
        return
    logger.info("Inspecting a checkpoint: %s", loader.stderr[-2000:])
    if loader.returncode < 0:
        raise too_much
    last = (loader.stderr.strip().splitlines() or [""])[-1]
    if not last.startswith("error: "):
        # It answers every complaint about a file itself, so this one is ours.
        raise RuntimeError(f"The inspection of a checkpoint exited with {loader.returncode}.")
    raise InvalidCheckpoint(last.removeprefix("error: ").rstrip(".") + ".")


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
