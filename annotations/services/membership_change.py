"""A membership begins, changes, ends: written down in both logs, the dataset's and security's.

Every one of these needs the dataset to be locked, and asks nobody whether it may be done.
"""

from typing import Any

from annotations.models import Dataset, GroupAccess, Kind, Membership, SecurityKind
from annotations.services.assignment import take_back_work
from annotations.services.event import record_event
from annotations.services.optimistic_lock import write
from annotations.services.security_log import record_security


def admit(
    *, actor: Any, dataset: Dataset, person: Any, role: str, through: GroupAccess | None = None
) -> Membership:
    """Make `person` a member, on their own account or `through` a group."""
    row = Membership.objects.create(dataset=dataset, user=person, role=role, through=through)
    facts = {"member": person.get_username(), "role": role} | _with_group(through)
    record_event(kind=Kind.MEMBER_ADDED, actor=actor, dataset=dataset, data=facts)
    _log(SecurityKind.ROLE_GIVEN, actor, row)
    return row


def give_role(
    *, actor: Any, membership: Membership, role: str, through: GroupAccess | None
) -> None:
    """Change a role, or what it comes from; what the new one does not include is for others.

    `membership` must be locked.
    """
    before = membership.role
    write(membership, role=role, through=through)
    if role != before:
        facts = {"member": membership.user.get_username(), "role": [before, role]}
        facts |= _with_group(through)
        record_event(kind=Kind.MEMBER_CHANGED, actor=actor, dataset=membership.dataset, data=facts)
        _log(SecurityKind.ROLE_GIVEN, actor, membership)
        _take_back_work(actor, membership, role)


def dismiss(*, actor: Any, membership: Membership) -> None:
    """End a membership; what the person drew stays, what was assigned to them is for others."""
    facts = {"member": membership.user.get_username(), "role": membership.role}
    facts |= _with_group(membership.through)
    record_event(kind=Kind.MEMBER_REMOVED, actor=actor, dataset=membership.dataset, data=facts)
    _log(SecurityKind.ROLE_TAKEN, actor, membership)
    _take_back_work(actor, membership)
    membership.delete()


def _take_back_work(actor: Any, row: Membership, role: str = "") -> None:
    # A directory that changes a group is nobody: then the person gives back their work themselves.
    giver = row.user if actor is None else actor
    take_back_work(user=giver, dataset_id=row.dataset_id, person=row.user_id, role=role)


def _with_group(through: GroupAccess | None) -> dict[str, str]:
    return {} if through is None else {"group": through.group.name}


def _log(kind: SecurityKind, actor: Any, row: Membership) -> None:
    data = {"what": row.role, **_with_group(row.through)}
    record_security(kind=kind, person=row.user, actor=actor, dataset=row.dataset, data=data)
