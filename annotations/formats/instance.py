"""One nucleus, as it goes into a file or comes out of one."""

from dataclasses import dataclass
from typing import Any

from annotations.exceptions import BadFile

MAX_LABEL_LENGTH = 100


@dataclass(frozen=True)
class Instance:
    """bbox and counts as in ml.rle. label is the name of its class, or None."""

    bbox: list[int]
    counts: str
    label: str | None = None


def checked_label(name: Any) -> str:
    """The name of a class as a file has it, fit to be stored. Raises BadFile."""
    if not isinstance(name, str) or not name.strip():
        raise BadFile("A class in the file has no name.")
    name = name.strip()
    if len(name) > MAX_LABEL_LENGTH or not name.isprintable():
        raise BadFile(
            f"The class name {name[:40]!r} is longer than {MAX_LABEL_LENGTH} characters, "
            "or holds characters that cannot be shown."
        )
    return name
