"""Write down what happens to accounts: in the same transaction, and never again."""

from typing import Any

from allauth.core import context
from django.contrib.auth import get_user_model

from annotations.models import Dataset, SecurityEvent

THEMSELVES = object()
LONGEST_AGENT = 200
LONGEST_NAME = 254


def record_security(
    *,
    kind: str,
    person: Any = None,
    name: str = "",
    actor: Any = THEMSELVES,
    dataset: Dataset | None = None,
    data: dict[str, Any] | None = None,
) -> SecurityEvent:
    """Record that something happened to the account of `person`, or to the unknown `name`.

    `actor` is who did it, if not the person; None if nobody knows. Where it came from is the
    request under way, if any.
    """
    request = context.request
    about = person if person is not None else _known(name)
    return SecurityEvent.objects.create(
        kind=kind,
        person=about,
        name=(about.get_username() if about else name)[:LONGEST_NAME],
        actor=person if actor is THEMSELVES else actor,
        dataset=dataset,
        address=(request.META.get("REMOTE_ADDR") or None) if request else None,
        agent=request.META.get("HTTP_USER_AGENT", "")[:LONGEST_AGENT] if request else "",
        data=data or {},
    )


def _known(name: str) -> Any:
    """Whose name it is that somebody typed: theirs is the account that was tried."""
    return get_user_model().objects.filter(username__iexact=name).first() if name else None
