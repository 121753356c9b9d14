"""Groups of people in datasets. Memberships follow from who is in which group, one row a person."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from annotations.exceptions import BadInput
from annotations.models import Dataset, GroupAccess, Membership, Role
from annotations.services.membership_change import admit, dismiss, give_role
from annotations.services.optimistic_lock import lock_row, write

# Whoever is in several groups has the first of their roles.
PRECEDENCE = (Role.ADMIN, Role.REVIEWER, Role.ANNOTATOR, Role.VIEWER)


@transaction.atomic
def add_group(*, user: Any, dataset: Dataset, group: Group, role: str) -> GroupAccess:
    """Give everybody of the group a role. Raises BadInput if it has one, or for an owner's."""
    _refuse_owner(role)
    lock_row(Dataset.objects.live(), dataset.pk)
    if GroupAccess.objects.filter(dataset=dataset, group=group).exists():
        raise BadInput(
            _("The group “%(name)s” is here already. Change its role instead.")
            % {"name": group.name},
            code="already_member",
            field="group",
        )
    access = GroupAccess.objects.create(dataset=dataset, group=group, role=role)
    settle_memberships(actor=user, dataset=dataset)
    return access


@transaction.atomic
def change_group_role(*, user: Any, access: GroupAccess, version: int, role: str) -> GroupAccess:
    """Give the group another role. Raises StaleVersion."""
    _refuse_owner(role)
    lock_row(Dataset.objects.live(), access.dataset_id)
    row = lock_row(GroupAccess.objects.all(), access.pk, version=version)
    write(row, role=role)
    settle_memberships(actor=user, dataset=row.dataset)
    return row


@transaction.atomic
def remove_group(*, user: Any, access: GroupAccess) -> None:
    """Take the group out, and whoever is here only with it."""
    dataset = lock_row(Dataset.objects.all(), access.dataset_id)
    settle_memberships(actor=user, dataset=dataset, without=access)
    access.delete()


@transaction.atomic
def settle_group(*, actor: Any, groups: Iterable[int]) -> None:
    """Follow a change of who is in `groups`, in every dataset that one of them is in."""
    datasets = Dataset.objects.filter(group_accesses__group__in=list(groups)).distinct()
    for dataset in datasets.order_by("pk"):
        settle_memberships(actor=actor, dataset=lock_row(Dataset.objects.all(), dataset.pk))


def settle_memberships(*, actor: Any, dataset: Dataset, without: GroupAccess | None = None) -> None:
    """Make the memberships of people who are here with a group what the groups say.

    Roles that people have on their own account come first. The dataset must be locked.
    """
    accesses = GroupAccess.objects.filter(dataset=dataset).prefetch_related("group__user_set")
    wanted: dict[int, tuple[Any, GroupAccess]] = {}
    for access in sorted(accesses, key=lambda access: PRECEDENCE.index(Role(access.role))):
        if without is None or access.pk != without.pk:
            for person in access.group.user_set.all():
                wanted.setdefault(person.pk, (person, access))
    rows = Membership.objects.filter(dataset=dataset).select_related("user", "through__group")
    for row in rows:
        _person, through = wanted.pop(row.user_id, (None, None))
        if row.through is None:
            continue
        if through is None:
            dismiss(actor=actor, membership=row)
        elif (row.role, row.through_id) != (through.role, through.pk):
            give_role(actor=actor, membership=row, role=through.role, through=through)
    for person, through in wanted.values():
        admit(actor=actor, dataset=dataset, person=person, role=through.role, through=through)


def _refuse_owner(role: str) -> None:
    if role == Role.OWNER:
        raise BadInput(_("Owners are named one by one, not by group."), field="role")
