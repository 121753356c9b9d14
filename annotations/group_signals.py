"""Who is in which group is changed in many places; memberships of datasets follow each time."""

from typing import Any

from allauth.core import context
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed, pre_delete

from annotations.models import GroupAccess
from annotations.services.group_access import remove_group, settle_group


def connect() -> None:
    """Listen, once Django knows its models."""
    through = get_user_model().groups.through
    m2m_changed.connect(_people_changed, sender=through, dispatch_uid="group-access")
    pre_delete.connect(_group_goes, sender=Group, dispatch_uid="group-access")


def _people_changed(
    *, action: str, instance: Any, reverse: bool, pk_set: set[int] | None, **told: Any
) -> None:
    if not action.startswith("post_"):
        return
    if reverse:
        groups = {instance.pk}
    elif pk_set is not None:
        groups = pk_set
    else:  # all groups of a person were taken away at once: nobody says which those were
        groups = set(GroupAccess.objects.values_list("group", flat=True))
    settle_group(actor=_whoever_asks(), groups=groups)


def _group_goes(*, instance: Group, **told: Any) -> None:
    for access in GroupAccess.objects.filter(group=instance):
        remove_group(user=_whoever_asks(), access=access)


def _whoever_asks() -> Any:
    """The person of the request under way; nobody, if a directory or a command did it."""
    user = getattr(context.request, "user", None)
    return user if user is not None and user.is_authenticated else None
