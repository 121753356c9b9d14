from django.conf import settings
from django.db import models

from annotations.models.image import Image
from annotations.models.image_scoped import ImageScopedQuerySet
from annotations.models.mask import Mask


class Verdict(models.Model):
    """What a reviewer last said about a nucleus. Earlier ones are events of it.

    It holds for `mask_version` alone: a nucleus that changed since is to be looked at again.
    """

    class Choice(models.TextChoices):
        ACCEPTED = "accepted"
        FIXED = "fixed"
        RETURNED = "returned"

    mask = models.OneToOneField(
        Mask, on_delete=models.CASCADE, primary_key=True, related_name="verdict"
    )
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="verdicts")
    choice = models.CharField(max_length=10, choices=Choice.choices)
    mask_version = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    objects = ImageScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mask_id"]

    def __str__(self) -> str:
        return f"{self.choice} {self.mask_id}"
