"""The table of roles, read aloud."""

from typing import Any

import pytest
from django.apps import apps

from annotations.models import Dataset, Export, Image, Mask, Role
from annotations.permissions import TABLE, Verb, abilities, may


def test_every_verb_is_in_the_table() -> None:
    assert {verb for verbs in TABLE.values() for verb in verbs} == set(Verb)


def test_whatever_belongs_to_a_dataset_is_in_the_table() -> None:
    """Its manager's visible_to says that people get at it, so the table says who."""
    reachable = {
        model
        for model in apps.get_app_config("annotations").get_models()
        if hasattr(model._default_manager, "visible_to")
    }
    assert reachable == set(TABLE)


@pytest.mark.parametrize("thing", TABLE)
def test_whoever_may_do_something_may_see_it(thing: Any) -> None:
    for roles in TABLE[thing].values():
        assert roles <= TABLE[thing][Verb.VIEW]


@pytest.mark.parametrize("thing", TABLE)
def test_owners_may_do_everything(thing: Any) -> None:
    assert all(may(Role.OWNER, thing, verb) for verb in TABLE[thing])


def test_admins_may_all_but_own() -> None:
    owned = {verb for verbs in TABLE.values() for verb in verbs} - {Verb.OWN}
    assert {verb for verb in Verb if abilities(Role.ADMIN)[verb.name.lower()]} == owned


def test_viewers_only_look_and_take_copies() -> None:
    allowed = {name for name, may_do in abilities(Role.VIEWER).items() if may_do}
    assert allowed == {"view", "export"}


def test_reviewers_fix_masks_but_bring_nothing_in() -> None:
    assert may(Role.REVIEWER, Mask, Verb.ANNOTATE)
    assert not may(Role.REVIEWER, Dataset, Verb.UPLOAD)
    assert not may(Role.REVIEWER, Dataset, Verb.IMPORT)


def test_what_the_table_does_not_name_is_refused() -> None:
    assert not may(Role.OWNER, Export, Verb.ANNOTATE)
    assert not may(Role.OWNER, Role, Verb.VIEW)  # type: ignore[arg-type]


def test_an_unknown_role_may_nothing() -> None:
    assert not any(may("", Image, verb) for verb in Verb)
