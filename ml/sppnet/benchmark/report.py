"""Tables in Markdown, and where they go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The first column to the left, numbers to the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def write(page: Path, section: str, text: str) -> None:
    """Put ``text`` between the marks of ``section``. Raises ValueError if the page has none."""
    start, end = f"<!-- {section} -->", f"<!-- /{section} -->"
    before, found, rest = page.read_text().partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{page.name} has no {start} … {end}: put them where the tables belong")
    page.write_text(f"{before}{start}\n{text}\n{end}{after}")
