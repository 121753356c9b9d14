"""Who may do what: the one table of roles, and the one way to ask it.

Strangers learn nothing: what they may not see does not exist (NotFound). Members whose role does
not suffice are told so (NotAllowed). What TABLE does not name is refused to everybody;
tests/api/test_roles.py tries every endpoint of the app against it.
"""

from enum import Enum
from typing import Any, Protocol

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from annotations.absence import explain_absence
from annotations.exceptions import NotAllowed, NotFound
from annotations.models import (
    Batch,
    Comment,
    Comparison,
    Consensus,
    Dataset,
    Event,
    Export,
    GroupAccess,
    Image,
    ImageAgreement,
    ImportJob,
    Invitation,
    LabelClass,
    Mask,
    Membership,
    Prompt,
    Role,
    Scope,
    Verdict,
)


class Verb(Enum):
    """Values complete the sentence "Your role does not include …"."""

    VIEW = "looking at images and masks"
    EXPORT = "exporting the dataset"
    ANNOTATE = "annotating images"
    REVIEW = "reviewing images"
    COMMENT = "commenting"
    UPLOAD = "uploading images"
    IMPORT = "importing masks"
    DELETE_IMAGE = "deleting images"
    OVERSEE = "seeing how everybody works"
    MANAGE = "managing the dataset, its members and its classes"
    OWN = "deleting the dataset and naming its owners"


Thing = type[Model]

EVERYONE = frozenset(Role)
OWNERS = frozenset({Role.OWNER})
MANAGERS = OWNERS | {Role.ADMIN}
ANNOTATORS = MANAGERS | {Role.ANNOTATOR, Role.REVIEWER}
REVIEWERS = MANAGERS | {Role.REVIEWER}
UPLOADERS = MANAGERS | {Role.ANNOTATOR}
OVERSEERS = MANAGERS | {Role.REVIEWER}

# What is there -> what can be done with it -> who may. What is created in a dataset is the
# dataset's own verb: uploading an image is something that one does with a dataset.
TABLE: dict[Thing, dict[Verb, frozenset[Role]]] = {
    Dataset: {
        Verb.VIEW: EVERYONE,
        Verb.EXPORT: EVERYONE,
        Verb.UPLOAD: UPLOADERS,
        Verb.IMPORT: UPLOADERS,
        Verb.OVERSEE: OVERSEERS,
        Verb.ANNOTATE: ANNOTATORS,
        Verb.REVIEW: REVIEWERS,
        Verb.MANAGE: MANAGERS,
        Verb.OWN: OWNERS,
    },
    Membership: {Verb.VIEW: EVERYONE, Verb.MANAGE: MANAGERS, Verb.OWN: OWNERS},
    GroupAccess: {Verb.VIEW: EVERYONE, Verb.MANAGE: MANAGERS},
    Invitation: {Verb.VIEW: MANAGERS, Verb.MANAGE: MANAGERS},
    LabelClass: {Verb.VIEW: EVERYONE, Verb.MANAGE: MANAGERS},
    Image: {
        Verb.VIEW: EVERYONE,
        Verb.ANNOTATE: ANNOTATORS,
        Verb.REVIEW: REVIEWERS,
        Verb.COMMENT: ANNOTATORS,
        Verb.DELETE_IMAGE: MANAGERS,
        Verb.OVERSEE: OVERSEERS,
        Verb.MANAGE: MANAGERS,
    },
    Consensus: {Verb.VIEW: OVERSEERS, Verb.MANAGE: MANAGERS},
    Comparison: {Verb.VIEW: OVERSEERS},
    ImageAgreement: {Verb.VIEW: OVERSEERS},
    Prompt: {Verb.VIEW: EVERYONE},
    Event: {Verb.VIEW: EVERYONE},
    Mask: {Verb.VIEW: EVERYONE, Verb.ANNOTATE: ANNOTATORS, Verb.REVIEW: REVIEWERS},
    Verdict: {Verb.VIEW: EVERYONE},
    Batch: {Verb.VIEW: EVERYONE, Verb.MANAGE: MANAGERS},
    # One's own only, unless one manages the dataset: services/comment.py
    Comment: {Verb.VIEW: EVERYONE, Verb.COMMENT: ANNOTATORS, Verb.MANAGE: MANAGERS},
    # Others' are there for those who oversee only: models/own_job.py. Only who manages the
    # dataset removes them: services/job.py
    Export: {Verb.VIEW: EVERYONE, Verb.EXPORT: EVERYONE},
    ImportJob: {Verb.VIEW: EVERYONE, Verb.IMPORT: UPLOADERS},
}


