from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.models.batch import Batch
from annotations.models.dataset import SOURCE_PREFIX, Dataset, source_of
from annotations.models.image_scoped import ImageScopedQuerySet
from annotations.models.membership import Role
from annotations.models.trash import Live, Trash, Trashable
from annotations.models.versioned import Versioned
from ml.models import Checkpoint, Encoding, Promotion


class ImageQuerySet(ImageScopedQuerySet):
    path_to_dataset = "dataset"
    path_to_image = ""

    def listed(self) -> ImageQuerySet:
        """Of visible images those that belong into a list: replicas are no further images.

        Only to who annotates it, a replica is an image like any other.
        """
        return self.filter(models.Q(replica_of__isnull=True) | models.Q(my_role=Role.ANNOTATOR))

    def of_dataset(self, dataset: Dataset) -> ImageQuerySet:
        """All of a dataset by their numbers, as the index `image_page` has them.

        Named by a range: a dataset that is one value counts for nothing in the order, PostgreSQL
        takes the index of all numbers, and reads past the images of every older dataset.
        """
        rows = self.filter(dataset_id__gte=dataset.pk, dataset_id__lte=dataset.pk)
        return rows.order_by("dataset_id", "pk")

    def with_encoding(self) -> ImageQuerySet:
        """Add `encoding`: how far the checkpoint that answers clicks there is with each image,
        "none" if unasked."""
        # The scope of annotations.models.dataset.source_of, in the words of the database.
        scope = Concat(
            models.Value(SOURCE_PREFIX),
            Cast(models.OuterRef(models.OuterRef("dataset_id")), models.CharField()),
        )
        own = Promotion.objects.filter(scope=scope, is_current=True).values("checkpoint")
        sites = Checkpoint.objects.active().values("pk")
        status = Encoding.objects.filter(
            image_sha256=models.OuterRef("sha256"),
            scale=models.OuterRef("scale"),
            checkpoint=Coalesce(models.Subquery(own[:1]), models.Subquery(sites[:1])),
        ).values("status")[:1]
        return self.annotate(encoding=Coalesce(models.Subquery(status), models.Value("none")))

    def to_rank(self, checkpoint: Checkpoint) -> ImageQuerySet:
        """Those that `checkpoint` has not ranked, and can encode: of the open ones those first that
        its predecessor ranked highest."""
        failed = Encoding.objects.filter(
            image_sha256=models.OuterRef("sha256"),
            scale=models.OuterRef("scale"),
            checkpoint=checkpoint,
            status=Encoding.State.FAILED,
        )
        accepted = models.Case(
            models.When(status=Image.Status.ACCEPTED, then=1),
            default=0,
            output_field=models.IntegerField(),
        )
        rows = self.exclude(ranked_by=checkpoint).filter(~models.Exists(failed))
        return rows.order_by(accepted, models.F("need").desc(nulls_last=True), "pk")

    def overdue(self) -> ImageQuerySet:
        """Those whose due day is over, and that are not accepted."""
        late = self.filter(due_on__lt=timezone.localdate())
        return late.exclude(status=Image.Status.ACCEPTED)

    def with_open_comments(self) -> ImageQuerySet:
        """Those with threads of comments that nobody has settled."""
        return self.filter(open_threads__gt=0)

    def originals(self) -> ImageQuerySet:
        """Without the replicas, which are no further images."""
        return self.filter(replica_of__isnull=True)

    def with_people(self) -> ImageQuerySet:
        """Read the dataset and the people concerned along with each image."""
        return self.select_related("dataset", "assignee", "annotator", "reviewer")


LiveImages = Live.from_queryset(ImageQuerySet)
TrashedImages = Trash.from_queryset(ImageQuerySet)


