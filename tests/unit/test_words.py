"""The catalogue has every word of the sources, translated whole, and compiled."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

from tests.unit.po_file import Entry, read_po

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "annotations" / "locale"
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
CATALOGUES = [(code, domain) for code in LANGUAGES for domain in ("django", "djangojs")]
HOLES = re.compile(r"%\(\w+\)[sd]|%s|\{\w+\}")
STRING = r"""('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""


def folder(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES"


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_every_message_is_translated(language: str, domain: str) -> None:
    entries = read_po(folder(language) / f"{domain}.po")
    assert len(entries) > 100
    unfinished = [e.source for e in entries if e.is_fuzzy or not all(e.translations)]
    assert unfinished == []


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_translations_have_the_holes_of_their_source(language: str, domain: str) -> None:
    wrong = [
        entry.source
        for entry in read_po(folder(language) / f"{domain}.po")
        for translation in entry.translations
        if not _holes(translation) <= _holes(entry.source + (entry.plural or ""))
        or (not entry.plural and _holes(translation) != _holes(entry.source))
    ]
    assert wrong == []


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_what_is_compiled_is_what_is_written(language: str, domain: str) -> None:
    path = folder(language)
    with (path / f"{domain}.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in read_po(path / f"{domain}.po"):
        if entry.plural:
            assert compiled.ngettext(entry.source, entry.plural, 1) == entry.translations[0]
            assert compiled.ngettext(entry.source, entry.plural, 5) == entry.translations[1]
        else:
            assert compiled.gettext(entry.source) == entry.translations[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_every_word_of_the_scripts(language: str) -> None:
    known = _sources(read_po(folder(language) / "djangojs.po"))
    assert sorted(set(_words_of_scripts()) - known) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_every_word_of_the_pages(language: str) -> None:
    known = _sources(read_po(folder(language) / "django.po"))
    assert sorted(set(_words_of_pages()) - known) == []


def _holes(text: str) -> set[str]:
    return set(HOLES.findall(text))


def _sources(entries: list[Entry]) -> set[str]:
    return {entry.source for entry in entries}


def _words_of_scripts() -> Iterator[str]:
    """First arguments of gettext and ngettext. (That they are literals, the page's tests say.)"""
    folders = [ROOT / "frontend" / "src", ROOT / "annotations" / "static"]
    for path in (path for folder in folders for path in folder.rglob("*.js")):
        for call in re.finditer(rf"\bn?gettext\(\s*{STRING}", path.read_text()):
            yield _unquoted(call[1])


def _words_of_pages() -> Iterator[str]:
    """What Django itself finds in the templates, and the literals that Python code marks."""
    for path in (ROOT / "annotations" / "templates").rglob("*.html"):
        code = templatize(path.read_text())
        for call in re.finditer(rf"\bn?gettext\(u?{STRING}", code):
            yield _unquoted(call[1]).replace("%%", "%")
    for package in ("annotations", "sppnet_app"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(
                        func=ast.Name(id="_" | "gettext_lazy"),
                        args=[ast.Constant(value=str(words)), *_],
                    ):
                        yield words


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1])
