"""Secrets made on the first run, kept in <DATA_DIR>/secrets.json, readable by its owner only."""

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path


def get_or_create_secret(path: Path, name: str, make: Callable[[], str]) -> str:
    """Return the secret `name` of the JSON file at `path`, making and saving it if absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        # Web server and workers may start together on the first run.
        fcntl.flock(file, fcntl.LOCK_EX)
        secrets = json.loads(file.read() or "{}")
        if name not in secrets:
            secrets[name] = make()
            file.seek(0)
            json.dump(secrets, file, indent=2)
            file.truncate()
        return secrets[name]
