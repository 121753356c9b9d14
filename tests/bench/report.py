"""Where the tables of the benchmarks go."""

from tests.services import ROOT

PAGE = ROOT / "docs" / "performance.md"


def write(section: str, text: str) -> None:
    """Put `text` between the marks of `section` in docs/performance.md."""
    start, end = f"<!-- {section} -->", f"<!-- /{section} -->"
    before, found, rest = PAGE.read_text().partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{PAGE.name} has no {start} … {end}: put them where the tables belong")
    PAGE.write_text(f"{before}{start}\n{text}\n{end}{after}")
