"""Which code trained a checkpoint: a fingerprint of the network's source, with or without git."""

import hashlib
from functools import cache
from pathlib import Path

_SOURCE = Path(__file__).parent


@cache
def code_version() -> str:
    """The first 12 digits of the SHA-256 of ml/sppnet: names and contents of its Python files."""
    digest = hashlib.sha256()
    for path in sorted(_SOURCE.rglob("*.py")):
        digest.update(str(path.relative_to(_SOURCE)).encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
