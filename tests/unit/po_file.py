"""Reads the catalogues as makemessages writes them, without GNU gettext, which few have."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

QUOTED = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'


@dataclass(frozen=True)
class Entry:
    source: str
    plural: str | None
    translations: tuple[str, ...]
    is_fuzzy: bool


def read_po(path: Path) -> list[Entry]:
    """Every message but the header."""
    blocks = path.read_text().split("\n\n")
    entries = [_entry(block) for block in blocks if re.search(r"^msgid ", block, re.M)]
    return [entry for entry in entries if entry.source]


def _entry(block: str) -> Entry:
    plural = re.search(rf"^msgid_plural {QUOTED}", block, re.M)
    source = re.search(rf"^msgid {QUOTED}", block, re.M)
    assert source, block
    return Entry(
        source=_text(source[1]),
        plural=_text(plural[1]) if plural else None,
        translations=tuple(
            _text(found) for found in re.findall(rf"^msgstr(?:\[\d\])? {QUOTED}", block, re.M)
        ),
        is_fuzzy=bool(re.search(r"^#,.*\bfuzzy\b", block, re.M)),
    )


def _text(quoted: str) -> str:
    """The adjacent strings as one; their escapes are Python's, too."""
    return str(ast.literal_eval(f"({quoted})"))
