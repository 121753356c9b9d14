"""Empty the trash: remove for good what has waited in it for long enough, and what is left over.

The one place from which events go, together with what they are about.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from annotations.models import (
    Dataset,
    Export,
    Image,
    ImportJob,
    Kind,
    LabelClass,
    Mask,
    MaskWrite,
    SecurityEvent,
)
from annotations.services.agreement import forget_comparisons
from annotations.services.event import record_event
from annotations.services.image_files import delete_unused_files
from annotations.services.job import delete_job
from annotations.services.optimistic_lock import lock_row
from ml.services import forget

ROWS_AT_ONCE = 1_000
# So long may an upload, or the writing of a file, take.
LEFT_OVER_AFTER_SECONDS = 24 * 3600


def empty_trash(*, now: datetime | None = None) -> None:
    """Purge what was deleted TRASH_DAYS ago, and what else is kept for a time.

    For a clock to call; safe to repeat and to stop.
    """
    until = (now or timezone.now()) - timedelta(days=settings.TRASH_DAYS)
    for dataset in Dataset.trash.filter(deleted_at__lt=until):
        purge_dataset(dataset=dataset)
    for image in Image.trash.filter(deleted_at__lt=until).order_by("pk"):
        purge_image(image=image)
    for label_class in LabelClass.trash.filter(deleted_at__lt=until):
        purge_class(label_class=label_class)
    _purge_masks(until)
    _purge_in_parts(MaskWrite.objects.filter(at__lt=until))
    for kind in (Export, ImportJob):
        for job in kind.objects.filter(created_at__lt=until).exclude(status__in=kind.UNFINISHED):
            delete_job(job=job)
    _forget_old_log(now or timezone.now())
    _remove_leftovers()


def purge_dataset(*, dataset: Dataset, user: Any = None) -> None:
    """Remove a dataset for good, with its images, jobs and history."""
    for image in Image.with_trash.filter(dataset=dataset).originals().order_by("pk").iterator():
        purge_image(image=image, user=user)
    for kind in (Export, ImportJob):
        for job in kind.objects.filter(dataset=dataset):
            delete_job(job=job)
    with purging():
        dataset.delete()


@transaction.atomic
def purge_image(*, image: Image, user: Any = None) -> None:
    """Remove an image in the trash for good, with its replicas and history, and with its files
    unless another image has them too."""
    dataset = lock_row(Dataset.objects.all(), image.dataset_id)
    row = Image.with_trash.select_for_update().filter(pk=image.pk).first()
    if row is None:
        return
    topics = [row.topic, *(replica.topic for replica in Image.with_trash.filter(replica_of=row))]
    sha256, paths = row.sha256, [row.original, row.pixels, row.thumbnail]
    record_event(kind=Kind.IMAGE_PURGED, actor=user, dataset=dataset, data={"name": row.name})
    forget_comparisons(image=row)
    with purging():
        row.delete()
    for topic in topics:
        forget(topic=topic)
    transaction.on_commit(lambda: delete_unused_files(sha256, paths))


@transaction.atomic
def purge_class(*, label_class: LabelClass, user: Any = None) -> None:
    """Remove a class for good; masks that have it are without one from then on."""
    dataset = lock_row(Dataset.objects.all(), label_class.dataset_id)
    facts = {"label_class": label_class.pk, "name": label_class.name}
    record_event(kind=Kind.CLASS_PURGED, actor=user, dataset=dataset, data=facts)
    label_class.delete()


@contextmanager
def purging() -> Iterator[None]:
    """Within it PostgreSQL lets events go; a trigger keeps them otherwise. One transaction."""
    with transaction.atomic():
        _allow("on")
        yield
        _allow("off")


def _allow(state: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('sppnet.purging', %s, true)", [state])


def _purge_masks(until: datetime) -> None:
    """The rows go, their events stay: a timeline tells of them as long as there is the image."""
    rows = Mask.objects.filter(deleted_at__lt=until)
    # A copy that waits for a decision still names the mask that it is a copy of.
    undecided = Mask.objects.live().filter(conflict_with__isnull=False)
    _purge_in_parts(rows.exclude(pk__in=undecided.values("conflict_with")))


def _purge_in_parts(rows: Any) -> None:
    """Delete many rows without holding the database for long."""
    while ids := list(rows.order_by().values_list("pk", flat=True)[:ROWS_AT_ONCE]):
        rows.filter(pk__in=ids).delete()


def _forget_old_log(now: datetime) -> None:
    """Addresses of people are kept no longer than the site says; 0 days are for ever."""
    if settings.SECURITY_LOG_DAYS:
        rows = SecurityEvent.objects.filter(at__lt=now - timedelta(days=settings.SECURITY_LOG_DAYS))
        while ids := list(rows.order_by().values_list("pk", flat=True)[:ROWS_AT_ONCE]):
            SecurityEvent.objects.filter(pk__in=ids).forget()


def _remove_leftovers() -> None:
    """Files of uploads, decodings and snapshots whose process died, and of images that are gone."""
    media, data = Path(settings.MEDIA_ROOT), Path(settings.DATA_DIR)
    for unfinished in (
        *media.glob("incoming/*"),
        *data.glob("snapshots/writing-*"),
        *data.glob("channels/new-*"),
    ):
        if _is_old(unfinished):
            shutil.rmtree(unfinished, ignore_errors=True)
    for folder in sorted(media.glob("images/??")):
        _remove_unknown_images(folder)


def _remove_unknown_images(folder: Path) -> None:
    files: dict[str, list[str]] = {}
    for path in folder.iterdir():
        if _is_old(path):
            name = str(path.relative_to(settings.MEDIA_ROOT))
            files.setdefault(path.name.split(".")[0], []).append(name)
    known = Image.with_trash.filter(sha256__startswith=folder.name).values_list("sha256", flat=True)
    for sha256 in files.keys() - set(known):
        delete_unused_files(sha256, files[sha256])


def _is_old(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime > LEFT_OVER_AFTER_SECONDS
    return False
