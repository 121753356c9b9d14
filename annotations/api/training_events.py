"""Server-sent events about one training run: "run", whenever there is something new of it."""

import json
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from annotations.api.event_stream import hang_up, stream
from annotations.api.training_runs import TrainingRunSerializer
from annotations.exceptions import NotFound
from annotations.permissions import require_administrator
from ml.events import subscribe
from ml.models import TrainingRun


@login_not_required  # the stream knows tokens as well as sessions, and answers in JSON
async def training_events(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Stream the run as GET /api/training-runs/{id}/ has it; a comment keeps the line open."""

    def enter(person: Any) -> TrainingRun:
        require_administrator(person)
        run = TrainingRun.objects.filter(pk=pk).first()
        if run is None:
            raise NotFound("There is no such training run.")
        return run

    return await stream(request, enter, _tell)


async def _tell(person: Any, run: TrainingRun) -> AsyncIterator[str]:
    async for message in subscribe(run.topic):
        if message is None:
            yield ": still here\n\n"
            continue
        told = await sync_to_async(_now)(person, run.pk)
        if told is not None:
            yield f"event: run\ndata: {json.dumps(told)}\n\n"


def _now(person: Any, pk: int) -> dict[str, Any] | None:
    """The run as it is; nothing for who is no administrator any more."""
    try:
        staff = get_user_model().objects.filter(pk=person.pk, is_staff=True, is_active=True)
        run = TrainingRun.objects.filter(pk=pk).first()
        return TrainingRunSerializer(run).data if run and staff.exists() else None
    finally:
        hang_up()
