"""Who belongs to a dataset, and as what. There is always an owner, and only owners name owners.

The rows given here carry `my_role`, that of whoever makes the change.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from annotations.exceptions import BadInput, Conflict
from annotations.models import Dataset, Membership, Role
from annotations.permissions import MANAGERS, require_naming
from annotations.services.group_access import settle_memberships
from annotations.services.invitation import withdraw_invitations_of
from annotations.services.membership_change import admit, dismiss, give_role
from annotations.services.optimistic_lock import lock_row


@transaction.atomic
def add_member(*, user: Any, dataset: Dataset, username: str, role: str) -> Membership:
    """Make an existing user a member. Raises BadInput for an unknown name or a present member.

    Raises NotAllowed if the role is not theirs to give.
    """
    require_naming(dataset, role)
    person = get_user_model().objects.filter(username=username, is_active=True).first()
    if person is None:
        raise BadInput(
            _("There is no user called “%(name)s”. Invite them, or ask an administrator.")
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
    return admit(actor=user, dataset=dataset, person=person, role=role)


@transaction.atomic
def change_role(*, user: Any, membership: Membership, version: int, role: str) -> Membership:
    """Give a member another role. Raises StaleVersion, or Conflict for the last owner.

    Whoever came with a group keeps the role from now on, whatever becomes of the group. Raises
    NotAllowed if the role, or the one before, is not theirs to give.
    """
    lock_row(Dataset.objects.live(), membership.dataset_id)
    row = lock_row(Membership.objects.all(), membership.pk, version=version)
    require_naming(membership, role, row.role)
    if role != Role.OWNER:
        _keep_an_owner(row)
    give_role(actor=user, membership=row, role=role, through=None)
    if role not in MANAGERS:
        withdraw_invitations_of(actor=user, person=row.user, dataset=row.dataset)
    return row


@transaction.atomic
def remove_member(*, user: Any, membership: Membership) -> None:
    """Take a person out; what they drew stays. Raises Conflict for the last owner.

    Nor does anybody leave alone who came with a group: Conflict. The invitations that they made
    are withdrawn, so that none of them is a way back. Raises NotAllowed for an owner, unless
    another owner does it.
    """
    lock_row(Dataset.objects.live(), membership.dataset_id)
    row = lock_row(Membership.objects.all(), membership.pk)
    require_naming(membership, row.role)
    _keep_an_owner(row)
    if row.through is not None:
        raise Conflict(
            _(
                "“%(name)s” is here with the group “%(group)s”. "
                "Take the group out, or them out of the group."
            )
            % {"name": row.user.get_username(), "group": row.through.group.name},
            code="with_a_group",
        )
    withdraw_invitations_of(actor=user, person=row.user, dataset=row.dataset)
    dismiss(actor=user, membership=row)
    settle_memberships(actor=user, dataset=row.dataset)


def _keep_an_owner(leaving: Membership) -> None:
    """Raise Conflict if `leaving` is the only owner. The dataset must be locked."""
    owners = Membership.objects.filter(dataset_id=leaving.dataset_id, role=Role.OWNER)
    if leaving.role == Role.OWNER and not owners.exclude(pk=leaving.pk).exists():
        raise Conflict(
            _("A dataset needs an owner. Make somebody else an owner first."), code="last_owner"
        )
