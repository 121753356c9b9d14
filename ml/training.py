"""Run the training command in a process of its own, and follow it."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from ml.code_version import code_version
from ml.exceptions import MlError
from ml.models import Status, TrainingRun
from ml.services import claim, register_checkpoint

LOOK_EVERY_SECONDS = 1.0
SECONDS_TO_STOP = 10
NICENESS = 10
MAX_ATTEMPTS = 5
# After its minutes come a last validation and the writing of the weights.
OVERTIME_SECONDS = 45 * 60


def command(run: TrainingRun, folder: Path) -> list[str]:
    """What is executed; it resumes by itself from what is in `folder`."""
    snapshot = Path(settings.DATA_DIR) / run.snapshot
    return [
        *("nice", "-n", str(NICENESS)),
        *(sys.executable, "-m", "ml.sppnet", "train"),
        *("--data", str(snapshot)),
        *("--split", str(snapshot / "split.json")),
        *("--init", str(run.checkpoint_from.path)),
        *("--out", str(folder)),
        *("--minutes", str(run.config["minutes"])),
    ]


def run_training(id: int) -> None:
    """Train, follow the progress, register the result (not activated).

    A run that is cancelled is stopped within seconds. A second delivery while the first is at
    work finds the folder locked and leaves; after a worker's death the next delivery resumes.
    """
    run = TrainingRun.objects.select_related("checkpoint_from").filter(pk=id).first()
    if run is None:
        return
    folder = Path(settings.DATA_DIR) / "training" / f"run-{run.pk}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _stop_orphan(folder)
        if claim(run):
            _train(run, folder)


def _train(run: TrainingRun, folder: Path) -> None:
    TrainingRun.objects.filter(pk=run.pk).update(
        log=str(folder.relative_to(settings.DATA_DIR) / "log"), code_version=code_version()
    )
    try:
        if run.attempts >= MAX_ATTEMPTS:
            raise MlError("Training ended the worker five times: look at the log of the run.")
        if not run.snapshot:
            _take_snapshot(run)
        if _follow(run, folder):
            checkpoint = register_checkpoint(
                path=folder / "best.safetensors",
                parent=run.checkpoint_from,
                created_by_name=run.created_by_name,
            )
            _finish(run, Status.DONE, progress=1.0, checkpoint_to=checkpoint)
    except MlError as error:
        _finish(run, Status.FAILED, error=str(error))
    except Exception:
        _finish(run, Status.FAILED, error="Training failed; an admin finds why in the log.")
        raise


def _take_snapshot(run: TrainingRun) -> None:
    """Freeze what the run learns from, once; attempts after a worker's death go on with it.

    Raises NoTrainingData.
    """
    folder: Path = import_string(settings.TRAINING_SNAPSHOT)(run.source)
    run.snapshot = str(folder.relative_to(settings.DATA_DIR))
    run.save(update_fields=["snapshot"])


def _follow(run: TrainingRun, folder: Path) -> bool:
    """True when the command has ended well; False if nobody wants its result, or this worker is
    to end. Raises MlError if it failed or overstayed."""
    worker = os.getppid()
    deadline = time.monotonic() + run.config["minutes"] * 60 + OVERTIME_SECONDS
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command(run, folder),
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (folder / "pid").write_text(str(process.pid))
    try:
        while process.poll() is None:
            time.sleep(LOOK_EVERY_SECONDS)
            _report(run, folder)
            if os.getppid() != worker or not _is_wanted(run):
                return False
            if time.monotonic() > deadline:
                raise MlError("Training went on long after its time and was stopped.")
    finally:
        _stop(process)
        (folder / "pid").unlink()
    if process.returncode:
        last = (folder / "log").read_text(errors="replace").strip().splitlines()
        raise MlError(last[-1] if last else f"Training ended with status {process.returncode}.")
    _report(run, folder)
    return True


def _is_wanted(run: TrainingRun) -> bool:
    return TrainingRun.objects.unfinished().filter(pk=run.pk).exists()


def _report(run: TrainingRun, folder: Path) -> None:
    """Copy the latest values of the run's progress to its row."""
    path = folder / "progress.jsonl"
    latest: dict[str, Any] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        with suppress(ValueError):  # half-written; the next look finds it whole
            latest |= json.loads(line)
    progress = latest.pop("progress", 0.0)
    if latest:
        rows = TrainingRun.objects.unfinished().filter(pk=run.pk)
        rows.update(progress=progress, metrics=latest)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _stop_orphan(folder: Path) -> None:
    """End the training that a killed worker has left behind. Hold the folder's lock."""
    with suppress(OSError, ValueError):
        pid = int((folder / "pid").read_text())
        if str(folder) in Path(f"/proc/{pid}/cmdline").read_text():  # else the number is reused
            os.killpg(pid, signal.SIGKILL)


def _finish(run: TrainingRun, status: Status, **values: object) -> None:
    TrainingRun.objects.unfinished().filter(pk=run.pk).update(
        status=status, finished_at=timezone.now(), **values
    )
