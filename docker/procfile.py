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


# What several people ask for at once a GPU does at once, if threads of one process ask for it
# (ml/sppnet/engines/sharing.py). The last option of a kind counts.
ON_A_GPU = {"interactive": ["-P", "threads", "-c", "16"]}


def commands(*, host: str, port: int, gpu: bool = False) -> dict[str, list[str]]:
    """Return {process name: argument list}, in the order in which they are started."""
    lines = PROCFILE.read_text().splitlines()
    named = dict(line.split(": ", 1) for line in lines)
    filled = {
        name: command.replace("$HOST", host).replace("$PORT", str(port))
        for name, command in named.items()
    }
    more = ON_A_GPU if gpu else {}
    return {name: shlex.split(line) + more.get(name, []) for name, line in filled.items()}
