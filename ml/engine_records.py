"""What was found out about engines on this installation's machines; the web process reads it, too.

<DATA_DIR>/engines/<checkpoint sha256[:16]>/ holds exported graphs and a choice-*.json a machine.
"""

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

# Checkpoints whose graphs are kept: some 100 MB each, made again within a minute or two.
KEPT = 3


def folder_of(checkpoint_sha256: str) -> Path:
    return _root() / checkpoint_sha256[:16]


def latest(checkpoint_sha256: str) -> dict[str, Any] | None:
    """The newest choice for a checkpoint as ml.sppnet.engines.choice wrote it; None if none is
    made yet."""
    records = sorted(folder_of(checkpoint_sha256).glob("choice-*.json"), key=_age)
    with suppress(OSError, ValueError, IndexError):
        found: dict[str, Any] = json.loads(records[-1].read_text())
        return found
    return None


def forget_old(*, keep: str) -> None:
    """Delete all but the folders used last, and that of the checkpoint `keep`."""
    folders = sorted(_root().iterdir(), key=_age, reverse=True)
    for folder in folders[KEPT:]:
        if folder != folder_of(keep):
            shutil.rmtree(folder, ignore_errors=True)


def _root() -> Path:
    return Path(settings.DATA_DIR) / "engines"


def _age(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0
