"""Invitations: a link makes whoever opens it a member, and lets them make an account before."""

import secrets
from datetime import timedelta
from hashlib import sha256
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.exceptions import Conflict, NotFound
from annotations.models import Dataset, Invitation, Membership, SecurityKind
from annotations.permissions import require_naming
from annotations.services.membership_change import admit
from annotations.services.optimistic_lock import lock_row
from annotations.services.security_log import record_security


@transaction.atomic
def invite(
    *,
    user: Any,
    dataset: Dataset,
    role: str,
    days: int,
    most_uses: int | None = None,
    email: str = "",
) -> tuple[Invitation, str]:
    """Return the invitation and the secret part of its link, which nobody can be told again.

    `dataset` carries `my_role`. An invitation that goes to an address is for one person. Raises
    NotAllowed if the role is not theirs to give.
    """
    require_naming(dataset, role)
    secret = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        dataset=dataset,
        role=role,
        email=email,
        digest=_digest(secret),
        created_by=user,
        expires_at=timezone.now() + timedelta(days=days),
        most_uses=1 if email else most_uses,
    )
    _log(SecurityKind.INVITATION_MADE, user, invitation)
    return invitation, secret


def send_invitation(*, invitation: Invitation, link: str) -> bool:
    """Mail the link; return whether that went well."""
    words = {"invitation": invitation, "link": link, "inviter": invitation.created_by}
    subject = _("%(inviter)s invites you to “%(dataset)s”") % {
        "inviter": invitation.created_by.get_username(),
        "dataset": invitation.dataset.name,
    }
    text = render_to_string("annotations/email/invitation.txt", words)
    try:
        sender = settings.DEFAULT_FROM_EMAIL
        return bool(send_mail(" ".join(subject.split()), text, sender, [invitation.email]))
    except (SMTPException, OSError):
        return False


def find_invitation(secret: str) -> Invitation | None:
    """The invitation of that link, if it is still good."""
    valid = Invitation.objects.valid().select_related("dataset", "created_by")
    return valid.filter(digest=_digest(secret)).first()


def invited_to(*, user: Any, secret: str) -> Dataset | None:
    """The dataset of that link, good or not, if `user` belongs to it by now."""
    if not user.is_authenticated:
        return None
    mine = Dataset.objects.visible_to(user)
    return mine.filter(invitations__digest=_digest(secret)).first()


@transaction.atomic
def accept_invitation(*, user: Any, secret: str) -> Membership:
    """Make `user` a member. Raises NotFound for a link that is no longer good.

    Raises Conflict if they are a member already: their role stays, and the use is not counted.
    """
    found = find_invitation(secret)
    if found is None:
        raise NotFound(_("This invitation is no longer good. Ask for another one."))
    dataset = lock_row(Dataset.objects.live(), found.dataset_id)
    if Membership.objects.filter(dataset=dataset, user=user).exists():
        raise Conflict(_("You are a member already."), code="already_member")
    # Somebody else may have used it while we waited for the dataset.
    invitation = Invitation.objects.valid().filter(pk=found.pk).first()
    if invitation is None:
        raise NotFound(_("This invitation is no longer good. Ask for another one."))
    invitation.uses += 1
    invitation.save(update_fields=["uses"])
    membership = admit(actor=user, dataset=dataset, person=user, role=invitation.role)
    _log(SecurityKind.INVITATION_ACCEPTED, user, invitation)
    return membership


@transaction.atomic
def withdraw_invitation(*, user: Any, invitation: Invitation) -> None:
    """Make its link good for nothing. Who came by it stays."""
    row = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        _log(SecurityKind.INVITATION_REVOKED, user, row)


def withdraw_invitations_of(*, actor: Any, person: Any, dataset: Dataset) -> None:
    """Withdraw what somebody made who may no longer invite. The dataset must be locked."""
    for invitation in Invitation.objects.valid().filter(dataset=dataset, created_by=person):
        withdraw_invitation(user=actor, invitation=invitation)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _log(kind: SecurityKind, user: Any, invitation: Invitation) -> None:
    what = ", ".join(filter(None, [invitation.role, invitation.email]))
    record_security(kind=kind, person=user, dataset=invitation.dataset, data={"what": what})
