"""Work on a file that nobody has looked into yet, in a process with hard limits.

Whoever is the main program hands its work to `run`, which reads the arguments SOURCE OUT_DIR
MEGAPIXELS MEMORY_MB and prints one JSON object: what the work returned, or {"error": sentence}.
"""

import errno
import json
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from annotations.formats.rendering import UnreadableImage

CPU_SECONDS = 90

Work = Callable[[Path, Path, float], Mapping[str, object]]


def run(work: Work, bytes_a_pixel: int) -> None:
    """Do `work`, which may write files of at most so many bytes for each pixel allowed."""
    source, out_dir, megapixels, memory_mb = sys.argv[1:]
    memory = int(memory_mb) << 20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    largest_file = int(float(megapixels) * 1_000_000 * bytes_a_pixel)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer: Mapping[str, object]
    try:
        answer = work(Path(source), Path(out_dir), float(megapixels))
    except UnreadableImage as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": f"needs more than {memory_mb} MB of memory to be decoded"}
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        answer = _damaged(error)
    except Exception as error:  # any decoder, any complaint: the file is at fault
        answer = _damaged(error)
    print(json.dumps(answer))


def _damaged(error: Exception) -> dict[str, object]:
    print(repr(error), file=sys.stderr)
    return {"error": "is damaged, truncated or of a kind that cannot be decoded"}
