"""Keys to the API: made, found and revoked. What is shown once is kept as a hash only."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.exceptions import Conflict
from annotations.models import PersonalToken, Scope, SecurityKind
from annotations.services.security_log import record_security

# Says where it belongs, to people and to programs that look for leaked keys.
PREFIX = "sppnet_"
MOST_TOKENS = 50
# How precise "last used" is: a script may ask a hundred times a second.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def make_token(
    *, user: Any, name: str, scope: str = Scope.READ, days: int | None = None
) -> tuple[PersonalToken, str]:
    """Return the new token's row and the token itself, which nobody can be told again.

    It expires after so many `days`, or never. Raises Conflict beyond MOST_TOKENS.
    """
    if PersonalToken.objects.of(user).count() >= MOST_TOKENS:
        raise Conflict(
            _("You have %(count)s tokens. Revoke one that you do not need any more.")
            % {"count": MOST_TOKENS},
            code="too_many_tokens",
        )
    token = PREFIX + secrets.token_urlsafe(32)
    expires_at = timezone.now() + timedelta(days=days) if days else None
    row = PersonalToken.objects.create(
        user=user, name=name, scope=scope, digest=digest_of(token), expires_at=expires_at
    )
    record_security(kind=SecurityKind.TOKEN_MADE, person=user, data={"what": f"{name} ({scope})"})
    return row, token


@transaction.atomic
def revoke_token(*, token: PersonalToken) -> None:
    """Make it open nothing any more, at once."""
    token.delete()
    record_security(kind=SecurityKind.TOKEN_REVOKED, person=token.user, data={"what": token.name})


def find_token(token: str) -> PersonalToken | None:
    """The row of a token that is valid now, and note that it is in use; else None."""
    valid = PersonalToken.objects.valid().select_related("user")
    row = valid.filter(digest=digest_of(token)).first()
    if row is not None:
        now = timezone.now()
        if row.last_used_at is None or row.last_used_at < now - USE_IS_NOTED_EVERY:
            PersonalToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def digest_of(token: str) -> str:
    """A plain hash does: the token is 256 random bits, which nobody guesses."""
    return sha256(token.encode()).hexdigest()
