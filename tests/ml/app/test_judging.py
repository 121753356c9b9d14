"""A result is judged against what answers clicks, on held-out images; the gate decides."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ml import watched
from ml.judgement_queue import request_judgement
from ml.judging import run_judgement
from ml.models import Checkpoint, Evaluation, Judgement, Promotion, TrainingRun
from ml.services import register_checkpoint
from ml.training import run_training
from ml.training_queue import start_training
from tests.ml.app.disks import write_checkpoint

HERE = "dataset:1"
# Plays the trainer and the judge: the judge gives the weights' name as the score of each image.
COMMAND = """
import json, pathlib, shutil, sys
arguments = sys.argv[1:]
value = lambda name: arguments[arguments.index(name) + 1]
out = pathlib.Path(value("--out"))
if arguments[0] == "train":
    shutil.copy(out.parent / "best", out / "best.safetensors")
elif "broken" in value("--checkpoint"):
    sys.exit("error: the network does not fit")
else:
    from safetensors import safe_open
    with safe_open(value("--checkpoint"), "np") as file:
        score = float(file.get_tensor("w")[0])
    names = json.loads(pathlib.Path(value("--names")).read_text())["names"]
    (out / "calls").open("a").write("x")
    (out / "scores.json").write_text(json.dumps({name: {"aji": score} for name in names}))
"""


@pytest.fixture(autouse=True)
def command(monkeypatch: pytest.MonkeyPatch) -> None:
    def command(arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-c", COMMAND, *arguments]

    monkeypatch.setattr(watched, "LOOK_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(watched, "command", command)


@pytest.fixture(autouse=True)
def snapshot(settings: Any, data_dir: Path) -> Path:
    settings.TRAINING_SNAPSHOT = "tests.ml.app.disks.take_snapshot"
    settings.TRAINING_ENDED = ""
    folder = data_dir / "snapshots" / HERE
    folder.mkdir(parents=True)
    (folder / "held_out.json").write_text('{"id": "aaaa", "names": ["1", "2"]}')
    return folder


@pytest.fixture
def trained(checkpoint: Checkpoint, messages: Any, data_dir: Path) -> Any:
    """Train weights that score so much (the active ones score 0), with such a config."""

    def trained(score: float, **config: Any) -> TrainingRun:
        (data_dir / "training").mkdir(exist_ok=True)
        write_checkpoint(data_dir / "training" / "best", score, name='"new"')
        run = start_training(source=HERE, created_by_name="ada", minutes=1, **config)
        run_training(run.pk)
        run.refresh_from_db()
        assert (run.status, run.error) == ("done", "")
        return run

    return trained


def test_a_better_result_passes_and_waits(trained: Any, checkpoint: Checkpoint) -> None:
    run = trained(0.5)
    judgement = run.judgements.get()
    assert (judgement.status, judgement.passed, judgement.held_out) == ("done", True, "aaaa")
    assert judgement.rival == checkpoint
    assert judgement.comparison["aji"]["gain"] == 0.5
    assert judgement.reasons == ["aji is better by 0.500"]
    assert Checkpoint.objects.active(HERE).get() == checkpoint
    assert Evaluation.objects.get(checkpoint=run.checkpoint_to).summary["aji"]["mean"] == 0.5


def test_what_passes_is_promoted_where_it_was_trained_if_so_wished(
    trained: Any, checkpoint: Checkpoint
) -> None:
    run = trained(0.5, auto_promote=True, gate="better", tolerance=0.005)
    assert Checkpoint.objects.active(HERE).get() == run.checkpoint_to
    assert Checkpoint.objects.active().get() == checkpoint
    assert "after run" in Promotion.objects.current(HERE).get().reason
    worse = trained(0.25, auto_promote=True, gate="better", tolerance=0.005)
    assert not worse.judgements.get().passed
    assert Checkpoint.objects.active(HERE).get() == run.checkpoint_to


def test_without_held_out_images_a_gate_stays_shut(trained: Any, snapshot: Path) -> None:
    (snapshot / "held_out.json").write_text('{"id": "aaaa", "names": []}')
    judgement = trained(0.5, auto_promote=True).judgements.get()
    assert (judgement.status, judgement.passed) == ("failed", False)
    assert "hold some out" in judgement.error
    assert not Promotion.objects.current(HERE).exists()
    run = trained(0.75, auto_promote=True, gate="none", tolerance=0)
    assert Checkpoint.objects.active(HERE).get() == run.checkpoint_to


def test_what_was_scored_is_not_scored_again(
    trained: Any, checkpoint: Checkpoint, snapshot: Path
) -> None:
    new = trained(0.5).checkpoint_to
    judgement = ask(new, checkpoint)
    assert request_judgement(**question(new, checkpoint)) == judgement
    run_judgement(judgement.pk)
    run_judgement(judgement.pk)  # delivered again
    judgement.refresh_from_db()
    assert (judgement.status, judgement.attempts) == ("done", 1)
    folder = Evaluation.objects.get(checkpoint=new).folder
    assert (folder / "calls").read_text() == "x"
    (snapshot / "held_out.json").write_text(json.dumps({"id": "bbbb", "names": ["1"]}))
    run_judgement(ask(new, checkpoint).pk)
    assert Evaluation.objects.filter(checkpoint=new).count() == 2


def test_a_judge_that_fails_says_why(checkpoint: Checkpoint, messages: Any, data_dir: Path) -> None:
    path = write_checkpoint(data_dir / "broken.safetensors", 2.0)
    judgement = ask(register_checkpoint(path=path), checkpoint)
    run_judgement(judgement.pk)
    judgement.refresh_from_db()
    assert (judgement.status, judgement.error) == ("failed", "error: the network does not fit")
    assert judgement.passed is None


def question(candidate: Checkpoint, rival: Checkpoint) -> dict[str, Any]:
    both = {"candidate": candidate, "rival": rival}
    return {**both, "source": HERE, "gate": "better", "tolerance": 0.005}


def ask(candidate: Checkpoint, rival: Checkpoint) -> Judgement:
    return request_judgement(**question(candidate, rival))
