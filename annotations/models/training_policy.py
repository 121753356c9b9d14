from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from annotations.models.dataset import Dataset
from annotations.models.versioned import Versioned


class TrainingPolicy(Versioned):
    """When the network learns from a dataset by itself, within which limits, and what then."""

    class Gate(models.TextChoices):
        """What a new checkpoint has to show on the held-out images: see ml/gate.py."""

        BETTER = "better", _("Not worse on any score, better on one")
        NOT_WORSE = "not_worse", _("Not worse on any score")
        NONE = "none", _("Whatever its scores")

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="policy")
    after_nuclei = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=_("Train after so many nuclei more have been outlined. Empty: never by itself."),
    )
    settle_minutes = models.PositiveIntegerField(
        default=5, help_text=_("Wait until nobody has annotated for so long.")
    )
    cool_down_minutes = models.PositiveIntegerField(
        default=60, help_text=_("Leave so long between the end of a run and the next one.")
    )
    minutes = models.PositiveIntegerField(default=30, help_text=_("So long a run trains."))
    epochs = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Or until it has seen every image so often.")
    )
    memory_mb = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("More memory than this ends the run. Empty: no limit.")
    )
    gate = models.CharField(max_length=10, choices=Gate.choices, default=Gate.BETTER)
    tolerance = models.FloatField(
        default=0.005, help_text=_("Scores within so much of each other count as equal.")
    )
    auto_promote = models.BooleanField(
        default=False, help_text=_("Let what passes answer clicks in the dataset by itself.")
    )
    # The total when the last run of it was started; what came since is new.
    nuclei_learned = models.IntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return f"Training policy of {self.dataset_id}"
