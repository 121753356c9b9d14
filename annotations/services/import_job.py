"""Bring the masks of a file into a dataset: all of them, or none."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F

from annotations.exceptions import BadFile, TooLarge
from annotations.models import Dataset, Event, Image, ImportJob, Kind, LabelClass, Mask
from annotations.models.image import ImageQuerySet
from annotations.models.label_class import fresh_color
from annotations.services.event import record_parts
from annotations.services.flow import begin_change, closed_states
from annotations.services.image import clean_name
from annotations.services.import_source import Source, open_source
from annotations.services.job import Progress, folder_of, remove_files, run, send
from annotations.services.label_class import create_class
from annotations.services.optimistic_lock import lock_row
from annotations.services.tally import count_nuclei
from ml import rle

# A file up to this size is checked while its owner waits, for a direct answer. See docs/formats.md.
CHECK_AT_ONCE_BYTES = 10 * 1024**2
ROWS_A_BATCH = 1_000
MAX_NEW_CLASSES = 200
MAX_SKIPPED_SHOWN = 200
READING_SHARE = 0.8


def create_import(*, user: Any, dataset: Dataset, format: str, file: File) -> ImportJob:
    """Store an uploaded file and have a worker import it.

    Raises TooLarge, or BadFile if the file is small enough to be checked at once and is wrong.
    """
    size, name = file.size or 0, clean_name(file.name or "")
    if size > settings.MAX_UPLOAD_MB * 1024**2:
        raise TooLarge(f"The file is larger than {settings.MAX_UPLOAD_MB} MB.", field="file")
    if not size:
        raise BadFile(f"{name} is empty (0 bytes).", field="file")
    if size <= CHECK_AT_ONCE_BYTES:
        assert file.file is not None
        open_source(_images(dataset, user), format, file.file, name)
    with transaction.atomic():
        job = ImportJob.objects.create(
            dataset=dataset, format=format, file_name=name, created_by=user
        )
        try:
            _save(file, job)
            send(job)
        except BaseException:
            remove_files(job)
            raise
    return job


def run_import(*, import_id: int) -> None:
    """Import the file. Safe to repeat: masks and the job's end are one transaction."""
    run(ImportJob, import_id, _import)


def _save(file: File, job: ImportJob) -> None:
    folder = folder_of(job)
    folder.mkdir(parents=True)
    file.seek(0)
    with (folder / "upload").open("wb") as upload:
        for chunk in file.chunks():
            upload.write(chunk)


def _images(dataset: Dataset, user: Any) -> ImageQuerySet:
    """Those for which `user` may bring masks: an annotator's own replica, not its original."""
    return Image.objects.visible_to(user).listed().filter(dataset=dataset)


def _import(job: ImportJob, progress: Progress) -> None:
    path = folder_of(job) / "upload"
    if not path.is_file():
        raise BadFile("The uploaded file is gone; upload it again.")
    skipped: Counter[tuple[str, str]] = Counter()
    # Masks wait in a file until all are known to be right: a transaction would lock everyone out.
    with path.open("rb") as file, TemporaryFile("w+", encoding="utf-8") as waiting:
        source = open_source(_images(job.dataset, job.created_by), job.format, file, job.file_name)
        for image, instance, fraction in source.masks():
            if instance is None:
                skipped[image.name, "covers no pixel"] += 1
            else:
                row = [image.pk, instance.bbox, instance.counts, instance.label]
                waiting.write(json.dumps(row) + "\n")
            progress.report(READING_SHARE * fraction)
        waiting.seek(0)
        _store(job, source, waiting, skipped, progress)
    remove_files(job)


@transaction.atomic
def _store(
    job: ImportJob,
    source: Source,
    waiting: IO[str],
    skipped: Counter[tuple[str, str]],
    progress: Progress,
) -> None:
    dataset = lock_row(Dataset.objects.live(), job.dataset_id)
    names, closed = _lock_images(source.images, dataset)
    images = {image.pk: image for image in source.images}
    with TemporaryFile("w+", encoding="utf-8") as kept:
        created = _keep_new(waiting, kept, names, closed, skipped)
        kept.seek(0)
        batches = _record_import(job, created)
        masks = _new_masks(job, dataset, kept)
        while batch := list(islice(masks, ROWS_A_BATCH)):
            Mask.objects.bulk_create(batch)
            record_parts(batches=batches, masks=batch)
            for in_replica in (False, True):
                counted = [mask for mask in batch if images[mask.image_id].is_replica == in_replica]
                count_nuclei(dataset.pk, counted, in_replica=in_replica)
    for image_id, count in created.items():
        Image.objects.filter(pk=image_id).update(mask_count=F("mask_count") + count)
        image = Image.objects.get(pk=image_id)
        begin_change(user=job.created_by, image=image, claim=False)
    progress.finish(
        report={
            "images_matched": len(source.images),
            "masks_created": created.total(),
            "skipped": _shown(skipped, source.ignored),
        }
    )


