from django.db import models
from django.utils.translation import gettext_lazy as _

from annotations.models.image import Image
from annotations.models.job import Job, JobQuerySet


class Consensus(Job):
    """Masks of an image made from what most annotators of its replicas agree on.

    Undone, its masks are deleted, and those are back which it had replaced.
    """

    class Method(models.TextChoices):
        PIXEL = "pixel", _("The pixels that most gave to a nucleus")
        OBJECT = "object", _("The nuclei that most have seen, as the most typical one drew them")

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="consensuses")
    method = models.CharField(max_length=10, choices=Method.choices)
    people = models.JSONField(default=list, editable=False, help_text="Usernames: consensus of …")
    made = models.JSONField(default=list, editable=False, help_text="Ids of its masks.")
    replaced = models.JSONField(default=list, editable=False, help_text="Ids of those before.")
    undone_at = models.DateTimeField(null=True, editable=False)

    objects = JobQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Consensus {self.pk} on image {self.image_id}: {self.status}"
