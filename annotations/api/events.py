"""Server-sent events about one image: answers to prompts, how far its encoding is, who answers."""

import json
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from annotations.api.event_stream import hang_up, stream
from annotations.api.prompts import PromptSerializer
from annotations.models import Image, Prompt
from annotations.permissions import Verb, get_permitted, may
from annotations.services.image import prepare_image
from ml.events import CHECKPOINTS, subscribe
from ml.models import Checkpoint


@login_not_required  # the stream knows tokens as well as sessions, and answers in JSON
async def image_events(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Stream "prediction", "encoding" and "checkpoint" events, and what people do to the image.

    A comment every 15 s keeps the line open.
    """

    def enter(person: Any) -> Image:
        image: Image = get_permitted(Image.objects, user=person, verb=Verb.VIEW, pk=pk)
        _prepare(person, image)
        return image

    return await stream(request, enter, _stream)


def _prepare(person: Any, image: Image) -> None:
    """Have the image encoded if `person` may annotate it: whoever listens is about to click, and
    what people have before them comes first. The checkpoint may be newer than the upload."""
    for row in Image.objects.visible_to(person).filter(pk=image.pk):
        if may(row.my_role, Image, Verb.ANNOTATE):
            prepare_image(image=row)


async def _stream(person: Any, image: Image) -> AsyncIterator[str]:
    async for message in subscribe(image.topic, CHECKPOINTS):
        if message is None:
            yield ": still here\n\n"
            continue
        event, data = message
        told = await sync_to_async(_told)(person, image, event, data)
        if told is not None:
            yield f"event: {event}\ndata: {json.dumps(told)}\n\n"


def _told(person: Any, image: Image, event: str, data: dict[str, Any]) -> dict[str, Any] | None:
    """What a listener is told: nothing any more who has left the dataset meanwhile."""
    try:
        if event == "prediction":
            return _prompt(person, data["id"])
        if not Image.objects.visible_to(person).filter(pk=image.pk).exists():
            return None
        if event == "checkpoint":
            _prepare(person, image)
            return _checkpoint(image)
        return data
    finally:
        hang_up()


def _checkpoint(image: Image) -> dict[str, Any]:
    """Which checkpoint answers clicks on the image now, and how far it is with the image."""
    active = Checkpoint.objects.active(image.scope).first()
    row = Image.objects.with_encoding().get(pk=image.pk)
    return {"id": active and active.pk, "encoding": row.encoding}


def _prompt(person: Any, pk: str) -> dict[str, Any] | None:
    """The same JSON as GET /api/prompts/{id}/."""
    prompts = Prompt.objects.visible_to(person).select_related("prediction")
    prompt = prompts.filter(pk=pk).first()
    return None if prompt is None else PromptSerializer(prompt).data
