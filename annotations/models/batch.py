from django.conf import settings
from django.db import models

from annotations.models.dataset import Dataset
from annotations.models.scoped import ScopedQuerySet
from annotations.models.versioned import Versioned


class Batch(Versioned):
    """Images of a dataset that are to be done together, by a day if need be."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="batches")
    name = models.CharField(max_length=100)
    due_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "batches"
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="batch_names_differ")
        ]

    def __str__(self) -> str:
        return self.name