class Image(Versioned, Trashable):
    """An uploaded picture: the file as it came, and an 8-bit RGB rendition to see and to segment.

    Paths are relative to MEDIA_ROOT and named by the content's SHA-256, so datasets share files.
    """

    class Status(models.TextChoices):
        """Where it is on its way; annotations/services/flow.py knows which ways there are."""

        NEW = "new", _("New")
        IN_PROGRESS = "in_progress", _("In progress")
        SUBMITTED = "submitted", _("Submitted")
        IN_REVIEW = "in_review", _("In review")
        RETURNED = "returned", _("Returned")
        ACCEPTED = "accepted", _("Accepted")

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="images")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    format = models.CharField(max_length=8)
    size_bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bit_depth = models.PositiveSmallIntegerField()
    channels = models.PositiveSmallIntegerField()
    microns_per_pixel = models.FloatField(null=True, blank=True)
    chosen_scale = models.FloatField(
        null=True, blank=True, editable=False, help_text="The scale that a person chose."
    )
    # By how much the network has the image enlarged: as a person chose, else by the resolution and
    # the size of its nuclei (services/image.py).
    scale = models.FloatField(default=1.0, editable=False)
    original = models.CharField(max_length=200)
    pixels = models.CharField(max_length=200)
    thumbnail = models.CharField(max_length=200)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NEW)
    replica_of = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        related_name="replicas",
        null=True,
        blank=True,
        editable=False,
        help_text="The image of which this is one person's own, to annotate unseen by others.",
    )
    replica_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    replicated = models.BooleanField(
        default=False, editable=False, help_text="Annotators have replicas of it instead."
    )
    is_honeypot = models.BooleanField(
        default=False,
        editable=False,
        help_text="Its masks are the truth by which replicas are judged.",
    )
    to_compare = models.BooleanField(
        default=False, editable=False, help_text="A replica was submitted since the comparison."
    )
    mask_count = models.PositiveIntegerField(default=0, editable=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        help_text="Whose turn it is to annotate it.",
    )
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        help_text="Who submitted it last, whatever others corrected since.",
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        help_text="Who reviews it, or did so last.",
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    need = models.FloatField(
        null=True, editable=False, help_text="How much it is worth annotating, by its checkpoint."
    )
    uncertain_tiles = models.JSONField(
        default=list, editable=False, help_text="[[x, y, side, entropy], ...], the worst first."
    )
    ranked_by = models.ForeignKey(
        Checkpoint,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        editable=False,
        help_text="Whose word both are; it may have had none.",
    )
    group = models.CharField(
        max_length=255, editable=False, default="", help_text="The slide or patient it is of."
    )
    held_out = models.BooleanField(
        default=False, editable=False, help_text="Checkpoints are judged on it, never trained on."
    )
    batch = models.ForeignKey(
        Batch,
        on_delete=models.SET_NULL,
        related_name="images",
        null=True,
        blank=True,
        db_index=False,
    )
    # The batch's, or one of its own.
    due_on = models.DateField(null=True, blank=True)
    open_threads = models.PositiveIntegerField(default=0, editable=False)
    # To whom "give me the next one" gave it, and when: for some minutes nobody else is given it.
    offered_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        editable=False,
    )
    offered_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LiveImages()
    trash = TrashedImages()
    with_trash = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["dataset", "id"], name="image_page"),
            models.Index(fields=["dataset", "status", "id"], name="image_by_status"),
            models.Index(
                fields=["dataset", "-id"],
                condition=models.Q(replicated=True),
                name="image_replicated",
            ),
            models.Index(
                fields=["id"], condition=models.Q(to_compare=True), name="image_to_compare"
            ),
            models.Index(fields=["dataset", "assignee", "id"], name="image_by_assignee"),
            # For whoever asks for the next one: see services/next_image.py.
            models.Index(fields=["dataset", "assignee", "status", "id"], name="image_of_assignee"),
            models.Index(
                fields=["dataset", "assignee", "id"],
                condition=models.Q(status__in=["new", "in_progress", "returned"]),
                name="image_open",
            ),
            models.Index(fields=["dataset", "reviewer", "id"], name="image_by_reviewer"),
            models.Index(fields=["dataset", "group"], name="image_by_group"),
            models.Index(fields=["dataset", "-need"], name="image_by_need"),
            models.Index(
                fields=["sha256"], condition=models.Q(held_out=True), name="image_held_out"
            ),
            models.Index(
                fields=["dataset", "deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="image_in_trash",
            ),
            models.Index(fields=["batch", "id"], name="image_by_batch"),
            models.Index(
                fields=["dataset", "id"],
                name="image_without_batch",
                condition=models.Q(batch=None),
            ),
            models.Index(
                fields=["dataset", "due_on"],
                name="image_due",
                condition=models.Q(due_on__isnull=False) & ~models.Q(status="accepted"),
            ),
            models.Index(
                fields=["dataset", "id"],
                name="image_with_threads",
                condition=models.Q(open_threads__gt=0),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "sha256"],
                condition=models.Q(replica_of=None, deleted_at=None),
                name="image_once_a_dataset",
            ),
            # Exports name their files after images, and imports find images by name.
            models.UniqueConstraint(
                fields=["dataset", "name"],
                condition=models.Q(replica_of=None, deleted_at=None),
                name="image_names_differ",
            ),
            models.UniqueConstraint(
                fields=["replica_of", "replica_for"], name="one_replica_a_person"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def authors(self) -> models.QuerySet[Any]:
        """The people whose masks lie on this image."""
        live = self.masks.filter(deleted_at__isnull=True)
        people = get_user_model()._default_manager
        return people.filter(pk__in=live.values("created_by")).order_by("pk")

    @property
    def is_deep(self) -> bool:
        """Whether the original has more to show than the 8-bit RGB rendition does."""
        return self.bit_depth > 8 or (self.format == "tiff" and self.channels not in (1, 3))

    @property
    def is_replica(self) -> bool:
        """Whether this is one person's own of an image that several annotate."""
        return self.replica_of_id is not None

    @property
    def topic(self) -> str:
        """The name under which `ml` publishes what happens to this image."""
        return f"image:{self.pk}"

    @property
    def scope(self) -> str:
        """The name under which `ml` knows whose checkpoint answers clicks on this image."""
        return source_of(self.dataset_id)
