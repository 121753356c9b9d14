"""What jobs of all kinds share: claimed by one worker, alive while it works, ended once."""

import logging
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.exceptions import DomainError, NotAllowed
from annotations.models import Consensus, Dataset, Export, ImportJob
from annotations.models.job import Job
from annotations.permissions import Verb, may
from ml.broker import BATCH, enqueue

logger = logging.getLogger(__name__)

# Kind of job -> its task.
TASKS: dict[Any, str] = {
    Export: "annotations.run_export",
    ImportJob: "annotations.run_import",
    Consensus: "annotations.build_consensus",
}
# A worker reports about every second; after this long it is taken for dead.
SILENCE = timedelta(minutes=5)
REPORT_EVERY_SECONDS = 1.0
MAX_ATTEMPTS = 3

JobT = TypeVar("JobT", Export, ImportJob, Consensus)


class Stopped(Exception):
    """The job was cancelled, or another attempt has taken it over."""


class Progress:
    """How far this attempt is. Writes at most once a second, and notices a cancelled job then."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._reported = time.monotonic()

    def report(self, fraction: float) -> None:
        """Say how far it is, from 0 to 1. Raises Stopped if nobody wants the result any more."""
        if time.monotonic() - self._reported < REPORT_EVERY_SECONDS:
            return
        self._reported = time.monotonic()
        _write(self._job, progress=min(fraction, 0.99), alive_at=timezone.now())

    def finish(self, **results: Any) -> None:
        """Mark the job as done. Raises Stopped if it is no longer this attempt's."""
        _write(self._job, status=Job.Status.DONE, progress=1.0, error="", **results)


def send(job: Job) -> None:
    """Have a worker run the job once the transaction is through."""
    task, pk = TASKS[type(job)], job.pk
    transaction.on_commit(lambda: enqueue(task, [pk], queue=BATCH))


def run(kind: type[JobT], pk: int, work: Callable[[JobT, Progress], None]) -> None:
    """Claim the job, do its `work`, and say how it ended. Nothing happens if it is not to be had.

    What the person can mend ends as a sentence in `error`; anything else is raised as well.
    """
    job = _claim(kind, pk)
    if job is None:
        return
    try:
        if job.attempts > MAX_ATTEMPTS:
            raise DomainError(
                f"The worker died {MAX_ATTEMPTS} times over this. "
                "Try a smaller file or dataset, or ask an administrator to look at its log."
            )
        work(job, Progress(job))
    except Stopped:
        logger.info("%s was cancelled or taken over.", job)
        if not kind.objects.filter(pk=pk).exclude(status=Job.Status.CANCELLED).exists():
            remove_files(job)
    except DomainError as error:
        _fail(job, error.detail)
    except Exception:
        _fail(job, "Something went wrong on the server. An administrator finds it in the log.")
        raise


def resume_lost_jobs() -> None:
    """Send every job again whose message or worker seems lost. For a clock to call."""
    for kind, task in TASKS.items():
        silent = kind.objects.silent_since(timezone.now() - SILENCE)
        ids = list(silent.values_list("pk", flat=True)[:100])
        # An attempt that lives after all finds the job taken from it and stops.
        silent.filter(pk__in=ids).update(status=Job.Status.QUEUED, alive_at=timezone.now())
        if ids:
            enqueue(task, ids, queue=BATCH)


def stop_or_remove(*, user: Any, job: Any) -> None:
    """Cancel an unfinished job; remove a finished one with its files. `job` carries `my_role`.

    Raises NotAllowed for another person's job, unless `user` manages the dataset.
    """
    if job.created_by_id != user.pk and not may(job.my_role, Dataset, Verb.MANAGE):
        raise NotAllowed(
            _("Only who started this, or an owner or admin of the dataset, can remove it.")
        )
    rows = type(job).objects.filter(pk=job.pk)
    if rows.filter(status=Job.Status.RUNNING).update(status=Job.Status.CANCELLED):
        return  # its worker notices, and removes the files
    if not rows.filter(status=Job.Status.QUEUED).update(status=Job.Status.CANCELLED):
        rows.delete()
    remove_files(job)


@transaction.atomic
def delete_job(*, job: Job) -> None:
    """Delete a job in any state with its files. A worker that is at it notices and stops."""
    folder = folder_of(job)
    job.delete()
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def folder_of(job: Job) -> Path:
    """The absolute path of the job's files."""
    return Path(settings.MEDIA_ROOT) / job.folder


def remove_files(job: Job) -> None:
    shutil.rmtree(folder_of(job), ignore_errors=True)


def _claim(kind: type[JobT], pk: int) -> JobT | None:
    claimed = kind.objects.filter(pk=pk, status=Job.Status.QUEUED).update(
        status=Job.Status.RUNNING,
        attempts=F("attempts") + 1,
        alive_at=timezone.now(),
        progress=0.0,
    )
    return kind.objects.select_related("dataset", "created_by").get(pk=pk) if claimed else None


def _write(job: Job, **changes: Any) -> None:
    mine = type(job)._default_manager.filter(
        pk=job.pk, attempts=job.attempts, status=Job.Status.RUNNING
    )
    if not mine.update(**changes):
        raise Stopped


def _fail(job: Job, error: str) -> None:
    try:
        _write(job, status=Job.Status.FAILED, error=error)
    except Stopped:
        return
    remove_files(job)
