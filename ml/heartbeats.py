"""Which queues have a living worker: one Redis key a queue, kept alive by its worker."""

from collections.abc import Iterable

import redis

from ml.broker import QUEUES, redis_client

LIFETIME_SECONDS = 10


def show(queues: Iterable[str], *, hostname: str) -> None:
    """Say that the worker `hostname` serves `queues`. Raises redis.RedisError."""
    pipeline = redis_client().pipeline(transaction=False)
    for queue in queues:
        pipeline.set(_key(queue), hostname, ex=LIFETIME_SECONDS)
    pipeline.execute()


def hide(queues: Iterable[str], *, hostname: str) -> None:
    """Say that `hostname` has stopped; another worker's sign is left. Raises redis.RedisError."""
    client = redis_client()
    for queue in queues:
        if client.get(_key(queue)) == hostname:
            client.delete(_key(queue))


def alive() -> dict[str, bool]:
    """Queue -> whether a worker serves it. All False when Redis is away."""
    try:
        signs = redis_client().mget([_key(queue) for queue in QUEUES])
    except redis.RedisError:
        signs = [None] * len(QUEUES)
    return {queue: sign is not None for queue, sign in zip(QUEUES, signs, strict=True)}


def _key(queue: str) -> str:
    return f"sppnet:worker:{queue}"
