"""How well people agree: stored when replicas are submitted, so that pages only read it."""

from django.conf import settings
from django.db import models

from annotations.models.dataset import Dataset
from annotations.models.image import Image
from annotations.models.image_scoped import ImageScopedQuerySet
from annotations.models.ledger import Ledger


class Comparison(models.Model):
    """Two people's annotations of one image; or one person's and the truth, without a `second`.

    Scores are those of annotations/measures/matching.py; kappa is Cohen's, of matched nuclei.
    """

    SCORES = ("dice", "aji", "pq", "f1", "iou")

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="comparisons")
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True
    )
    first_nuclei = models.PositiveIntegerField()
    second_nuclei = models.PositiveIntegerField()
    matched = models.PositiveIntegerField()
    dice = models.FloatField()
    aji = models.FloatField()
    pq = models.FloatField()
    f1 = models.FloatField()
    iou = models.FloatField()
    kappa = models.FloatField(null=True)
    at = models.DateTimeField(help_text="When the later of the two was submitted.")

    objects = ImageScopedQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["dataset", "first", "at"],
                condition=models.Q(second=None),
                name="comparison_with_truth",
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id or 'the truth'} on {self.image_id}"


class ImageAgreement(models.Model):
    """What the annotators of one image's replicas agree on, nucleus by nucleus.

    `nuclei` are objects with bbox, votes (how many saw it), iou (mean over their pairs) and classes
    (how many gave which).
    """

    image = models.OneToOneField(
        Image, on_delete=models.CASCADE, primary_key=True, related_name="agreement"
    )
    annotators = models.PositiveSmallIntegerField()
    fleiss = models.FloatField(null=True, help_text="Of the classes of nuclei that all have seen.")
    nuclei = models.JSONField(default=list)
    computed_at = models.DateTimeField(auto_now=True)

    objects = ImageScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Agreement on {self.image_id}"


class PairScore(Ledger):
    """Sums over the comparisons of two people, or of one with the truth."""

    KEY = ("dataset_id", "first_id", "second_id")
    AMOUNTS = ("images", "dice", "aji", "pq", "f1", "iou", "rated", "kappa")

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="pair_scores")
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True
    )
    images = models.IntegerField(default=0)
    dice = models.FloatField(default=0.0)
    aji = models.FloatField(default=0.0)
    pq = models.FloatField(default=0.0)
    f1 = models.FloatField(default=0.0)
    iou = models.FloatField(default=0.0)
    rated = models.IntegerField(default=0, help_text="Images with a kappa.")
    kappa = models.FloatField(default=0.0)
