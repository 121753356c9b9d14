"""The table of roles, read aloud."""

import pytest

from annotations.models import Role
from annotations.permissions import ALLOWED, Verb, may


def test_every_verb_is_in_the_table() -> None:
    assert set(ALLOWED) == set(Verb)


@pytest.mark.parametrize("verb", Verb)
def test_owners_may_do_everything(verb: Verb) -> None:
    assert may(Role.OWNER, verb)


def test_viewers_only_look_and_take_copies() -> None:
    assert {verb for verb in Verb if may(Role.VIEWER, verb)} == {Verb.VIEW, Verb.EXPORT}


def test_reviewers_fix_masks_but_bring_nothing_in() -> None:
    assert may(Role.REVIEWER, Verb.ANNOTATE)
    assert not may(Role.REVIEWER, Verb.UPLOAD)
    assert not may(Role.REVIEWER, Verb.IMPORT)


def test_an_unknown_role_may_nothing() -> None:
    assert not any(may("", verb) for verb in Verb)
