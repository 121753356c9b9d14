"""One heavy thing at a time on a machine: trainings and judgements take turns."""

import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


def training_folder() -> Path:
    """Where runs keep what they write."""
    folder = Path(settings.DATA_DIR) / "training"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Hold the lock at `path`, for as long as this process lives at most; False if it is held."""
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def alone_on_this_machine() -> Iterator[bool]:
    """False if another process of this machine is at it, in whatever container."""
    with alone(training_folder() / f"lock-{machine()}") as have:
        yield have


def machine() -> str:
    """What the containers of one host have in common and no two hosts have: Linux's number of its
    last start. Elsewhere, the host's name."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return socket.gethostname()