def _lock_images(images: list[Image], dataset: Dataset) -> tuple[dict[int, str], set[int]]:
    """(image id → name, ids of those closed to changes).

    Raises BadFile if one was deleted since the file was read.
    """
    ids = sorted(image.pk for image in images)
    locked: dict[int, str] = {}
    closed: set[int] = set()
    closed_now = closed_states(dataset)
    for start in range(0, len(ids), ROWS_A_BATCH):
        rows = Image.objects.select_for_update().filter(pk__in=ids[start : start + ROWS_A_BATCH])
        for id, name, status in rows.order_by("id").values_list("id", "name", "status"):
            locked[id] = name
            if status in closed_now:
                closed.add(id)
    for image in images:
        if image.pk not in locked:
            raise BadFile(f"{image.name} was deleted during the import. Nothing was imported.")
    return locked, closed


def _keep_new(
    waiting: IO[str],
    kept: IO[str],
    names: dict[int, str],
    closed: set[int],
    skipped: Counter[tuple[str, str]],
) -> Counter[int]:
    """Copy the masks that their image, unless it is closed, does not have yet.

    Returns image id → how many those are.
    """
    created: Counter[int] = Counter()
    there: dict[int, set[int]] = {}
    for line in waiting:
        image_id, (x, y, _, _), counts, _ = json.loads(line)
        if image_id in closed:
            skipped[names[image_id], "the image is submitted, in review or accepted"] += 1
            continue
        if image_id not in there:
            rows = Mask.objects.live().filter(image_id=image_id)
            there[image_id] = set(map(hash, rows.values_list("x", "y", "counts")))
        mark = hash((x, y, counts))
        if mark in there[image_id]:
            skipped[names[image_id], "is there already"] += 1
            continue
        there[image_id].add(mark)
        created[image_id] += 1
        kept.write(line)
    return created


def _record_import(job: ImportJob, created: Counter[int]) -> dict[int, Event]:
    """Image id → the event that speaks for the masks which it gets."""
    facts = {"import": job.pk, "file": job.file_name}
    events = Event.objects.bulk_create(
        Event(
            kind=Kind.MASKS_IMPORTED,
            actor=job.created_by,
            dataset_id=job.dataset_id,
            image_id=image_id,
            data=facts | {"count": count},
        )
        for image_id, count in created.items()
    )
    return {event.image_id: event for event in events}


def _new_masks(job: ImportJob, dataset: Dataset, kept: IO[str]) -> Iterator[Mask]:
    """Yield the masks to be stored."""
    classes = _Classes(job, dataset)
    for line in kept:
        image_id, (x, y, width, height), counts, label = json.loads(line)
        yield Mask(
            id=uuid4(),
            image_id=image_id,
            label_class=classes.named(label),
            x=x,
            y=y,
            width=width,
            height=height,
            counts=counts,
            area=rle.area([x, y, width, height], counts),
            origin=Mask.Origin.IMPORTED,
            created_by=job.created_by,
            updated_by=job.created_by,
        )


class _Classes:
    """The classes of a dataset by name; missing ones are created."""

    def __init__(self, job: ImportJob, dataset: Dataset) -> None:
        self._job, self._dataset = job, dataset
        self._named = {row.name: row for row in LabelClass.objects.filter(dataset=dataset)}
        self._limit = len(self._named) + MAX_NEW_CLASSES

    def named(self, name: str | None) -> LabelClass | None:
        if name is None:
            return None
        if name not in self._named:
            if len(self._named) >= self._limit:
                raise BadFile(f"The file brings more than {MAX_NEW_CLASSES} new classes.")
            color = fresh_color([row.color for row in self._named.values()])
            self._named[name] = create_class(
                user=self._job.created_by, dataset=self._dataset, name=name, color=color
            )
        return self._named[name]


def _shown(skipped: Counter[tuple[str, str]], ignored: list[str]) -> list[dict[str, str]]:
    report = [{"name": name, "why": "is not a label mask"} for name in ignored]
    for (name, reason), count in skipped.items():
        noun = "one mask" if count == 1 else f"{count} masks"
        report.append({"name": name, "why": f"{noun}: {reason}"})
    if len(report) > MAX_SKIPPED_SHOWN:
        rest = len(report) - MAX_SKIPPED_SHOWN
        report[MAX_SKIPPED_SHOWN:] = [{"name": "…", "why": f"and {rest} more"}]
    return report
