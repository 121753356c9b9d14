"""Give workers the fastest engines that agree with torch, without making anybody wait for them."""

import fcntl
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import torch
from django.conf import settings

from ml import decoders
from ml.engine_guard import guarded
from ml.engine_records import folder_of, forget_old, note_use
from ml.models import Checkpoint
from ml.sppnet.engines.choice import Choice, equip, machine, recall
from ml.sppnet.engines.graphs import Graphs
from ml.sppnet.predict import Predictor

logger = logging.getLogger(__name__)

# Clicks, encodings and training go first.
NICENESS = 15


def speed_up(
    checkpoint: Checkpoint, predictor: Predictor, use: Callable[[Predictor], None]
) -> None:
    """Have `use` called with the predictor on the engines that suit this machine best: now if they
    are known, else once a process of its own has found them. Until then torch answers, and for
    good if nothing better is found or settings.ENGINE is "torch"."""
    if settings.ENGINE == "torch":
        return
    choice = recall(folder_of(checkpoint.sha256), machine(predictor, torch.get_num_threads()))
    if choice is not None:
        note_use(checkpoint.sha256)
        _take(choice, checkpoint, predictor, use)
        return
    in_use = Checkpoint.objects.in_use().values_list("sha256", flat=True)
    forget_old(keep=[checkpoint.sha256, *in_use])

    def find() -> None:
        found = _search(checkpoint, predictor)
        if found is not None:
            _take(found, checkpoint, predictor, use)

    Thread(target=find, name="engines", daemon=True).start()


def _take(
    choice: Choice, checkpoint: Checkpoint, predictor: Predictor, use: Callable[[Predictor], None]
) -> None:
    for trial in [*choice.encoders, *choice.decoders]:
        if trial.refused:
            logger.info("Engine %s is not used: %s", trial.engine, trial.refused)
    try:
        graphs = Graphs(
            predictor.network, folder_of(checkpoint.sha256), decoders.path_of(checkpoint.sha256)
        )
        equipped = equip(predictor, choice, graphs, choice.machine["threads"])
    except Exception as error:
        logger.warning("Torch answers, as the faster engines failed: %s", error)
        return
    logger.info("%s encodes, %s answers clicks", choice.encoder, choice.decoder)
    use(guarded(equipped, predictor))


def _search(checkpoint: Checkpoint, predictor: Predictor) -> Choice | None:
    """Let another process measure: whatever a library does there, this one goes on. Workers on one
    DATA_DIR wait for each other and share what is found; one search at a time takes memory and
    disturbs no other."""
    folder = folder_of(checkpoint.sha256)
    folder.mkdir(parents=True, exist_ok=True)
    here = machine(predictor, torch.get_num_threads())
    with (folder.parent / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        choice = recall(folder, here)
        if choice is not None:
            return choice
        done = subprocess.run(
            _command(checkpoint, folder),
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        choice = recall(folder, here)
    if choice is None:
        last = done.stdout.strip().splitlines() or ["no output"]
        logger.warning("Torch answers: engines were not compared (%s)", last[-1])
    return choice


def _command(checkpoint: Checkpoint, folder: Path) -> list[str]:
    return [
        *("nice", "-n", str(NICENESS)),
        *(sys.executable, "-m", "ml.sppnet", "engines"),
        *("--checkpoint", str(checkpoint.path)),
        *("--images", str(settings.ENGINE_IMAGES)),
        *("--folder", str(folder)),
        *("--decoder", str(decoders.path_of(checkpoint.sha256))),
        *("--threads", str(torch.get_num_threads())),
    ]
