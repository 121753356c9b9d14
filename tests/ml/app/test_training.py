"""A training run is followed, can be cancelled, and comes back after its worker's death."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from annotations.models import Dataset, Image
from annotations.models.dataset import source_of
from annotations.services.held_out import hold_out
from ml import watched
from ml.inspection import inspect
from ml.management.commands.load_starter import STARTER
from ml.models import Checkpoint, Evaluation, TrainingRun
from ml.promotions import activate_checkpoint
from ml.services import register_checkpoint
from ml.training import Report, arguments_of, run_training
from ml.training_queue import (
    cancel_training,
    move_training,
    resume_training,
    start_training,
)
from ml.turns import machine
from tests.factories import make_image, make_mask
from tests.ml.app.disks import write_checkpoint

TRAINER = """
import json, os, pathlib, shutil, signal, sys, time
out, steps, best = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if best.startswith("killed"):
    killed = out / "killed"
    killed.write_text(killed.read_text() + "x" if killed.exists() else "x")
    _, times, best = best.split("|")
    if len(killed.read_text()) <= int(times):
        os.kill(os.getpid(), signal.SIGKILL)
with (out / "progress.jsonl").open("a") as log:
    for step in range(steps):
        log.write(json.dumps({"progress": (step + 1) / steps, "step": step, "loss": 0.5}) + "\\n")
        log.flush()
        time.sleep(0.1)
    log.write(json.dumps({"step": steps, "metrics": {"aji": 0.6}}) + "\\n")
if best.startswith("says"):
    sys.exit(best.partition("|")[2])
shutil.copy(best, out / "best.safetensors")
"""


@pytest.fixture
def run(checkpoint: Checkpoint, messages: Any, data_dir: Path) -> TrainingRun:
    """A run whose snapshot has been taken."""
    (data_dir / "snapshots" / "1").mkdir(parents=True)
    run = start_training(source="dataset:1", created_by_name="ada", minutes=2)
    run.snapshot = "snapshots/1"
    run.save()
    return run


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Replace the training command by one that takes `steps` tenths of a second."""
    monkeypatch.setattr(watched, "LOOK_EVERY_SECONDS", 0.05)

    def replace(
        *, steps: int = 3, best: Path | str = "says|error: the loss is not a number"
    ) -> None:
        def command(arguments: Sequence[str]) -> list[str]:
            out = arguments[arguments.index("--out") + 1]
            return [sys.executable, "-c", TRAINER, out, str(steps), str(best)]

        monkeypatch.setattr(watched, "command", command)

    return replace


def folder_of(run: TrainingRun, data_dir: Path) -> Path:
    return data_dir / "training" / f"run-{run.pk}"


def test_the_result_is_registered_and_waits_to_be_made_active(
    run: TrainingRun, trainer: Any, tmp_path: Path, checkpoint: Checkpoint
) -> None:
    trainer(best=write_checkpoint(tmp_path / "w.safetensors", 2.0, name='"better"'))
    run_training(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error, run.progress) == ("done", "", 1.0)
    assert run.metrics == {"step": 3, "loss": 0.5, "metrics": {"aji": 0.6}}
    assert run.checkpoint_to is not None
    assert run.checkpoint_to.path.is_file()
    assert Checkpoint.objects.active().get() == checkpoint
    run_training(run.pk)  # delivered again
    assert TrainingRun.objects.get().attempts == 1


@pytest.mark.skipif(
    not Path("/proc/self/autogroup").exists(), reason="this system has no groups of sessions"
)
def test_training_yields_to_other_sessions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(watched, "command", lambda arguments: sleep)
    monkeypatch.setattr(watched, "LOOK_EVERY_SECONDS", 0.05)
    told = []

    def look() -> bool:
        pid = (tmp_path / "pid").read_text()
        told.append(Path(f"/proc/{pid}/autogroup").read_text().split()[-1])
        return False

    with pytest.raises(watched.Unwanted):
        watched.execute([], tmp_path, watched.Limits(seconds=60), look)
    assert told == [str(watched.NICENESS)]


def test_a_failed_run_shows_its_last_words(run: TrainingRun, trainer: Any) -> None:
    trainer()
    run_training(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error) == ("failed", "error: the loss is not a number")
    assert run.finished_at


def test_a_result_that_is_no_checkpoint_is_refused(
    run: TrainingRun, trainer: Any, tmp_path: Path
) -> None:
    trainer(best=write_checkpoint(tmp_path / "w.safetensors", format="pt"))
    run_training(run.pk)
    run.refresh_from_db()
    assert run.status == "failed"
    assert "not of this application" in run.error


