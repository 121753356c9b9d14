from collections.abc import Collection

from django.core.validators import RegexValidator
from django.db import models

from annotations.models.dataset import Dataset
from annotations.models.scoped import ScopedQuerySet
from annotations.models.trash import Live, Trash, Trashable
from annotations.models.versioned import Versioned

# Told apart by people who see few colours, too (Okabe and Ito).
PALETTE = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")


def fresh_color(used: Collection[str]) -> str:
    """The first colour of the palette that is not used, or used least."""
    return min(PALETTE, key=[color.lower() for color in used].count)


LiveClasses = Live.from_queryset(ScopedQuerySet)
TrashedClasses = Trash.from_queryset(ScopedQuerySet)


class LabelClass(Versioned, Trashable):
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
    hotkey = models.CharField(
        max_length=1,
        blank=True,
        choices=[(digit, digit) for digit in "123456789"],
        help_text="The number key that chooses it; without one, the first that is free.",
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects = LiveClasses()
    trash = TrashedClasses()
    with_trash = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "label classes"
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "name"],
                condition=models.Q(deleted_at=None),
                name="class_names_differ",
            ),
            models.UniqueConstraint(
                fields=["dataset", "hotkey"],
                condition=models.Q(deleted_at=None) & ~models.Q(hotkey=""),
                name="class_hotkeys_differ",
            ),
        ]

    def __str__(self) -> str:
        return self.name
