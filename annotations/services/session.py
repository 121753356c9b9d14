"""Where a person is logged in, and how to end it from elsewhere."""

import re
from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from annotations.exceptions import NotFound
from annotations.models import SecurityKind
from annotations.services.security_log import record_security

# The first that is found names it: Chrome calls itself Safari, too, and Edge calls itself both.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome"}
BROWSERS |= {"Safari": "Safari", "curl": "curl", "python": "Python"}
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows"}
SYSTEMS |= {"Mac OS": "macOS", "CrOS": "ChromeOS", "Linux": "Linux"}


def sessions_of(*, user: Any) -> list[UserSession]:
    """Those that still open something, the latest seen first."""
    sessions: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(sessions, key=lambda session: session.last_seen_at, reverse=True)


@transaction.atomic
def end_session(*, user: Any, pk: int) -> None:
    """Log that browser out. Raises NotFound unless it is a session of `user`."""
    session = UserSession.objects.filter(user=user, pk=pk).first()
    if session is None:
        raise NotFound(_("This session has ended already."))
    _end(session)


@transaction.atomic
def end_other_sessions(*, user: Any, key: str | None) -> int:
    """Log out every browser but the one whose session key is `key`; return how many."""
    others = list(UserSession.objects.filter(user=user).exclude(session_key=key or ""))
    for session in others:
        _end(session)
    return len(others)


def device_of(agent: str) -> str:
    """A browser's own word about itself, for people: "Firefox on Windows"."""
    browser, system = _found(BROWSERS, agent), _found(SYSTEMS, agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or re.sub(r"[/ ].*", "", agent) or _("an unknown browser")


def _end(session: UserSession) -> None:
    device = device_of(session.user_agent)
    session.end()
    data = {"what": f"{device}, {session.ip}"}
    record_security(kind=SecurityKind.SESSION_ENDED, person=session.user, data=data)


def _found(names: dict[str, str], agent: str) -> str:
    return next((name for part, name in names.items() if part in agent), "")
