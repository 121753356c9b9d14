"""What a worker does besides its tasks: say that it lives, warm up, find lost jobs."""

import logging
import os
import time
from contextlib import suppress
from typing import Any
from weakref import ref

import redis
from celery import signals
from celery.concurrency.thread import TaskPool as ThreadPool
from celery.worker import WorkController
from celery.worker.heartbeat import Heart
from django.db import DatabaseError, close_old_connections
from django.db.models import Max, Q

from ml import heartbeats
from ml.broker import INTERACTIVE, QUEUES, TRAIN
from ml.recovery import requeue_unfinished
from sppnet_app.celery import app

logger = logging.getLogger(__name__)

# A new process of the pool loads torch and warms up before it reports for work; after the usual
# four seconds a busy machine would have it killed for its silence.
app.conf.worker_proc_alive_timeout = 120.0
# After it no further checkpoint is warmed up.
WARM_UP_SECONDS = 30

# Celery makes a heart for each connection to Redis: a strange one means that we are new here, or
# that Redis was away and messages with it.
_known_heart: ref[Heart] | None = None


def served() -> list[str]:
    """The queues of ours that this worker takes tasks from."""
    return [queue for queue in QUEUES if queue in app.amqp.queues.consume_from]


@signals.heartbeat_sent.connect
def show_sign_of_life(sender: Heart, **_: Any) -> None:
    """Say that this worker is there; on a new connection, also send again what it owes."""
    global _known_heart
    try:
        heartbeats.show(served(), hostname=_hostname())
        if _known_heart is None or _known_heart() is not sender:
            found = requeue_unfinished(served())
            _known_heart = ref(sender)
            if found:
                logger.info("%s unanswered jobs were found and queued again", found)
    except (redis.RedisError, DatabaseError) as error:
        logger.warning("No sign of life could be given: %s", error)
    finally:
        close_old_connections()


@signals.worker_shutdown.connect
def leave(**_: Any) -> None:
    with suppress(redis.RedisError):  # the sign fades by itself
        heartbeats.hide(served(), hostname=_hostname())


@signals.worker_process_init.connect
def prepare_process(**_: Any) -> None:
    """Set the threads; on the interactive worker, have the first click find everything ready."""
    queues = served()
    if set(queues) <= {TRAIN}:
        return
    import torch

    torch.set_num_threads(_threads())
    if INTERACTIVE in queues:
        _warm_up()
        close_old_connections()


@signals.celeryd_after_setup.connect
def prepare_threads(instance: WorkController, **_: Any) -> None:
    """Where threads do the tasks, no process is made for them that could be prepared but this."""
    if not issubclass(instance.pool_cls, ThreadPool):
        return
    prepare_process()
    import torch

    if not torch.cuda.is_available():
        logger.warning("Threads answer clicks here without a GPU: a process would do it faster.")


def _threads() -> int:
    """Half of the cores for each worker.

    Threads of one operation wait for each other: with as many as cores, an encoding that runs
    beside makes a click's median ten times longer, while a click alone gains nothing from them.
    """
    usual = (os.cpu_count() or 1) // 2
    return max(int(os.environ.get("SPPNET_TORCH_THREADS") or usual), 1)


def _warm_up() -> None:
    """Have ready what answers clicks: for the whole site, and where something else was promoted
    last, as far as there is memory and time."""
    from ml.models import Checkpoint
    from ml.registry import MOST_LOADED, predictor_of
    from ml.sppnet.engines.choice import warm_up

    began = time.monotonic()
    promoted = Max("promotions", filter=Q(promotions__is_current=True))
    in_use = Checkpoint.objects.in_use().annotate(promoted=promoted)
    for checkpoint in in_use.order_by("-is_active", "-promoted")[:MOST_LOADED]:
        try:
            warm_up(predictor_of(checkpoint))
        # A cold worker is better than none; the click will say what is wrong.
        except Exception as error:
            logger.warning("The first click of %s will be slow: %s", checkpoint, error)
        if time.monotonic() - began > WARM_UP_SECONDS:
            break


def _hostname() -> str:
    return f"{os.uname().nodename}:{os.getpid()}"
