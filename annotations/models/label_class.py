from django.core.validators import RegexValidator
from django.db import models

from annotations.models.dataset import Dataset
from annotations.models.scoped import ScopedQuerySet
from annotations.models.versioned import Versioned


class LabelClass(Versioned):
    """A kind of nucleus, with its colour on the canvas and its place among the number keys."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="classes")
    name = models.CharField(max_length=100)
    color = models.CharField(
        max_length=7,
        validators=[
            RegexValidator(
                r"^#[0-9a-fA-F]{6}\Z", "Write the colour as #rrggbb, for example #0072b2."
            )
        ],
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "label classes"
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="class_names_differ")
        ]

    def __str__(self) -> str:
        return self.name