def test_a_cancelled_run_stops_its_processes(
    run: TrainingRun, trainer: Any, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer(steps=600)
    pids: list[int] = []

    def look(report: Report) -> bool:
        if TrainingRun.objects.get(pk=run.pk).progress > 0 and not pids:
            pids.append(int((folder_of(run, data_dir) / "pid").read_text()))
            cancel_training(run=run)
        return really_look(report)

    really_look = Report.look
    monkeypatch.setattr(Report, "look", look)
    run_training(run.pk)
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert 0 < run.progress < 1
    assert not Path(f"/proc/{pids[0]}").exists()
    assert not (folder_of(run, data_dir) / "pid").exists()


def test_a_second_delivery_leaves_the_first_at_work(
    run: TrainingRun, trainer: Any, data_dir: Path
) -> None:
    trainer()
    (data_dir / "training").mkdir()
    with (data_dir / "training" / f"lock-{machine()}").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run_training(run.pk)
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("queued", 0)


def test_containers_of_one_host_are_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    first = machine()
    monkeypatch.setattr(socket, "gethostname", lambda: "another-container")
    assert machine() == first


def test_what_is_first_by_then_is_trained_and_the_next_is_called(
    run: TrainingRun, trainer: Any, messages: Any
) -> None:
    trainer()
    second = start_training(source="dataset:2", created_by_name="ada", minutes=1)
    third = start_training(source="dataset:3", created_by_name="ada", minutes=1)
    assert move_training(run=third, up=True)
    assert move_training(run=third, up=True)
    assert not move_training(run=third, up=True)
    run_training(run.pk)  # its message has become the turn of the third
    states = dict(TrainingRun.objects.values_list("pk", "status"))
    assert states == {run.pk: "queued", second.pk: "queued", third.pk: "failed"}
    assert messages[-1] == ("ml.run_training", [run.pk], "train")


def test_a_killed_trainer_goes_on_by_itself(run: TrainingRun, trainer: Any, tmp_path: Path) -> None:
    best = write_checkpoint(tmp_path / "w.safetensors", 2.0)
    trainer(steps=1, best=f"killed|2|{best}")
    run_training(run.pk)
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("done", 3)


def test_a_trainer_that_is_always_killed_is_given_up(
    run: TrainingRun, trainer: Any, messages: Any
) -> None:
    trainer(steps=1, best="killed|99|nothing")
    run_training(run.pk)
    run.refresh_from_db()
    assert run.status == "failed"
    assert "SIGKILL" in run.error
    assert resume_training(run=run)
    run.refresh_from_db()
    assert (run.status, run.error, run.attempts) == ("queued", "", 0)
    assert not resume_training(run=run)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("OSError: [Errno 28] No space left on device: 'state.partial'", "The disk is full"),
        ("RuntimeError: DefaultCPUAllocator: can't allocate memory", "more memory than it may"),
        ("MemoryError", "more memory than it may"),
    ],
)
def test_what_the_system_lacks_is_said_plainly(
    run: TrainingRun, trainer: Any, words: str, told: str
) -> None:
    trainer(steps=1, best=f"says|{words}")
    run_training(run.pk)
    run.refresh_from_db()
    assert run.status == "failed"
    assert told in run.error
    assert "resume the run" in run.error


def test_who_waits_for_it_is_told_at_the_end(
    run: TrainingRun, trainer: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr("ml.training.publish", lambda *event: told.append(event))
    monkeypatch.setattr("tests.ml.app.disks.ended", told.append)
    settings.TRAINING_ENDED = "tests.ml.app.disks.ended"
    trainer(steps=1)
    run_training(run.pk)
    assert told[-2:] == [(f"training:{run.pk}", "run", {"id": run.pk}), run.pk]


def test_what_a_killed_worker_left_behind_is_ended_and_resumed(
    run: TrainingRun, trainer: Any, tmp_path: Path, data_dir: Path
) -> None:
    TrainingRun.objects.update(status="running", attempts=1)
    folder = folder_of(run, data_dir)
    folder.mkdir(parents=True)
    orphan = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)", str(folder)], start_new_session=True
    )
    (folder / "pid").write_text(str(orphan.pid))
    time.sleep(0.1)
    trainer(best=write_checkpoint(tmp_path / "w.safetensors", 3.0))
    run_training(run.pk)
    assert orphan.wait(5) == -9
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("done", 2)


def test_another_process_with_a_reused_number_is_spared(
    run: TrainingRun, trainer: Any, data_dir: Path
) -> None:
    folder = folder_of(run, data_dir)
    folder.mkdir(parents=True)
    (folder / "pid").write_text(str(os.getpid()))
    trainer(steps=1)
    run_training(run.pk)
    run.refresh_from_db()
    assert run.status == "failed"  # and this process lives to say so


