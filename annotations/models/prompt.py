from typing import Self

from django.conf import settings
from django.db import models

from annotations.models.image import Image
from annotations.models.image_scoped import ImageScopedQuerySet
from ml.models import Prediction


class PromptQuerySet(ImageScopedQuerySet):
    def for_whole(self, image: Image) -> Self:
        """Answered questions for all nuclei of an image, the latest answer first."""
        return self.filter(
            image=image,
            prediction__status=Prediction.State.DONE,
            prediction__clicks=[],
            prediction__box__isnull=True,
            prediction__checkpoint__isnull=False,
        ).order_by("-prediction__answered_at")


class Prompt(models.Model):
    """A question that a person asked about an image; the prediction is the network's answer."""

    prediction = models.OneToOneField(
        Prediction, on_delete=models.CASCADE, primary_key=True, related_name="prompt"
    )
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="prompts")
    # In the order of prediction.clicks: a refinement repeats the clicks of earlier prompts.
    click_ids = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PromptQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.pk)
