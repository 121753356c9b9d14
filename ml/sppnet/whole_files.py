"""Files that are there whole or not at all, on a disk that may be full."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of ``path`` once all is written. Else nothing of it
    is left, and what was at ``path`` stays.

    Raises OSError where the disk is at fault, whatever the library that writes makes of that.
    """
    partial = path.with_suffix(".partial")
    try:
        yield partial
        os.replace(partial, path)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        reason = _of_the_system(error, path)
        if reason is None:
            raise
        raise reason from error


def _of_the_system(error: BaseException, path: Path) -> OSError | None:
    if isinstance(error.__context__, OSError):
        return error.__context__
    found = re.search(r"\(os error (\d+)\)", str(error))  # as Rust writes it
    return OSError(int(found[1]), os.strerror(int(found[1])), str(path)) if found else None