def test_the_command_is_the_one_people_use(run: TrainingRun, tmp_path: Path) -> None:
    from ml.sppnet.__main__ import _parser

    run.config |= {"epochs": 3, "seed": 7}
    arguments = _parser().parse_args(arguments_of(run, tmp_path / "out"))
    assert arguments.init == run.checkpoint_from.path
    assert (arguments.data, arguments.minutes) == (tmp_path / "snapshots/1", 2)
    assert arguments.split == tmp_path / "snapshots/1/split.json"
    assert (arguments.epochs, arguments.seed) == (3, 7)
    assert arguments.scale_range == [0.8, 1.25]


def test_every_run_draws_crops_of_its_own(run: TrainingRun, tmp_path: Path) -> None:
    from ml.sppnet.__main__ import _parser

    next_run = TrainingRun(pk=run.pk + 1, config=run.config, checkpoint_from=run.checkpoint_from)
    seeds = [_parser().parse_args(arguments_of(r, tmp_path)).seed for r in (run, next_run)]
    assert seeds[0] != seeds[1]


def test_a_run_begins_with_a_snapshot_and_keeps_it(
    run: TrainingRun, trainer: Any, data_dir: Path, settings: Any
) -> None:
    TrainingRun.objects.update(snapshot="")
    settings.TRAINING_SNAPSHOT = "tests.ml.app.disks.take_snapshot"
    trainer(steps=1)
    run_training(run.pk)
    run.refresh_from_db()
    assert (run.status, run.snapshot) == ("failed", "snapshots/dataset:1")
    settings.TRAINING_SNAPSHOT = "nowhere.to.be.found"
    TrainingRun.objects.update(status="queued")
    run_training(run.pk)  # the next attempt goes on with it
    run.refresh_from_db()
    assert "loss is not a number" in run.error


def test_a_snapshot_that_was_cleared_away_is_made_again(
    checkpoint: Checkpoint,
    dataset: Dataset,
    team: dict[str, Any],
    data_dir: Path,
    trainer: Any,
    messages: Any,
) -> None:
    mask = make_mask(make_image(dataset, team["owner"]), team["owner"])
    run = start_training(source=source_of(dataset.pk), created_by_name="ada", minutes=1)
    trainer(steps=1)
    run_training(run.pk)
    run.refresh_from_db()
    folder = data_dir / run.snapshot
    contents = {path: path.read_bytes() for path in folder.rglob("*.*")}
    assert len(contents) == 4  # image, label, two lists
    mask.delete()  # the run goes on with what was frozen

    shutil.rmtree(folder)
    assert resume_training(run=run)
    run_training(run.pk)
    run.refresh_from_db()
    assert "loss is not a number" in run.error
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == contents

    shutil.rmtree(folder)
    folder.with_suffix(".json").unlink()
    assert resume_training(run=run)
    run_training(run.pk)
    run.refresh_from_db()
    assert run.error == f"There is no snapshot {folder.name}."


def test_a_run_with_nothing_to_learn_from_says_so(run: TrainingRun, trainer: Any) -> None:
    TrainingRun.objects.update(snapshot="", source="dataset:404")
    run_training(run.pk)
    run.refresh_from_db()
    assert (run.status, run.snapshot) == ("failed", "")
    assert "annotate some first" in run.error


def test_the_network_learns_from_what_people_annotated_and_is_judged(
    dataset: Dataset, team: dict[str, Any], data_dir: Path, messages: Any
) -> None:
    for seed in range(2):
        image = make_image(dataset, team["owner"], name=f"{seed}.png", seed=seed)
        make_mask(image, team["owner"], width=12, height=12)
    Image.objects.update(status=Image.Status.ACCEPTED)
    hold_out(user=team["owner"], dataset=dataset, groups=["0.png"])
    base = register_checkpoint(path=STARTER, activate=True)
    run = start_training(source=source_of(dataset.pk), created_by_name="ada", minutes=0.001)
    run_training(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error) == ("done", "")
    assert run.checkpoint_to is not None
    assert run.checkpoint_to.metadata["training"]["step"] == 1
    judgement = run.judgements.get()
    assert (judgement.status, judgement.error) == ("done", "")
    assert set(judgement.comparison) == {"dice", "aji", "pq", "iou1", "noc80"}
    [picture] = Evaluation.objects.get(checkpoint=base).folder.glob("*.webp")
    assert picture.stem == Image.objects.get(held_out=True).sha256
    inspect(run.checkpoint_to.path, run.checkpoint_to.metadata["config"])
    activate_checkpoint(checkpoint=run.checkpoint_to)
    base.refresh_from_db()
    assert not base.is_active
