from django.conf import settings
from django.db import models

from annotations.models.image import Image
from ml.models import Prediction


class Click(models.Model):
    """One click: where, by whom, on a nucleus or on background. The browser makes the id."""

    id = models.UUIDField(primary_key=True)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="clicks")
    x = models.FloatField(help_text="Image pixels from the left edge.")
    y = models.FloatField(help_text="Image pixels from the top edge.")
    positive = models.BooleanField(help_text="On the nucleus rather than on background.")
    prediction = models.ForeignKey(
        Prediction,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The first answer to this click: by which checkpoint, how fast.",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{'+' if self.positive else '−'} ({self.x:.1f}, {self.y:.1f})"
