from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """What each scope covers is said in annotations/permissions.py."""

    READ = "read", _("Read: look and export")
    ANNOTATE = "annotate", _("Annotate: also draw, review, upload and import")
    MANAGE = "manage", _("Manage: all that you may do")


class PersonalTokenQuerySet(models.QuerySet["PersonalToken"]):
    def of(self, user: Any) -> PersonalTokenQuerySet:
        return self.filter(user=user)

    def valid(self) -> PersonalTokenQuerySet:
        """Not expired, and of somebody who may still log in."""
        unexpired = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, user__is_active=True)


class PersonalToken(models.Model):
    """A key to the API in the name of a person. Only its hash is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="personal_tokens"
    )
    name = models.CharField(max_length=100, help_text=_("What it is for"))
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.READ)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PersonalTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()
