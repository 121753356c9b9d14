"""Times are taken by turns, contenders live apart, and tables go where their marks are."""

from pathlib import Path

import pytest

from ml.sppnet.benchmark.clock import by_turns
from ml.sppnet.benchmark.pictures import picture
from ml.sppnet.benchmark.processes import Contender
from ml.sppnet.benchmark.report import table, write
from tests.services import ROOT


def test_contenders_take_turns_and_the_first_time_does_not_count() -> None:
    order: list[str] = []

    def call(name: str, milliseconds: float) -> float:
        order.append(name)
        return milliseconds

    found = by_turns({"a": lambda: call("a", 1.0), "b": lambda: call("b", 2.0)}, {"a": 3, "b": 1})
    assert "".join(order) == "ababaa"
    assert found["a"].values == [1.0, 1.0, 1.0]
    assert (found["b"].median, str(found["b"])) == (2.0, "2.0 ms (2.0 – 2.0)")


def test_a_contender_is_timed_in_its_own_process_and_its_end_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "contender.py").write_text(
        "import time\n"
        "from ml.sppnet.benchmark.processes import serve\n"
        "print('libraries print what they like')\n"
        "serve({'rest': lambda s: (print('noise'), time.sleep(s)), 'end': lambda: exit(1)})\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    with Contender("contender") as process:
        assert process.ask("rest", 0.05) >= 50
        assert process.memory_mb > 1
        with pytest.raises(RuntimeError, match="it ended"):
            process.ask("end")


def test_a_table_replaces_what_was_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- a -->\nold\n<!-- /a -->\nbetween\n<!-- b -->\n<!-- /b -->\n")
    write(page, "a", table(["x", "y"], [[1, "2 ms"]]))
    expected = "<!-- a -->\n| x | y |\n| --- | ---: |\n| 1 | 2 ms |\n<!-- /a -->"
    assert page.read_text() == f"before\n{expected}\nbetween\n<!-- b -->\n<!-- /b -->\n"
    with pytest.raises(ValueError, match="has no <!-- c -->"):
        write(page, "c", "")


def test_the_page_has_a_place_for_every_table() -> None:
    text = (ROOT / "docs" / "performance.md").read_text()
    for section in ("machine", "choice", "clicks", "engines", "sizes", "steps", "server"):
        assert text.count(f"<!-- {section} -->") == text.count(f"<!-- /{section} -->") == 1


def test_a_generated_picture_looks_like_nuclei_on_a_ground() -> None:
    pixels = picture(300)
    assert pixels.shape == (300, 300, 3)
    dark = (pixels[..., 0] < 160).mean()
    assert 0.05 < dark < 0.6
