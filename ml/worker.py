"""What a worker does besides its tasks: say that it lives, warm up, find lost jobs."""

import logging
import os
from contextlib import suppress
from datetime import timedelta
from typing import Any

import numpy as np
import redis
import torch
from celery import signals
from django.db import close_old_connections
from django.utils import timezone

from ml import heartbeats
from ml.broker import INTERACTIVE
from ml.exceptions import MlError
from ml.registry import active
from ml.services import requeue_lost_jobs
from ml.sppnet.predict import CheckpointError
from sppnet_app.celery import app

logger = logging.getLogger(__name__)

# At its start the only interactive worker owes whatever is unanswered; younger messages than
# this are still on their way.
ON_THEIR_WAY = timedelta(seconds=2)


def served() -> list[str]:
    """The queues that this worker takes tasks from."""
    return list(app.amqp.queues.consume_from)


@signals.heartbeat_sent.connect
def show_sign_of_life(**_: Any) -> None:
    try:
        heartbeats.show(served(), hostname=_hostname())
    except redis.RedisError as error:
        logger.warning("No sign of life could be given: %s", error)


@signals.worker_ready.connect
def take_over(**_: Any) -> None:
    """Say that this worker is there, and answer what a killed one has left."""
    show_sign_of_life()
    if INTERACTIVE in served():
        since = timezone.now() - ON_THEIR_WAY
        found = requeue_lost_jobs(queued_before=since, running_before=since)
        if found:
            logger.info("%s unanswered jobs were found and queued again", found)
        close_old_connections()


@signals.worker_shutdown.connect
def leave(**_: Any) -> None:
    with suppress(redis.RedisError):  # the sign fades by itself
        heartbeats.hide(served(), hostname=_hostname())


@signals.worker_process_init.connect
def warm_up(**_: Any) -> None:
    """Set the threads; on the interactive worker, have the first click find everything ready."""
    cores = os.cpu_count() or 1
    interactive = INTERACTIVE in served()
    threads = int(os.environ.get("SPPNET_TORCH_THREADS", cores if interactive else cores // 2))
    torch.set_num_threads(max(threads, 1))
    if not interactive:
        return
    try:
        predictor = active().predictor
        image = np.full((224, 224, 3), 200, np.uint8)
        click = [(112.0, 112.0, True)]
        tile = predictor.tile_for(click, 224, 224)
        predictor.segment(image, tile, predictor.encode(image, tile), click)
    except (MlError, CheckpointError) as error:
        logger.warning("Not warm: %s", error)
    close_old_connections()


def _hostname() -> str:
    return f"{os.uname().nodename}:{os.getpid()}"
