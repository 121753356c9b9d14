"""What happened is written down once, and nothing rewrites it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotations.exceptions import StaleVersion
from annotations.formats import label_mask
from annotations.formats.instance import Instance
from annotations.models import Dataset, Event, Image, Kind, Membership
from annotations.models.append_only import HistoryIsFixed
from annotations.services.event import record_event
from annotations.services.import_job import create_import, run_import
from annotations.services.mask import delete_mask, save_mask
from annotations.services.prompt import PlacedClick, place_clicks
from tests.factories import make_mask, wire_mask


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


def told(image: Image) -> list[tuple[str, str | None]]:
    """What the timeline of the image says: (kind, by whom), oldest first, uploads left out."""
    events = Event.objects.of_timeline().filter(image=image).exclude(kind=Kind.IMAGE_UPLOADED)
    return [(event.kind, event.actor and event.actor.username) for event in events]


def test_each_write_of_a_mask_is_told_once(image: Image, team: dict[str, Any]) -> None:
    prompt, _ = place_clicks(
        user=team["annotator"], image=image, id=uuid4(), clicks=[PlacedClick(uuid4(), 6, 5, True)]
    )
    id = uuid4()
    drawn = wire_mask() | {"origin": "accepted", "prediction": prompt.pk, "score": 0.5}
    for _ in range(2):
        mask, _ = save_mask(user=team["annotator"], image=image, id=id, version=0, **drawn)
    fixed = wire_mask(x=20) | {"origin": "fixed"}
    for _ in range(2):
        save_mask(user=team["reviewer"], image=image, id=id, version=1, **fixed)
    for _ in range(2):
        delete_mask(user=team["owner"], mask=mask, version=2)
    save_mask(user=team["reviewer"], image=image, id=id, version=0, **fixed)
    assert told(image)[-4:] == [
        ("mask.created", "annotator"),
        ("mask.changed", "reviewer"),
        ("mask.deleted", "owner"),
        ("mask.restored", "reviewer"),
    ]
    created, changed, deleted, restored = Event.objects.filter(mask=id)
    assert created.prediction == prompt.pk
    assert created.dataset_id == image.dataset_id
    assert [e.data["version"] for e in (created, changed, deleted, restored)] == [1, 2, 3, 4]
    assert {name: created.data[name] for name in wire_mask()} == wire_mask()
    assert (created.data["score"], created.data["area"]) == (0.5, 18)
    assert deleted.data == {"version": 3}


def test_a_refused_write_is_not_told(image: Image, team: dict[str, Any]) -> None:
    mask = make_mask(image, team["owner"])
    before = told(image)
    with pytest.raises(StaleVersion):
        save_mask(
            user=team["reviewer"],
            image=image,
            id=mask.pk,
            version=7,
            origin="drawn",
            **wire_mask(x=20),
        )
    assert told(image) == before


def test_what_gives_way_is_part_of_what_took_its_place(image: Image, team: dict[str, Any]) -> None:
    Dataset.objects.update(overlap_rule=Dataset.OverlapRule.NEWER_WINS)
    partly = make_mask(image, team["owner"], x=5)
    wholly = make_mask(image, team["owner"], x=20)
    mask = make_mask(image, team["annotator"], x=8, width=25)
    event = Event.objects.get(mask=mask.pk)
    parts = {part.mask: part for part in Event.objects.filter(batch=event)}
    assert {id: part.kind for id, part in parts.items()} == {
        partly.pk: "mask.changed",
        wholly.pk: "mask.deleted",
    }
    assert parts[partly.pk].data["area"] == 9
    assert {part.actor for part in parts.values()} == {team["annotator"]}
    assert told(image)[-1] == ("mask.created", "annotator")


def test_an_import_is_one_event_for_each_image(image: Image, team: dict[str, Any]) -> None:
    instances = [Instance(**wire_mask(x=x)) for x in (5, 20)]
    labels, _ = label_mask.paint(image.height, image.width, instances)
    file = SimpleUploadedFile("cells.png", label_mask.to_png(labels))
    job = create_import(
        user=team["annotator"], dataset=image.dataset, format="label_masks", file=file
    )
    run_import(import_id=job.pk)
    event = Event.objects.of_timeline().get(kind=Kind.MASKS_IMPORTED)
    assert (event.image, event.actor) == (image, team["annotator"])
    assert event.data == {"import": job.pk, "file": "cells.png", "count": 2}
    parts = Event.objects.filter(batch=event)
    assert {part.mask for part in parts} == set(image.masks.values_list("pk", flat=True))
    assert {part.kind for part in parts} == {"mask.created"}


def test_what_is_done_to_a_dataset_is_told(
    dataset: Dataset, image: Image, client_of: Callable[[str], Any]
) -> None:
    owner, label_class = client_of("owner"), dataset.classes.get()
    member = Membership.objects.get(dataset=dataset, role="viewer")
    owner.patch(f"/api/datasets/{dataset.pk}/", {"name": "New", "licence": "", "version": 1})
    owner.patch(f"/api/datasets/{dataset.pk}/", {"name": "New", "version": 2})
    owner.patch(f"/api/images/{image.pk}/", {"name": "a.png", "version": 1})
    owner.patch(f"/api/classes/{label_class.pk}/", {"name": "Lymphocyte", "version": 1})
    owner.delete(f"/api/classes/{label_class.pk}/")
    owner.patch(f"/api/members/{member.pk}/", {"role": "reviewer", "version": 1})
    owner.delete(f"/api/members/{member.pk}/")
    owner.delete(f"/api/datasets/{dataset.pk}/")
    events = Event.objects.filter(dataset=dataset)
    assert [event.kind for event in events] == [
        "dataset.created",
        "image.uploaded",
        "dataset.changed",
        "image.changed",
        "class.changed",
        "class.deleted",
        "member.changed",
        "member.removed",
        "dataset.deleted",
    ]
    assert {event.actor.username for event in events if event.actor} == {"owner"}
    data = {event.kind: event.data for event in events}
    assert data["dataset.changed"] == {"name": ["Biopsies", "New"]}
    assert data["class.changed"]["changed"] == {"name": ["Nucleus", "Lymphocyte"]}
    assert data["member.changed"] == {"member": "viewer", "role": ["viewer", "reviewer"]}


def test_clicks_are_told_with_what_they_asked(image: Image, team: dict[str, Any]) -> None:
    id, click = uuid4(), PlacedClick(uuid4(), 6, 5, True)
    for _ in range(2):
        place_clicks(user=team["annotator"], image=image, id=id, clicks=[click])
    event = Event.objects.get(kind=Kind.PROMPT_ASKED)
    assert (event.prediction, event.image) == (id, image)
    assert event.data == {"clicks": [[6, 5, True]]}
