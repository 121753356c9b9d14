from django.conf import settings
from django.db import models

from annotations.models.dataset import Dataset


class SavedView(models.Model):
    """Filters of a dataset's list of images that one person likes to come back to."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, help_text="As it stands in the address.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "dataset", "name"], name="view_names_differ")
        ]

    def __str__(self) -> str:
        return self.name
