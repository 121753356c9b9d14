"""Redis as the web process may use it: every wait is short, an absent Redis is only a warning."""

import logging
from collections.abc import Sequence
from functools import lru_cache

import redis
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

from sppnet_app.celery import app

logger = logging.getLogger(__name__)

INTERACTIVE, BATCH, TRAIN = "interactive", "batch", "train"
QUEUES = (INTERACTIVE, BATCH, TRAIN)

# What nobody waits for yet stands behind everything else in its queue, in a list of its own.
URGENT, AHEAD = 0, 9

# A person is waiting behind the request: better to keep the row and send its message later.
_SHORT_WAITS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "connect_retries_timeout": 1,
}


@lru_cache
def redis_client() -> redis.Redis:
    """The process's client, with short timeouts. Its calls raise redis.RedisError."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=1,
        socket_timeout=2,
        retry=Retry(NoBackoff(), 1),
        decode_responses=True,
    )


def enqueue(task: str, ids: Sequence[int | str], *, queue: str, ahead: bool = False) -> bool:
    """Send one message per id to `queue`. Returns False if Redis is away; never raises for that.

    `ahead` is for work that somebody may want later: it waits until nothing else is left.

    Call it from transaction.on_commit. What could not be sent is found by ml.recovery.
    """
    try:
        # A connection of its own: a pooled one may be dead since Redis was restarted.
        with app.connection_for_write(transport_options=_SHORT_WAITS) as connection:
            for id in ids:
                app.send_task(
                    task,
                    [id],
                    queue=queue,
                    priority=AHEAD if ahead else URGENT,
                    connection=connection,
                    retry=False,
                )
    except (OperationalError, redis.RedisError, OSError) as error:
        logger.warning("%s waits: the message could not be sent (%s)", task, error)
        return False
    return True


def waiting(queue: str) -> int:
    """How many messages no worker has taken yet. Raises redis.RedisError."""
    return sum(int(redis_client().llen(key)) for key in (queue, f"{queue}:{AHEAD}"))


def waiting_ahead(queue: str) -> int:
    """How much of that nobody waits for. Raises redis.RedisError."""
    return int(redis_client().llen(f"{queue}:{AHEAD}"))


def somebody_waits(queue: str) -> bool:
    """Whether there is something more urgent than work ahead. False while Redis is away."""
    try:
        return bool(redis_client().llen(queue))
    except redis.RedisError:
        return False
