"""Events, heartbeats and messages through a real Redis, which may go and come back."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedded_redis
import pytest
import redis

from ml import broker, heartbeats
from ml.events import publish, subscribe
from sppnet_app.celery import app
from tests.services import Service, wait_until


@pytest.fixture
def server(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A Redis that a test may stop and start again, which settings point to."""
    command, url = embedded_redis.command(tmp_path / "redis")
    settings.REDIS_URL = url
    monkeypatch.setattr(app.conf, "broker_url", url.replace("unix://", "redis+socket://"))
    broker.redis_client.cache_clear()
    service = Service("redis", command, {}, tmp_path / "redis.log")
    start(service, url)
    yield service
    broker.redis_client().close()
    broker.redis_client.cache_clear()
    service.stop()


def start(service: Service, url: str) -> None:
    service.start()
    wait_until(lambda: embedded_redis.answers(url), "an answer from Redis")


async def test_a_listener_hears_what_is_published_on_its_topic(server: Service) -> None:
    listener = subscribe("image:1", idle_seconds=5)
    assert await anext(listener) is None  # it listens from here on
    publish("image:2", "prediction", {"id": "other"})
    publish("image:1", "prediction", {"id": "é", "mask": [1.5, None]})
    publish("image:1", "encoding", {"status": "ready"})
    assert await anext(listener) == ("prediction", {"id": "é", "mask": [1.5, None]})
    assert await anext(listener) == ("encoding", {"status": "ready"})
    await listener.aclose()


async def test_silence_is_broken_by_keep_alives(server: Service) -> None:
    listener = subscribe("image:1", idle_seconds=0.2)
    started = time.monotonic()
    assert [await anext(listener) for _ in range(3)] == [None] * 3
    assert 0.3 < time.monotonic() - started < 3
    await listener.aclose()


async def test_a_listener_outlives_redis(server: Service, settings: Any) -> None:
    listener = subscribe("image:1", idle_seconds=30)
    assert await anext(listener) is None
    server.kill()
    assert await anext(listener) is None  # heard at once, not after the idle time
    publish("image:1", "prediction", {})  # lost, and no error
    start(server, settings.REDIS_URL)
    assert await asyncio.wait_for(anext(listener), 10) is None
    publish("image:1", "prediction", {"id": "7"})
    assert await asyncio.wait_for(anext(listener), 10) == ("prediction", {"id": "7"})
    await listener.aclose()


def test_workers_are_alive_while_they_say_so(server: Service) -> None:
    assert heartbeats.alive() == {"interactive": False, "batch": False, "train": False}
    heartbeats.show(["batch", "train"], hostname="one")
    assert heartbeats.alive() == {"interactive": False, "batch": True, "train": True}
    assert 0 < int(broker.redis_client().ttl("sppnet:worker:batch")) <= 10
    heartbeats.show(["train"], hostname="two")
    heartbeats.hide(["batch", "train"], hostname="one")
    assert heartbeats.alive() == {"interactive": False, "batch": False, "train": True}


def test_without_redis_everything_says_so_quickly(server: Service) -> None:
    server.kill()
    started = time.monotonic()
    assert not any(heartbeats.alive().values())
    assert broker.enqueue("ml.answer_prediction", ["id"], queue="interactive") is False
    publish("image:1", "prediction", {})
    assert time.monotonic() - started < 3


def test_a_silent_redis_holds_nobody_up(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes connections and says nothing, as a frozen machine does."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as frozen:
        url = f"redis://127.0.0.1:{frozen.getsockname()[1]}/0"
        monkeypatch.setattr(app.conf, "broker_url", url)
        started = time.monotonic()
        assert broker.enqueue("ml.answer_prediction", ["id"], queue="interactive") is False
        assert time.monotonic() - started < 8


def test_messages_are_counted_and_work_again_after_a_restart(
    server: Service, settings: Any
) -> None:
    assert broker.enqueue("ml.answer_prediction", ["a", "b"], queue="interactive")
    assert broker.waiting("interactive") == 2
    server.stop()
    with pytest.raises(redis.RedisError):
        broker.waiting("interactive")
    start(server, settings.REDIS_URL)
    assert broker.enqueue("ml.answer_prediction", ["c"], queue="interactive")
    assert broker.waiting("interactive") == 3
