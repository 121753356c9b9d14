"""Run the training command in a process of its own, and follow it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from ml.exceptions import MlError
from ml.models import Status, TrainingRun
from ml.services import claim, register_checkpoint

LOOK_EVERY_SECONDS = 1.0
SECONDS_TO_STOP = 10
NICENESS = 10


def command(run: TrainingRun, folder: Path) -> list[str]:
    """What is executed; it resumes by itself from what is in `folder`."""
    return [
        *(sys.executable, "-m", "ml.sppnet", "train"),
        *("--data", run.snapshot),
        *("--init", str(run.checkpoint_from.path)),
        *("--out", str(folder)),
        *("--minutes", str(run.config["minutes"])),
    ]


def run_training(id: int) -> None:
    """Train, follow the progress, register the result (not activated).

    A run that is cancelled is stopped within seconds. A second delivery while the first is at
    work finds the folder's lock and leaves.
    """
    run = TrainingRun.objects.select_related("checkpoint_from").filter(pk=id).first()
    if run is None:
        return
    folder = Path(settings.DATA_DIR) / "training" / str(run.pk)
    folder.mkdir(parents=True, exist_ok=True)
    if _other_is_at_work(folder) or not claim(run):
        return
    TrainingRun.objects.filter(pk=run.pk).update(log=str(Path("training") / str(run.pk) / "log"))
    try:
        if _follow(run, folder):
            checkpoint = register_checkpoint(path=folder / "best.safetensors")
            _finish(run, Status.DONE, progress=1.0, checkpoint_to=checkpoint)
    except MlError as error:
        _finish(run, Status.FAILED, error=str(error))
    except Exception:
        _finish(run, Status.FAILED, error="Training failed; an admin finds why in the log.")
        raise
    finally:
        (folder / "pid").unlink(missing_ok=True)


def _follow(run: TrainingRun, folder: Path) -> bool:
    """True when the command has ended well; False if it was cancelled. Raises MlError."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command(run, folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: os.nice(NICENESS) and None,
        )
    (folder / "pid").write_text(str(process.pid))
    try:
        while process.poll() is None:
            time.sleep(LOOK_EVERY_SECONDS)
            _report(run, folder)
            if not TrainingRun.objects.unfinished().filter(pk=run.pk).exists():
                return False
    finally:
        _stop(process)
    if process.returncode:
        last = (folder / "log").read_text(errors="replace").strip().splitlines()
        raise MlError(last[-1] if last else f"Training ended with status {process.returncode}.")
    _report(run, folder)
    return True


def _report(run: TrainingRun, folder: Path) -> None:
    """Copy the latest line of the run's progress to its row."""
    path = folder / "progress.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    values: dict[str, object] = {}
    for line in lines[-2:]:
        try:
            values |= json.loads(line)
        except ValueError:
            continue  # half-written; the next look finds it whole
    if values:
        progress = values.pop("progress", run.progress)
        TrainingRun.objects.unfinished().filter(pk=run.pk).update(progress=progress, metrics=values)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _other_is_at_work(folder: Path) -> bool:
    """Whether the process that the folder's pid file names still trains there."""
    try:
        pid = int((folder / "pid").read_text())
        return str(folder) in Path(f"/proc/{pid}/cmdline").read_text()
    except (OSError, ValueError):
        return False


def _finish(run: TrainingRun, status: Status, **values: object) -> None:
    TrainingRun.objects.unfinished().filter(pk=run.pk).update(
        status=status, finished_at=timezone.now(), **values
    )