# A token may what somebody of these roles may, and never more than its own person.
ROLES_OF_SCOPE: dict[str, frozenset[Role]] = {
    Scope.READ: frozenset({Role.VIEWER}),
    Scope.ANNOTATE: frozenset({Role.VIEWER, Role.ANNOTATOR, Role.REVIEWER}),
    Scope.MANAGE: EVERYONE,
}


class Visible(Protocol):
    """A manager whose visible_to adds `my_role`, that of the user in the row's dataset."""

    def visible_to(self, user: Any) -> QuerySet[Any]: ...


def may(role: str, thing: Thing, verb: Verb) -> bool:
    """Whether a member with `role` may do `verb` with a `thing` of the dataset."""
    return role in TABLE.get(thing, {}).get(verb, ())


def abilities(role: str) -> dict[str, bool]:
    """Verb by its lower-case name -> whether `role` has it for anything, for templates."""
    return {verb.name.lower(): any(may(role, thing, verb) for thing in TABLE) for verb in Verb}


def sees_names(dataset: Dataset, role: str) -> bool:
    """Whether a member with `role` is told who did what. Of a blind dataset only managers are."""
    return not dataset.blind or role in MANAGERS


def verbs_of(scope: str) -> set[Verb]:
    """What a token of this scope is good for."""
    roles = ROLES_OF_SCOPE[scope]
    return {verb for verbs in TABLE.values() for verb, allowed in verbs.items() if allowed & roles}


def require_scope(user: Any, verb: Verb) -> None:
    """Raise NotAllowed if `user` is here by a token whose scope does not cover `verb`.

    Whoever authenticates a token leaves its scope with the person, as `token_scope`.
    """
    scope = getattr(user, "token_scope", None)
    if scope is not None and verb not in verbs_of(scope):
        raise NotAllowed(
            _("This token's scope is “%(scope)s”, which does not include %(verb)s. Make another.")
            % {"scope": scope, "verb": verb.value},
            code="scope",
        )


def require(row: Any, verb: Verb, *, user: Any) -> None:
    """Raise NotAllowed unless `my_role` of `row` includes `verb` for things of its kind.

    `user` is the person with that role, perhaps here by a token for less.
    """
    if not may(row.my_role, type(row), verb):
        raise NotAllowed(
            _(
                "Your role here is %(role)s, which does not include %(verb)s. "
                "Ask an owner of the dataset."
            )
            % {"role": row.my_role, "verb": verb.value}
        )
    require_scope(user, verb)


def require_naming(row: Any, *roles: str) -> None:
    """Raise NotAllowed if one of `roles` is an owner's, and not `my_role` of `row`'s to give."""
    if Role.OWNER in roles and not may(row.my_role, type(row), Verb.OWN):
        raise NotAllowed(_("Only an owner of the dataset makes or unmakes owners. Ask one."))


def roles_to_give(role: str) -> list[tuple[str, str]]:
    """(value, name) of the roles that a member with `role` may give to others."""
    choices = Role.choices if may(role, Membership, Verb.OWN) else Role.choices[1:]
    return [(value, str(name)) for value, name in choices]


def require_administrator(user: Any) -> None:
    """Raise NotAllowed unless `user` administers the whole site."""
    if not user.is_staff:
        raise NotAllowed(_("Only administrators of this site can do this; ask one of them."))
    require_scope(user, Verb.MANAGE)


def absence(objects: Any, *, user: Any, **lookup: Any) -> NotFound:
    """The error for a row that `user` does not find; members learn what lies in the trash."""
    if why := explain_absence(objects.model, user, sees_names, **lookup):
        return NotFound(why, code="deleted")
    return NotFound(_("There is no such thing here, or it is not shared with you."))


def get_permitted(objects: Visible, *, user: Any, verb: Verb, **lookup: Any) -> Any:
    """Return the one row of `objects` that `lookup` finds, for `user` to do `verb` with.

    The row carries `my_role`. Raises NotFound if `user` may not know of it, else NotAllowed if
    their role does not suffice.
    """
    row = objects.visible_to(user).filter(**lookup).first()
    if row is None:
        raise absence(objects, user=user, **lookup)
    require(row, verb, user=user)
    return row
