import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_readme_lists_every_setting_that_is_read_from_the_environment() -> None:
    settings = "".join(path.read_text() for path in (ROOT / "sppnet_app/settings").glob("*.py"))
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))
    assert len(names) > 8
    readme = (ROOT / "README.md").read_text()
    assert [name for name in sorted(names) if f"`{name}`" not in readme] == []


def test_every_file_that_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())
    assert len(links) > 3
    assert [link for link in links if not (ROOT / link).exists()] == []
