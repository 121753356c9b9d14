from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotations.models.dataset import Dataset
from annotations.models.role import Role
from annotations.models.scoped import ScopedQuerySet


class InvitationQuerySet(ScopedQuerySet):
    def valid(self) -> InvitationQuerySet:
        """Not expired, not used up, not withdrawn, and to a dataset that is there."""
        has_uses = models.Q(most_uses=None) | models.Q(uses__lt=models.F("most_uses"))
        return self.filter(
            has_uses,
            revoked_at=None,
            expires_at__gt=timezone.now(),
            dataset__deleted_at=None,
        )


class Invitation(models.Model):
    """A link that makes whoever opens it a member. Only the hash of its secret part is kept."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Role.choices)
    email = models.EmailField(blank=True, help_text="Where the link was sent, if anywhere.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    uses = models.PositiveIntegerField(default=0, editable=False)
    most_uses = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: any number.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"invitation to {self.dataset} as {self.role}"
