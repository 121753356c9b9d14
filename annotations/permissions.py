"""Who may do what: the one table of roles, and the one way to ask it.

Strangers learn nothing: what they may not see does not exist (NotFound). Members whose role does
not suffice are told so (NotAllowed).
"""

from enum import Enum
from typing import Any, Protocol

from django.db.models import QuerySet

from annotations.exceptions import NotAllowed, NotFound
from annotations.models import Role


class Verb(Enum):
    """Values complete the sentence "Your role does not include …"."""

    VIEW = "looking at images and masks"
    EXPORT = "exporting the dataset"
    ANNOTATE = "annotating images"
    UPLOAD = "uploading images"
    IMPORT = "importing masks"
    DELETE_IMAGE = "deleting images"
    MANAGE = "managing the dataset, its members and its classes"


EVERYONE = frozenset(Role)
ALLOWED: dict[Verb, frozenset[Role]] = {
    Verb.VIEW: EVERYONE,
    Verb.EXPORT: EVERYONE,
    Verb.ANNOTATE: frozenset({Role.OWNER, Role.ANNOTATOR, Role.REVIEWER}),
    Verb.UPLOAD: frozenset({Role.OWNER, Role.ANNOTATOR}),
    Verb.IMPORT: frozenset({Role.OWNER, Role.ANNOTATOR}),
    Verb.DELETE_IMAGE: frozenset({Role.OWNER}),
    Verb.MANAGE: frozenset({Role.OWNER}),
}


class Visible(Protocol):
    """A manager whose visible_to adds `my_role`, that of the user in the row's dataset."""

    def visible_to(self, user: Any) -> QuerySet[Any]: ...


def may(role: str, verb: Verb) -> bool:
    """Whether a member with `role` may do `verb`."""
    return role in ALLOWED[verb]


def require(role: str, verb: Verb) -> None:
    """Raise NotAllowed unless `role` includes `verb`."""
    if not may(role, verb):
        raise NotAllowed(
            f"Your role here is {role}, which does not include {verb.value}. "
            "Ask an owner of the dataset."
        )


def require_administrator(user: Any) -> None:
    """Raise NotAllowed unless `user` administers the whole site."""
    if not user.is_staff:
        raise NotAllowed("Only administrators of this site can do this; ask one of them.")


def get_permitted(objects: Visible, *, user: Any, verb: Verb, **lookup: Any) -> Any:
    """Return the one row of `objects` that `lookup` finds, for `user` to do `verb` with.

    The row carries `my_role`. Raises NotFound if `user` may not know of it, else NotAllowed if
    their role does not suffice.
    """
    row = objects.visible_to(user).filter(**lookup).first()
    if row is None:
        raise NotFound("There is no such thing here, or it is not shared with you.")
    require(row.my_role, verb)
    return row
