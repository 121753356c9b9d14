"""What django, allauth and axes tell of accounts goes into the security log."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as elsewhere
from axes.signals import user_locked_out
from django.contrib.auth import signals as auth
from django.dispatch import Signal

from annotations.models import SecurityKind
from annotations.services.security_log import record_security

# Signal -> (what it means, name of the argument that tells more)
TOLD: list[tuple[Signal, SecurityKind, str | None]] = [
    (auth.user_logged_in, SecurityKind.LOGIN, None),
    (account.user_signed_up, SecurityKind.SIGNED_UP, None),
    (account.password_changed, SecurityKind.PASSWORD_CHANGED, None),
    (account.password_set, SecurityKind.PASSWORD_CHANGED, None),
    (account.password_reset, SecurityKind.PASSWORD_RESET, None),
    (account.email_added, SecurityKind.EMAIL_ADDED, "email_address"),
    (account.email_removed, SecurityKind.EMAIL_REMOVED, "email_address"),
    (account.email_changed, SecurityKind.EMAIL_CHANGED, "to_email_address"),
    (mfa.authenticator_added, SecurityKind.FACTOR_ADDED, "authenticator"),
    (mfa.authenticator_removed, SecurityKind.FACTOR_REMOVED, "authenticator"),
    (mfa.authenticator_reset, SecurityKind.CODES_MADE, None),
    (mfa.authentication_failed, SecurityKind.FACTOR_FAILED, "authenticator"),
]


def connect() -> None:
    """Listen, once Django knows its models."""
    for signal, kind, detail in TOLD:
        _connect(signal, kind, detail)
    auth.user_logged_out.connect(_logged_out, dispatch_uid="security-log")
    auth.user_login_failed.connect(_login_failed, dispatch_uid="security-log")
    user_locked_out.connect(_locked_out, dispatch_uid="security-log")
    elsewhere.social_account_added.connect(_connected, dispatch_uid="security-log")
    elsewhere.social_account_removed.connect(_disconnected, dispatch_uid="security-log")


def _connect(signal: Signal, kind: SecurityKind, detail: str | None) -> None:
    def record(*, user: Any, **told: Any) -> None:
        data = {"what": _words(told[detail])} if detail else {}
        record_security(kind=kind, person=user, data=data)

    signal.connect(record, weak=False, dispatch_uid=f"security-log {kind}")


def _words(thing: Any) -> str:
    if isinstance(thing, Authenticator):
        return str(thing.get_type_display())
    return str(getattr(thing, "email", thing))


def _logged_out(*, user: Any, **told: Any) -> None:
    if user is not None:
        record_security(kind=SecurityKind.LOGOUT, person=user)


def _login_failed(*, credentials: dict[str, Any], **told: Any) -> None:
    record_security(kind=SecurityKind.LOGIN_FAILED, name=_name_of(credentials))


def _locked_out(*, username: str, **told: Any) -> None:
    record_security(kind=SecurityKind.LOCKED_OUT, name=username or "")


def _connected(*, sociallogin: Any, **told: Any) -> None:
    data = {"what": sociallogin.account.provider}
    record_security(kind=SecurityKind.CONNECTED, person=sociallogin.user, data=data)


def _disconnected(*, socialaccount: Any, **told: Any) -> None:
    data = {"what": socialaccount.provider}
    record_security(kind=SecurityKind.DISCONNECTED, person=socialaccount.user, data=data)


def _name_of(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "")
