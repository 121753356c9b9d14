"""The past of an image can be read, replayed, and returned to."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.exceptions import Conflict
from annotations.formats import label_mask
from annotations.formats.instance import Instance
from annotations.models import Dataset, Event, Image, Mask, Membership
from annotations.services.assignment import assign_images
from annotations.services.history import masks_at, restore_moment
from annotations.services.import_job import create_import, run_import
from annotations.services.mask import delete_mask, save_mask
from annotations.services.purge import empty_trash
from annotations.services.recount import differences
from tests.factories import make_mask, wire_mask

PEOPLE = ("owner", "annotator", "reviewer")
State = dict[UUID, dict[str, Any]]


def live(image: Image) -> State:
    masks = Mask.objects.live().filter(image=image)
    return {
        mask.pk: {
            "bbox": mask.bbox,
            "counts": mask.counts,
            "area": mask.area,
            "label_class": mask.label_class_id,
            "origin": mask.origin,
            "score": mask.score,
            "author": mask.created_by_id,
        }
        for mask in masks
    }


def told(event: Event) -> State:
    """The same, from events alone."""
    return {
        each.mask: {name: each.data[name] for name in each.data if name in _NAMES}
        for each in masks_at(event)
    }


_NAMES = ("bbox", "counts", "area", "label_class", "origin", "score", "author")


def last_event(image: Image) -> Event:
    return Event.objects.of_timeline().filter(image=image).order_by("-pk")[0]


def counts_are_right(dataset: Dataset) -> bool:
    return not [line for line in differences(dataset) if "seconds" not in line]


@st.composite
def deeds(draw: st.DrawFn) -> tuple[Any, ...]:
    """Somebody draws over one of three nuclei, deletes it, or goes back to a moment."""
    person, nucleus = draw(st.sampled_from(PEOPLE)), draw(st.integers(0, 2))
    shape = {
        "x": draw(st.integers(0, 30)),
        "y": draw(st.integers(0, 20)),
        "width": draw(st.integers(1, 9)),
        "height": draw(st.integers(1, 9)),
    }
    what = draw(st.sampled_from(["save", "save", "save", "delete", "return"]))
    return person, nucleus, what, shape, draw(st.floats(0, 1, exclude_max=True))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(script=st.lists(deeds(), min_size=1, max_size=8), rule=st.sampled_from(Dataset.OverlapRule))
def test_events_alone_tell_what_was_and_bring_it_back(
    image: Image, team: dict[str, Any], script: list[Any], rule: str
) -> None:
    Dataset.objects.update(overlap_rule=rule)
    ids = [uuid4() for _ in range(3)]
    begin = last_event(image)
    moments: list[tuple[Event, State]] = [(begin, told(begin))]
    restore_moment(user=team["owner"], image=image, event=Event.objects.earliest("pk"))
    for person, nucleus, what, shape, where in script:
        act(image, team[person], ids[nucleus], what, shape, moments[int(where * len(moments))][0])
        moments.append((last_event(image), live(image)))
        assert told(moments[-1][0]) == live(image)
    for event, state in moments:
        assert told(event) == state, "the past stays"
        restore_moment(user=team["owner"], image=image, event=event)
        assert live(image) == state, "bit for bit"
        assert told(last_event(image)) == state
    image.refresh_from_db()
    assert image.mask_count == len(live(image))
    assert counts_are_right(image.dataset)


def act(image: Image, user: Any, id: UUID, what: str, shape: dict[str, int], event: Event) -> None:
    mask = Mask.objects.filter(pk=id).first()
    there = mask is not None and mask.deleted_at is None
    if what == "return":
        restore_moment(user=user, image=image, event=event)
    elif what == "delete" and there:
        delete_mask(user=user, mask=mask, version=mask.version)
    elif what == "save":
        version = mask.version if there else 0
        with suppress(Conflict):  # by the rule on overlaps nothing of it may be left
            save_mask(
                user=user, image=image, id=id, version=version, origin="drawn", **wire_mask(**shape)
            )


def test_a_moment_comes_back_though_the_trash_was_emptied(
    image: Image, team: dict[str, Any]
) -> None:
    mask = make_mask(image, team["annotator"])
    before, moment = live(image), last_event(image)
    delete_mask(user=team["owner"], mask=mask, version=1)
    empty_trash(now=timezone.now() + timedelta(days=31))
    assert not Mask.objects.exists()
    restore_moment(user=team["reviewer"], image=image, event=moment)
    assert live(image) == before
    assert Mask.objects.get().version == 3


def test_what_an_import_brought_is_part_of_its_moment(image: Image, team: dict[str, Any]) -> None:
    start = last_event(image)
    instances = [Instance(**wire_mask(x=x)) for x in (5, 20)]
    labels, _ = label_mask.paint(image.height, image.width, instances)
    file = SimpleUploadedFile("cells.png", label_mask.to_png(labels))
    job = create_import(user=team["owner"], dataset=image.dataset, format="label_masks", file=file)
    run_import(import_id=job.pk)
    imported, state = last_event(image), live(image)
    assert len(told(imported)) == 2
    assert told(imported) == state
    restore_moment(user=team["owner"], image=image, event=start)
    assert live(image) == {}
    restore_moment(user=team["owner"], image=image, event=imported)
    assert live(image) == state


def test_a_version_saved_again_is_told_as_restored(
    image: Image, client_of: Callable[[str], Any], team: dict[str, Any]
) -> None:
    mask = make_mask(image, team["annotator"])
    drawn = last_event(image)
    body = {"image": image.pk, "origin": "fixed"}
    client = client_of("reviewer")
    client.put(f"/api/masks/{mask.pk}/", body | wire_mask(x=20) | {"version": 1})
    again = body | wire_mask() | {"restores": drawn.pk}
    assert client.put(f"/api/masks/{mask.pk}/", again | {"version": 2}).status_code == 200
    assert (last_event(image).kind, last_event(image).data["restores"]) == (
        "mask.restored",
        drawn.pk,
    )
    # Something else is a change, whatever it says of itself.
    other = again | wire_mask(x=8) | {"version": 3}
    assert client.put(f"/api/masks/{mask.pk}/", other).status_code == 200
    assert last_event(image).kind == "mask.changed"


def test_the_timeline_comes_in_pages_and_by_what_one_looks_for(
    image: Image,
    client_of: Callable[[str], Any],
    team: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("annotations.api.timeline.PAGE_SIZE", 2)
    first = make_mask(image, team["annotator"])
    make_mask(image, team["reviewer"], x=20)
    delete_mask(user=team["reviewer"], mask=first, version=1)
    client, url = client_of("viewer"), f"/api/images/{image.pk}/timeline/"

    def kinds(query: str = "") -> list[str]:
        return [event["kind"] for event in client.get(url + query).json()["events"]]

    page = client.get(url).json()
    assert kinds() == ["mask.deleted", "mask.created"]
    assert page["events"][0]["actor"]["name"] == "reviewer"
    assert kinds(f"?before={page['next']}")[0] == "mask.created"
    assert kinds(f"?mask={first.pk}") == ["mask.deleted", "mask.created"]
    assert kinds(f"?actor={team['annotator'].pk}&kind=mask") == ["mask.created"]
    assert kinds("?kind=image") == ["image.state", "image.uploaded"]
    assert client.get(url + "?before=x").status_code == 400


def test_a_page_of_the_timeline_costs_the_same_however_long(
    image: Image, client_of: Callable[[str], Any], team: dict[str, Any]
) -> None:
    def queries() -> int:
        from django.db import connection

        with CaptureQueriesContext(connection) as captured:
            assert client_of("viewer").get(f"/api/images/{image.pk}/timeline/").status_code == 200
        return len(captured)

    make_mask(image, team["owner"])
    few = queries()
    for x in range(10):
        make_mask(image, team["annotator"], x=x)
    assert queries() == few


def test_masks_of_a_moment_come_in_pages(
    image: Image,
    client_of: Callable[[str], Any],
    team: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("annotations.api.timeline.MASKS_A_PAGE", 2)
    expected = {str(make_mask(image, team["owner"], x=x).pk) for x in range(3)}
    moment = last_event(image)
    make_mask(image, team["owner"], x=20)
    client, url = client_of("viewer"), f"/api/images/{image.pk}/timeline/{moment.pk}/masks/"
    page = client.get(url).json()
    rest = client.get(f"{url}?after={page['next']}").json()
    assert rest["next"] is None
    assert {mask["id"] for mask in page["masks"] + rest["masks"]} == expected
    assert client.get(f"/api/images/{image.pk}/timeline/999999/masks/").status_code == 404


def test_a_moment_is_restored_by_the_api_and_taken_back(
    image: Image, client_of: Callable[[str], Any], team: dict[str, Any]
) -> None:
    make_mask(image, team["owner"])
    moment, early = last_event(image), live(image)
    make_mask(image, team["annotator"], x=20)
    late = live(image)
    client, url = client_of("annotator"), f"/api/images/{image.pk}/timeline/"
    done = client.post(url, {"event": moment.pk}).json()
    assert (done["count"], live(image)) == (1, early)
    assert client.post(url, {"event": moment.pk}).json() == {
        "event": None,
        "count": 0,
        "undo": None,
    }
    client.post(url, {"event": done["undo"]})
    assert live(image) == late
    changes = client.get(f"/api/images/{image.pk}/changes/").json()
    assert changes["masks"] == []
    assert client_of("viewer").post(url, {"event": moment.pk}).status_code == 403


def test_a_blind_dataset_does_not_tell_who_did_what(
    image: Image, client_of: Callable[[str], Any], team: dict[str, Any]
) -> None:
    mask = make_mask(image, team["annotator"])
    Dataset.objects.update(blind=True)
    url = f"/api/images/{image.pk}/timeline/"

    def seen_by(role: str) -> tuple[Any, ...]:
        told = client_of(role).get(f"{url}?mask={mask.pk}").json()["events"][0]
        moment = client_of(role).get(f"{url}{told['id']}/masks/").json()["masks"][0]
        return told["actor"]["id"], told["data"]["author"], moment["author"]

    person = team["annotator"].pk
    assert seen_by("owner") == seen_by("annotator") == (person, person, person)
    assert seen_by("reviewer") == (0, 0, 0)
    assert client_of("reviewer").get(f"{url}?actor={person}").status_code == 400


def test_a_blind_dataset_does_not_tell_who_was_to_do_what(
    image: Image, client_of: Callable[[str], Any], team: dict[str, Any]
) -> None:
    person, dataset = team["annotator"].pk, image.dataset
    for to in ([person], []):
        assign_images(user=team["owner"], dataset=dataset, images=[image.pk], to=to)
    Dataset.objects.update(blind=True)

    def seen_by(role: str) -> list[Any]:
        url = f"/api/images/{image.pk}/timeline/?kind=image.assigned"
        events = client_of(role).get(url).json()["events"]
        return [(event["data"]["was"], event["data"]["to"]) for event in events]

    assert seen_by("owner") == seen_by("annotator") == [(person, None), (None, person)]
    assert seen_by("reviewer") == seen_by("viewer") == [(0, None), (None, 0)]


def test_an_assignment_says_whose_the_image_was_and_became(
    image: Image, dataset: Dataset, client_of: Callable[[str], Any], team: dict[str, Any]
) -> None:
    owner, url = client_of("owner"), f"/api/images/{image.pk}/timeline/?kind=image.assigned"

    def seen_by(role: str) -> list[tuple[Any, ...]]:
        events = client_of(role).get(url).json()["events"]
        ends = [(event["assigned"]["was"], event["assigned"]["to"]) for event in events]
        return [tuple(end and end["name"] for end in each) for each in ends]

    for person in ("annotator", "reviewer"):
        body = {"images": [image.pk], "to": [team[person].pk]}
        owner.post(f"/api/datasets/{dataset.pk}/assignments/", body)
    member = Membership.objects.get(dataset=dataset, user=team["reviewer"])
    owner.delete(f"/api/members/{member.pk}/")
    moves = [("reviewer", None), ("annotator", "reviewer"), (None, "annotator")]
    assert seen_by("viewer") == seen_by("owner") == moves
    assert owner.get(url).json()["events"][0]["data"]["note"] == "They are no member any more."
    Dataset.objects.update(blind=True)
    assert seen_by("owner") == moves
    hidden = "somebody else"
    assert seen_by("viewer") == [(hidden, None), (hidden, hidden), (None, hidden)]
    assert seen_by("annotator") == [(hidden, None), ("annotator", hidden), (None, "annotator")]
