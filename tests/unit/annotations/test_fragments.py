"""Parts of pages that are kept: as their facts say, in each language, and nothing else."""

from datetime import date
from typing import Any

from django.forms import Select
from django.test.html import parse_html
from django.utils import translation

from annotations.fragments import fragment
from annotations.plain_select import PlainSelect

DAY: dict[str, Any] = {"made": 3, "clicks": 4, "submitted": 0, "reviewed": 1, "seconds": 90.0}


def day(**facts: Any) -> str:
    return fragment("annotations/_day.html", day=date(2026, 5, 3), **DAY | facts)


def test_the_same_facts_read_the_same_and_others_do_not() -> None:
    assert day() == day()
    assert day(made=5) != day()


def test_equal_values_of_other_types_are_other_facts() -> None:
    one, yes = (fragment("annotations/_swatch.html", color=value) for value in (1, True))
    assert "True" not in one
    assert "True" in yes


def test_each_language_has_its_own() -> None:
    with translation.override("de"):
        german = day()
    assert "Mai" in german
    assert "May" in day()


def test_a_plain_list_is_that_of_django() -> None:
    choices = [("", "any"), (3, "<b>&"), ("é", '"quoted"')]
    for value in ("", "3", 3, "é", None, "gone"):
        plain, django = (
            kind(choices=choices).render("who", value, {"id": "x"})
            for kind in (PlainSelect, Select)
        )
        assert parse_html(plain) == parse_html(django)
