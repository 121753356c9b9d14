"""What happened is written down once, and nothing rewrites it."""

from typing import Any

import pytest

from annotations.models import Event, Image, Kind
from annotations.models.event import HistoryIsFixed
from annotations.services.event import record_event


def test_nothing_can_rewrite_the_past(image: Image, team: dict[str, Any]) -> None:
    event = record_event(kind=Kind.IMAGE_CHANGED, actor=team["owner"], image=image)
    events = Event.objects.filter(pk=event.pk)
    event.kind = Kind.IMAGE_DELETED
    for rewrite in (
        event.save,
        event.delete,
        events.delete,
        lambda: events.update(kind=Kind.IMAGE_DELETED),
        lambda: Event.objects.bulk_update([event], ["kind"]),
        lambda: Event.objects.update_or_create(pk=event.pk),
        lambda: Event.objects.bulk_create(
            [event], update_conflicts=True, unique_fields=["id"], update_fields=["kind"]
        ),
    ):
        with pytest.raises(HistoryIsFixed):
            rewrite()
    assert events.get().kind == Kind.IMAGE_CHANGED
