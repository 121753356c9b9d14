from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.models.append_only import AppendOnly, AppendOnlyQuerySet
from annotations.models.dataset import Dataset


class SecurityKind(models.TextChoices):
    """What may happen to an account, or to what it opens. The part before the dot says to what."""

    LOGIN = "login.done", _("Logged in")
    LOGIN_FAILED = "login.failed", _("Log-in failed")
    LOCKED_OUT = "login.locked_out", _("Locked out")
    LOGOUT = "login.ended", _("Logged out")
    SESSION_ENDED = "session.ended", _("Session ended from elsewhere")
    SIGNED_UP = "account.made", _("Signed up")
    PASSWORD_CHANGED = "password.changed", _("Password changed")
    PASSWORD_RESET = "password.reset", _("Password reset by e-mail")
    EMAIL_ADDED = "email.added", _("E-mail address added")
    EMAIL_REMOVED = "email.removed", _("E-mail address removed")
    EMAIL_CHANGED = "email.changed", _("Main e-mail address changed")
    FACTOR_ADDED = "factor.added", _("Second factor added")
    FACTOR_REMOVED = "factor.removed", _("Second factor removed")
    FACTOR_FAILED = "factor.failed", _("Wrong second factor")
    CODES_MADE = "factor.codes", _("New recovery codes")
    CONNECTED = "connection.added", _("Connected with an account elsewhere")
    DISCONNECTED = "connection.removed", _("Connection with an account elsewhere removed")
    TOKEN_MADE = "token.made", _("Access token made")
    TOKEN_REVOKED = "token.revoked", _("Access token revoked")
    INVITATION_MADE = "invitation.made", _("Invitation made")
    INVITATION_REVOKED = "invitation.revoked", _("Invitation withdrawn")
    INVITATION_ACCEPTED = "invitation.accepted", _("Invitation accepted")
    ROLE_GIVEN = "role.given", _("Role in a dataset given")
    ROLE_TAKEN = "role.taken", _("Removed from a dataset")
    GROUP_CHANGED = "group.changed", _("Group of people changed")
    EXPORT_DOWNLOADED = "export.downloaded", _("Export downloaded")


class SecurityEventQuerySet(AppendOnlyQuerySet):
    def about(self, user: Any) -> SecurityEventQuerySet:
        """What happened to the account of `user`, newest first."""
        return self.filter(person=user).order_by("-id")

    def forget(self) -> None:
        """Remove these for good: for the clock that keeps the log as long as it is to be kept."""
        models.QuerySet.delete(self)


class SecurityEvent(AppendOnly):
    """What happened to an account. `name` is the person's at that time, or what somebody typed.

    Rows outlive the accounts that they tell of, and are never changed; after SECURITY_LOG_DAYS
    they go.
    """

    at = models.DateTimeField(default=timezone.now)
    # A plain field: more kinds need no migration.
    kind = models.CharField(max_length=32)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        help_text="Whose account it is about; nobody, for a name that is unknown.",
    )
    name = models.CharField(max_length=254, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        help_text="Who did it, if that is known.",
    )
    address = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=200, blank=True, help_text="The browser, by its own word.")
    dataset = models.ForeignKey(
        Dataset,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    data = models.JSONField(default=dict, blank=True)

    objects = SecurityEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "-id"], name="security_of_person"),
            models.Index(fields=["kind", "-id"], name="security_of_kind"),
            models.Index(fields=["at"], name="security_at"),
        ]

    @property
    def what(self) -> str:
        """The kind in the reader's language."""
        known = self.kind in SecurityKind.values
        return str(SecurityKind(self.kind).label) if known else self.kind

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.at:%Y-%m-%d %H:%M}"
