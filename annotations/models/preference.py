from django.conf import settings
from django.db import models


class Preference(models.Model):
    """How one person likes to work. Nobody else reads or writes it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="preference",
    )
    # One of LANGUAGES; empty: what the browser asks for.
    language = models.CharField(max_length=10, blank=True)
    # A shortcut's id -> its keys, for those that the person changed.
    shortcuts = models.JSONField(default=dict, blank=True)
    email_notices = models.BooleanField(default=True)
    tour_seen = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"preferences of {self.user}"
