"""Who is in which group of people. Datasets follow by themselves: annotations/group_signals.py."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from annotations.exceptions import BadInput, NotFound
from annotations.models import SecurityKind
from annotations.services.security_log import record_security


@transaction.atomic
def add_to_group(*, user: Any, group: Group, username: str) -> Any:
    """Put a person into the group and return them. Raises BadInput for an unknown name."""
    person = get_user_model().objects.filter(username=username, is_active=True).first()
    if person is None:
        raise BadInput(
            _("There is no user called “%(name)s”.") % {"name": username},
            code="unknown_user",
            field="username",
        )
    group.user_set.add(person)
    _log(user, person, f"+ {group.name}")
    return person


@transaction.atomic
def remove_from_group(*, user: Any, group: Group, person_id: int) -> None:
    """Raises NotFound for who is not in the group."""
    person = group.user_set.filter(pk=person_id).first()
    if person is None:
        raise NotFound(_("There is no such person in the group."))
    group.user_set.remove(person)
    _log(user, person, f"− {group.name}")


def _log(actor: Any, person: Any, what: str) -> None:
    kind, data = SecurityKind.GROUP_CHANGED, {"what": what}
    record_security(kind=kind, person=person, actor=actor, data=data)
