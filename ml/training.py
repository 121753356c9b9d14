"""Train what is first in the queue: freeze the data, run the training command, keep the result."""

import errno
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from ml.events import publish
from ml.exceptions import MlError
from ml.judging import judge_result
from ml.models import Status, TrainingRun
from ml.services import register_checkpoint
from ml.sppnet.code_version import code_version
from ml.training_log import TrainingLog
from ml.training_queue import call_next, take_turn
from ml.turns import alone, alone_on_this_machine, training_folder
from ml.watched import FullDisk, Killed, Limits, Unwanted, execute, stop_orphan

MAX_ATTEMPTS = 5
# After its minutes come a last validation and the writing of the weights.
OVERTIME_SECONDS = 45 * 60
# Scored so often while it trains; a short run three times.
MOST_MINUTES_TO_SCORE = 20


def arguments_of(run: TrainingRun, folder: Path) -> list[str]:
    """Those of the training command, which resumes by itself from what is in `folder`."""
    snapshot = Path(settings.DATA_DIR) / run.snapshot
    minutes = run.config["minutes"]
    return [
        "train",
        *("--data", str(snapshot)),
        *("--split", str(snapshot / "split.json")),
        *("--init", str(run.checkpoint_from.path)),
        *("--out", str(folder)),
        *("--minutes", str(minutes)),
        *("--score-minutes", str(min(minutes / 3, MOST_MINUTES_TO_SCORE))),
        *(("--epochs", str(run.config["epochs"])) if "epochs" in run.config else ()),
        # A run that goes on from another one's weights sees other crops than that one did.
        *("--seed", str(run.config.get("seed", run.pk))),
        # The images of a dataset are of one magnification, give or take: what others look like
        # costs a short training more than it brings.
        *("--scale-range", "0.8", "1.25"),
        # Much of what a few images teach holds for them alone, and is unlearned of all others
        # (docs/decisions/0018).
        *("--learning-rate", "2e-4", "--frozen-norms", "--anchor", "0.5"),
        *("--previews", "3"),
    ]


def run_training(id: int) -> None:
    """Take a turn: train the first of the queue, or go on with `id` if it was interrupted.

    A run that is cancelled is stopped within seconds. A second delivery while a run is at work on
    this machine leaves; after a worker's death the next delivery resumes.
    """
    with ExitStack() as stack:
        if not stack.enter_context(alone_on_this_machine()):
            return
        run = take_turn(id)
        if run is None:
            return
        folder = folder_of(run)
        folder.mkdir(exist_ok=True)
        if not stack.enter_context(alone(folder / "lock")):
            return  # another machine, on the same disk
        stop_orphan(folder)
        _train(run, folder)
    call_next()


def folder_of(run: TrainingRun) -> Path:
    """Where a run keeps its state, its log and its result."""
    return training_folder() / f"run-{run.pk}"


def _train(run: TrainingRun, folder: Path) -> None:
    TrainingRun.objects.filter(pk=run.pk).update(
        log=str(folder.relative_to(settings.DATA_DIR) / "log"), code_version=code_version()
    )
    _tell(run)
    try:
        if run.attempts > MAX_ATTEMPTS:
            raise MlError("Training ended the worker five times: look at the log of the run.")
        _have_snapshot(run)
        report = Report(run, folder)
        _follow(run, folder, report)
        checkpoint = register_checkpoint(
            path=folder / "best.safetensors",
            parent=run.checkpoint_from,
            created_by_name=run.created_by_name,
        )
        TrainingRun.objects.filter(pk=run.pk).update(progress=1.0, checkpoint_to=checkpoint)
        _tell(run)
        judge_result(run, checkpoint, report.look)
        _finish(run, Status.DONE, progress=1.0, checkpoint_to=checkpoint)
    except Unwanted:
        _tell(run)
    except MlError as error:
        _finish(run, Status.FAILED, error=str(error))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            _finish(run, Status.FAILED, error=str(FullDisk()))
            return
        _finish(run, Status.FAILED, error=f"{error.strerror}: {error.filename or 'the disk'}.")
        raise
    except Exception:
        _finish(run, Status.FAILED, error="Training failed; an admin finds why in the log.")
        raise


def _have_snapshot(run: TrainingRun) -> None:
    """Freeze what the run learns from, once. Attempts after a worker's death go on with it, made
    again if somebody has cleared it away meanwhile.

    Raises NoTrainingData.
    """
    if not run.snapshot:
        folder: Path = import_string(settings.TRAINING_SNAPSHOT)(run.source)
        run.snapshot = str(folder.relative_to(settings.DATA_DIR))
        run.save(update_fields=["snapshot"])
    elif not (Path(settings.DATA_DIR) / run.snapshot).is_dir():
        import_string(settings.TRAINING_SNAPSHOT_AGAIN)(Path(run.snapshot).name)


def _follow(run: TrainingRun, folder: Path, report: "Report") -> None:
    """Run the command to its end; one that is killed goes on from its last saved state."""
    limits = Limits(
        seconds=run.config["minutes"] * 60 + OVERTIME_SECONDS,
        memory_mb=run.config.get("memory_mb"),
        threads=settings.TRAINING_THREADS or None,
    )
    while True:
        try:
            return execute(arguments_of(run, folder), folder, limits, report.look)
        except Killed as error:
            run.attempts += 1
            if run.attempts > MAX_ATTEMPTS:
                raise MlError(f"{error} That was the fifth attempt.") from error
            TrainingRun.objects.filter(pk=run.pk).update(attempts=run.attempts)


class Report:
    """Copies what the command says of its progress to the row, and tells who watches."""

    def __init__(self, run: TrainingRun, folder: Path) -> None:
        self._run, self._path = run, folder / "progress.jsonl"
        self._size = -1

    def look(self) -> bool:
        """Say whether the run is still wanted."""
        size = self._path.stat().st_size if self._path.exists() else 0
        if size != self._size:
            self._size = size
            self._copy()
        return TrainingRun.objects.unfinished().filter(pk=self._run.pk).exists()

    def _copy(self) -> None:
        latest = TrainingLog(self._path.parent).latest
        progress = latest.pop("progress", 0.0)
        if latest:
            rows = TrainingRun.objects.unfinished().filter(pk=self._run.pk)
            rows.update(progress=progress, metrics=latest)
            _tell(self._run)


def _finish(run: TrainingRun, status: Status, **values: object) -> None:
    ended = (
        TrainingRun.objects.unfinished()
        .filter(pk=run.pk)
        .update(status=status, finished_at=timezone.now(), **values)
    )
    _tell(run)
    if ended and settings.TRAINING_ENDED:
        import_string(settings.TRAINING_ENDED)(run.pk)


def _tell(run: TrainingRun) -> None:
    publish(run.topic, "run", {"id": run.pk})
