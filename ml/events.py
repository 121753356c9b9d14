"""Events for browsers, through Redis pub/sub. They are hints: the truth is in the database."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import redis
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from ml.broker import redis_client

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = 1.0
# Who listens hears of "checkpoint": somewhere another one answers clicks from now on.
CHECKPOINTS = "checkpoints"


def publish(topic: str, event: str, data: Any) -> None:
    """Tell whoever listens to `topic`. An absent Redis is logged: browsers poll behind events."""
    try:
        redis_client().publish(_channel(topic), json.dumps({"event": event, "data": data}))
    except redis.RedisError as error:
        logger.warning("Event %s of %s is lost: %s", event, topic, error)


async def subscribe(
    *topics: str, idle_seconds: float = 15.0
) -> AsyncIterator[tuple[str, Any] | None]:
    """Yield (event, data) of the topics as they come, for ever, across restarts of Redis.

    Yields None right after each (re)subscription, when the listener should look at the database
    for what it may have missed, and whenever nothing came for `idle_seconds`.
    """
    while True:
        client = redis.asyncio.Redis.from_url(
            settings.REDIS_URL,
            decode_responses=True,
            socket_connect_timeout=2,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            async with client, client.pubsub(ignore_subscribe_messages=True) as pubsub:
                await pubsub.subscribe(*map(_channel, topics))
                yield None
                async for message in _messages(pubsub, idle_seconds):
                    yield message
        except (redis.RedisError, OSError):
            yield None
            await asyncio.sleep(RECONNECT_SECONDS)


async def _messages(
    pubsub: redis.asyncio.client.PubSub, idle_seconds: float
) -> AsyncIterator[tuple[str, Any] | None]:
    loop = asyncio.get_running_loop()
    silent_until = loop.time() + idle_seconds
    while True:
        left = max(silent_until - loop.time(), 0.0)
        message = await pubsub.get_message(timeout=left)
        if message is not None:
            body = json.loads(message["data"])
            yield body["event"], body["data"]
        elif loop.time() < silent_until:
            continue  # the confirmation of our subscription
        else:
            yield None
        silent_until = loop.time() + idle_seconds


def _channel(topic: str) -> str:
    return f"events:{topic}"
