"""The start commands of the app's processes, read from the Procfile.

One list for `make run`, for compose.yml (a test compares them) and for the browser tests.
"""

import shlex
from pathlib import Path

PROCFILE = Path(__file__).with_name("Procfile")

# glibc gives large blocks back to the system as soon as they are free; torch on a CPU then
# spends much of its time getting them again. The Dockerfile sets the same.
WORKER_ENVIRONMENT = {
    "MALLOC_MMAP_THRESHOLD_": "268435456",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
}


def commands(*, host: str, port: int) -> dict[str, list[str]]:
    """Return {process name: argument list}, in the order in which they are started."""
    lines = PROCFILE.read_text().splitlines()
    named = dict(line.split(": ", 1) for line in lines)
    filled = {
        name: command.replace("$HOST", host).replace("$PORT", str(port))
        for name, command in named.items()
    }
    return {name: shlex.split(command) for name, command in filled.items()}
