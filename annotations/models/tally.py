"""What dashboards show, counted as it happens: no page ever counts images or masks."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotations.models.dataset import Dataset
from annotations.models.image import Image
from annotations.models.label_class import LabelClass
from annotations.models.ledger import Ledger
from annotations.models.mask import Mask


class StateCount(Ledger):
    """How many images of a dataset have which status, and who may know of them."""

    KEY = ("dataset_id", "status", "replicated", "replica_for_id")
    AMOUNTS = ("images",)

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="state_counts")
    status = models.CharField(max_length=12, choices=Image.Status.choices)
    replicated = models.BooleanField(default=False)
    replica_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True
    )
    images = models.IntegerField()


class NucleiCount(Ledger):
    """How many nuclei people have outlined, of which class, and how; deleted ones left out.

    `likeness` is the sum over the `compared` ones of the IoU of mask and proposal.
    """

    KEY = ("dataset_id", "author_id", "label_class_id", "origin", "in_replica")
    AMOUNTS = ("nuclei", "compared", "likeness")

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="nuclei_counts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    label_class = models.ForeignKey(
        LabelClass, on_delete=models.SET_NULL, related_name="+", null=True
    )
    origin = models.CharField(max_length=10, choices=Mask.Origin.choices)
    in_replica = models.BooleanField(default=False)
    nuclei = models.IntegerField(default=0)
    compared = models.IntegerField(default=0)
    likeness = models.FloatField(default=0.0)


class Workday(Ledger):
    """What a person did in a dataset on one day (UTC).

    A fresh line is one action, at `at`; a merged one tells of the whole day, until `at`.
    """

    KEY = ("dataset_id", "person_id", "day")
    AMOUNTS = ("clicks", "made", "changed", "deleted", "submitted", "reviewed", "seconds")

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="workdays")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    clicks = models.IntegerField(default=0, help_text="Clicks and boxes that asked the network.")
    made = models.IntegerField(default=0, help_text="Nuclei accepted, drawn or fixed.")
    changed = models.IntegerField(default=0)
    deleted = models.IntegerField(default=0)
    submitted = models.IntegerField(default=0, help_text="Images submitted.")
    reviewed = models.IntegerField(default=0, help_text="Images accepted or returned.")
    seconds = models.FloatField(default=0.0, help_text="At work: see services/ledger.py.")

    class Meta(Ledger.Meta):
        indexes = [
            *Ledger.Meta.indexes,
            models.Index(fields=["dataset", "day"], name="workday_of_dataset"),
        ]
