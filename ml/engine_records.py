"""What was found out about engines on this installation's machines; the web process reads it, too.

<DATA_DIR>/engines/<checkpoint sha256[:16]>/ holds exported graphs and a choice-*.json a machine.
"""

import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

# So many checkpoints that answer clicks nowhere keep their graphs: some 100 MB each, made again
# within a minute or two.
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


def note_use(checkpoint_sha256: str) -> None:
    """Have the folder of a checkpoint kept for longer than those that were used before."""
    with suppress(FileNotFoundError):
        os.utime(folder_of(checkpoint_sha256))


def forget_old(*, keep: Iterable[str]) -> None:
    """Delete the folders of all checkpoints but those in `keep` and, of the others, those used
    last."""
    kept = {folder_of(sha256) for sha256 in keep}
    others = [path for path in _root().glob("*") if path.is_dir() and path not in kept]
    for folder in sorted(others, key=_age, reverse=True)[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


def _root() -> Path:
    return Path(settings.DATA_DIR) / "engines"


def _age(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0
