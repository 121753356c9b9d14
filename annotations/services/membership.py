"""Who belongs to a dataset, and as what. There is always an owner, and only owners name owners.

The rows given here carry `my_role`, that of whoever makes the change.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from annotations.exceptions import BadInput, Conflict
from annotations.models import Dataset, Kind, Membership, Role
from annotations.permissions import require_naming
from annotations.services.assignment import take_back_work
from annotations.services.event import record_event
from annotations.services.optimistic_lock import lock_row, write


@transaction.atomic
def add_member(*, user: Any, dataset: Dataset, username: str, role: str) -> Membership:
    """Make an existing user a member. Raises BadInput for an unknown name or a present member.

    Raises NotAllowed if the role is not theirs to give.
    """
    require_naming(dataset, role)
    person = get_user_model().objects.filter(username=username, is_active=True).first()
    if person is None:
        raise BadInput(
            _("There is no user called “%(name)s”. An administrator can create accounts.")
            % {"name": username},
            code="unknown_user",
            field="username",
        )
    lock_row(Dataset.objects.live(), dataset.pk)
    if Membership.objects.filter(dataset=dataset, user=person).exists():
        raise BadInput(
            _("“%(name)s” is already a member. Change their role instead.") % {"name": username},
            code="already_member",
            field="username",
        )
    membership = Membership.objects.create(dataset=dataset, user=person, role=role)
    record_event(
        kind=Kind.MEMBER_ADDED,
        actor=user,
        dataset=dataset,
        data={"member": username, "role": role},
    )
    return membership


@transaction.atomic
def change_role(*, user: Any, membership: Membership, version: int, role: str) -> Membership:
    """Give a member another role. Raises StaleVersion, or Conflict for the last owner.

    Raises NotAllowed if the role, or the one before, is not theirs to give.
    """
    lock_row(Dataset.objects.live(), membership.dataset_id)
    row = lock_row(Membership.objects.all(), membership.pk, version=version)
    require_naming(membership, role, row.role)
    if role != Role.OWNER:
        _keep_an_owner(row)
    before = row.role
    write(row, role=role)
    if role != before:
        facts = {"member": row.user.get_username(), "role": [before, role]}
        record_event(kind=Kind.MEMBER_CHANGED, actor=user, dataset=row.dataset, data=facts)
    return row


@transaction.atomic
def remove_member(*, user: Any, membership: Membership) -> None:
    """Take a person out; what they drew stays. Raises Conflict for the last owner.

    Raises NotAllowed for an owner, unless another owner does it.
    """
    lock_row(Dataset.objects.live(), membership.dataset_id)
    row = lock_row(Membership.objects.all(), membership.pk)
    require_naming(membership, row.role)
    _keep_an_owner(row)
    facts = {"member": row.user.get_username(), "role": row.role}
    record_event(kind=Kind.MEMBER_REMOVED, actor=user, dataset=row.dataset, data=facts)
    take_back_work(user=user, dataset_id=row.dataset_id, person=row.user_id)
    row.delete()


def _keep_an_owner(leaving: Membership) -> None:
    """Raise Conflict if `leaving` is the only owner. The dataset must be locked."""
    owners = Membership.objects.filter(dataset_id=leaving.dataset_id, role=Role.OWNER)
    if leaving.role == Role.OWNER and not owners.exclude(pk=leaving.pk).exists():
        raise Conflict(
            _("A dataset needs an owner. Make somebody else an owner first."), code="last_owner"
        )
