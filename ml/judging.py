"""Judge a checkpoint against another: on the same held-out images, by a process of its own."""

import json
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from ml.exceptions import MlError, NoTrainingData
from ml.gate import BETTER, NONE, verdict
from ml.models import Checkpoint, Evaluation, Judgement, Status, TrainingRun
from ml.promotions import activate_checkpoint
from ml.services import claim
from ml.sppnet.comparison import compare, summarise
from ml.turns import alone_on_this_machine
from ml.watched import Limits, Unwanted, execute, stop_orphan

MAX_ATTEMPTS = 3
MOST_SECONDS = 4 * 3600
# What a run is judged by if nobody has said.
GATE = {"gate": BETTER, "tolerance": 0.005}


def run_judgement(id: int) -> None:
    """Judge what somebody has asked for. The outcome is on the row; a second delivery leaves."""
    with alone_on_this_machine() as alone:
        judgement = Judgement.objects.filter(pk=id).first() if alone else None
        if judgement is None or not claim(judgement):
            return
        try:
            if judgement.attempts >= MAX_ATTEMPTS:
                raise MlError("Judging ended the worker three times: look at its log.")
            snapshot: Path = import_string(settings.TRAINING_SNAPSHOT)(judgement.source)
            decide(judgement, snapshot, lambda: _is_wanted(judgement))
        except Unwanted:
            return
        except MlError as error:
            _finish(judgement, Status.FAILED, error=str(error))
        except Exception:
            _finish(
                judgement, Status.FAILED, error="Judging failed; an admin finds why in the log."
            )
            raise


def decide(judgement: Judgement, snapshot: Path, look: Callable[[], bool]) -> None:
    """Score both checkpoints on the held-out images of `snapshot`, compare, and apply the gate.

    Raises Unwanted, or MlError if there is nothing to judge on or the scoring fails.
    """
    list_of_names = snapshot / "held_out.json"
    # The snapshot of a run that began with an earlier release has none.
    described = json.loads(list_of_names.read_text()) if list_of_names.exists() else {}
    if not described.get("names"):
        raise NoTrainingData(
            "The dataset has no wholly annotated held-out images: hold some out, and finish them."
        )
    judgement.held_out = described["id"]
    candidate, rival = (
        _evaluate(checkpoint, judgement, snapshot, look)
        for checkpoint in (judgement.candidate, judgement.rival)
    )
    comparison = compare(candidate.scores, rival.scores)
    config = judgement.config
    passed, reasons = verdict(comparison, config["gate"], config["tolerance"])
    judgement.passed, judgement.reasons = passed, reasons
    _finish(
        judgement,
        Status.DONE,
        held_out=judgement.held_out,
        comparison=comparison,
        passed=passed,
        reasons=reasons,
    )


def judge_result(run: TrainingRun, checkpoint: Checkpoint, look: Callable[[], bool]) -> None:
    """Judge what a run has made against what answers clicks there now; if it passes and the run
    is so configured, promote it there. What stands in the way of judging is on the judgement.

    Raises Unwanted.
    """
    rival = Checkpoint.objects.active(run.source).first()
    if rival is None or rival == checkpoint:
        return
    judgement = Judgement.objects.create(
        candidate=checkpoint,
        rival=rival,
        source=run.source,
        run=run,
        config={name: run.config.get(name, default) for name, default in GATE.items()},
        status=Status.RUNNING,
        created_by_name=run.created_by_name,
        enqueued_at=timezone.now(),
        started_at=timezone.now(),
    )
    try:
        decide(judgement, Path(settings.DATA_DIR) / run.snapshot, look)
    except MlError as error:
        judgement.passed = judgement.config["gate"] == NONE
        _finish(judgement, Status.FAILED, error=str(error), passed=judgement.passed)
    if judgement.passed and run.config.get("auto_promote"):
        activate_checkpoint(
            checkpoint=checkpoint,
            scope=run.source,
            reason=f"by itself, after run {run.pk}: {'; '.join(judgement.reasons)}"[:500],
        )


def _evaluate(
    checkpoint: Checkpoint, judgement: Judgement, snapshot: Path, look: Callable[[], bool]
) -> Evaluation:
    """The scores of a checkpoint, made once for a set of held-out images."""
    known = Evaluation.objects.filter(checkpoint=checkpoint, held_out=judgement.held_out).first()
    if known is not None:
        return known
    row = Evaluation(
        checkpoint=checkpoint, held_out=judgement.held_out, source=judgement.source, scores={}
    )
    row.folder.mkdir(parents=True, exist_ok=True)
    stop_orphan(row.folder)
    arguments = [
        "judge",
        *("--checkpoint", str(checkpoint.path)),
        *("--data", str(snapshot)),
        *("--names", str(snapshot / "held_out.json")),
        *("--out", str(row.folder)),
    ]
    limits = Limits(seconds=MOST_SECONDS, threads=settings.TRAINING_THREADS or None)
    execute(arguments, row.folder, limits, look)
    row.scores = json.loads((row.folder / "scores.json").read_text())
    row.summary = summarise(row.scores)
    row.save()
    return row


def _is_wanted(judgement: Judgement) -> bool:
    return Judgement.objects.unfinished().filter(pk=judgement.pk).exists()


def _finish(judgement: Judgement, status: Status, **values: object) -> None:
    judgement.status = status
    Judgement.objects.unfinished().filter(pk=judgement.pk).update(status=status, **values)
