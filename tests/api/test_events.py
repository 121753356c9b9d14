"""Browsers hear of answers as they come; strangers hear nothing."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from annotations.models import Image, Membership
from annotations.services.prompt import place_clicks
from ml.models import Checkpoint, Encoding


def stream(monkeypatch: pytest.MonkeyPatch, *messages: tuple[str, Any] | None) -> list[str]:
    """Make the events of any image be `messages`, then no more; returns the topics asked for."""
    asked: list[str] = []

    async def subscribe(*topics: str) -> AsyncIterator[tuple[str, Any] | None]:
        asked.extend(topics)
        for message in messages:
            yield message

    monkeypatch.setattr("annotations.api.events.subscribe", subscribe)
    return asked


def listen(user: Any, image: Image) -> tuple[Any, str]:
    async def get() -> tuple[Any, str]:
        answer: Any
        client = AsyncClient()
        if user is not None:
            await client.aforce_login(user)
        answer = await client.get(f"/api/images/{image.pk}/events/")
        if not answer.streaming:
            return answer, ""
        return answer, "".join([piece.decode() async for piece in answer])

    return async_to_sync(get)()


@pytest.mark.django_db(transaction=True)
def test_answers_are_sent_as_the_api_shows_them(
    monkeypatch: pytest.MonkeyPatch, image: Image, team: Any, client_of: Any
) -> None:
    prompt, _ = place_clicks(user=team["owner"], image=image, id=uuid4(), clicks=[])
    messages = None, ("prediction", {"id": str(prompt.pk)}), ("encoding", {"status": "ready"})
    topics = stream(monkeypatch, *messages)

    answer, text = listen(team["viewer"], image)

    assert topics == [f"image:{image.pk}", "checkpoints"]
    assert answer["Content-Type"] == "text/event-stream"
    assert (answer["Cache-Control"], answer["X-Accel-Buffering"]) == ("no-store", "no")
    comment, prediction, encoding, end = text.split("\n\n")
    assert comment.startswith(": ")
    assert prediction.startswith("event: prediction\ndata: ")
    shown = client_of("viewer").get(f"/api/prompts/{prompt.pk}/").json()
    assert json.loads(prediction.split("data: ")[1]) == shown
    assert encoding == 'event: encoding\ndata: {"status": "ready"}'
    assert end == ""


@pytest.mark.django_db(transaction=True)
def test_a_prompt_that_is_gone_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, image: Image, team: Any
) -> None:
    stream(monkeypatch, ("prediction", {"id": str(uuid4())}), ("encoding", {"status": "failed"}))
    assert listen(team["owner"], image)[1] == 'event: encoding\ndata: {"status": "failed"}\n\n'


@pytest.mark.django_db(transaction=True)
def test_opening_an_image_prepares_it_for_those_who_may_click(
    monkeypatch: pytest.MonkeyPatch, image: Image, team: Any
) -> None:
    stream(monkeypatch)
    Checkpoint.objects.create(name="Newer", sha256="1", file="newer", kind="click", is_active=True)
    listen(team["viewer"], image)
    assert not Encoding.objects.exists()
    listen(team["annotator"], image)
    listen(team["annotator"], image)
    assert Encoding.objects.get().image_sha256 == image.sha256


@pytest.mark.django_db(transaction=True)
def test_who_leaves_the_dataset_hears_no_more(
    monkeypatch: pytest.MonkeyPatch, image: Image, team: Any
) -> None:
    prompt, _ = place_clicks(user=team["owner"], image=image, id=uuid4(), clicks=[])

    async def subscribe(*topics: str) -> AsyncIterator[tuple[str, Any]]:
        await Membership.objects.filter(user=team["viewer"]).adelete()
        yield "prediction", {"id": str(prompt.pk)}
        yield "mask", {"id": str(uuid4()), "version": 1}
        yield "lease_wanted", {"name": "annotator"}

    monkeypatch.setattr("annotations.api.events.subscribe", subscribe)
    assert listen(team["viewer"], image)[1] == ""


@pytest.mark.django_db(transaction=True)
def test_a_stream_gives_its_connection_back_after_each_event(
    monkeypatch: pytest.MonkeyPatch, image: Image, team: Any
) -> None:
    given_back: list[str] = []
    monkeypatch.setattr("annotations.api.events.hang_up", lambda: given_back.append("all"))
    stream(monkeypatch, ("encoding", {"status": "ready"}), None)
    listen(team["viewer"], image)
    assert given_back == ["all"]


@pytest.mark.django_db(transaction=True)
def test_strangers_and_the_unknown_hear_nothing(
    monkeypatch: pytest.MonkeyPatch, image: Image, team: Any
) -> None:
    topics = stream(monkeypatch, ("encoding", {"status": "ready"}))
    stranger, _ = listen(team["stranger"], image)
    assert (stranger.status_code, stranger.json()["code"]) == (404, "not_found")
    nobody, _ = listen(None, image)
    assert (nobody.status_code, nobody.json()["code"]) == (401, "not_authenticated")
    assert topics == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("role", "encodings"), [("annotator", 1), ("viewer", 0)])
def test_who_answers_is_told_and_what_people_have_before_them_is_encoded(
    monkeypatch: pytest.MonkeyPatch, image: Image, team: Any, role: str, encodings: int
) -> None:
    later = Checkpoint(name="c", sha256="cd" * 32, file="c", kind="click", metadata={})

    async def subscribe(*topics: str) -> AsyncIterator[tuple[str, Any]]:
        later.is_active = True
        await later.asave()
        yield "checkpoint", {"id": later.pk}

    monkeypatch.setattr("annotations.api.events.subscribe", subscribe)
    monkeypatch.setattr("ml.services.enqueue", lambda *_, **__: None)
    _, text = listen(team[role], image)
    state = "queued" if encodings else "none"
    assert f'event: checkpoint\ndata: {{"id": {later.pk}, "encoding": "{state}"}}' in text
    assert Encoding.objects.filter(checkpoint=later).count() == encodings
