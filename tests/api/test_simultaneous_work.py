"""Repeats do nothing, changes of others are told, and whose session it is matters."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.api import changes
from annotations.models import Image, Mask, MaskWrite
from tests.factories import make_image, make_mask, wire_mask

CHANGES = "/api/images/{image.pk}/changes/"


@pytest.fixture
def annotator(client_of: Any) -> Any:
    return client_of("annotator")


def put(client: Any, id: Any, image: Image, *, version: int = 0, **changes: Any) -> Any:
    body = {"image": image.pk, "origin": "drawn", "version": version, **wire_mask(), **changes}
    return client.put(f"/api/masks/{id}/", body, format="json")


def test_a_repeat_after_somebodys_change_does_nothing(
    annotator: Any, client_of: Any, image: Image
) -> None:
    id, revision = uuid4(), str(uuid4())
    put(annotator, id, image, revision=revision)
    put(client_of("reviewer"), id, image, version=1, **wire_mask(x=20))
    repeat = put(annotator, id, image, revision=revision)
    assert (repeat.status_code, repeat.json()["version"]) == (200, 2)
    assert repeat.json()["bbox"] == wire_mask(x=20)["bbox"]


def test_a_repeated_creation_does_not_bring_a_deleted_mask_back(
    annotator: Any, image: Image
) -> None:
    id, revision = uuid4(), str(uuid4())
    put(annotator, id, image, revision=revision)
    annotator.delete(f"/api/masks/{id}/?version=1")
    repeat = put(annotator, id, image, revision=revision)
    assert repeat.status_code == 200
    assert repeat.json()["deleted_at"] is not None
    assert not Mask.objects.live().exists()


def test_a_repeated_deletion_does_not_delete_what_was_restored(
    annotator: Any, client_of: Any, image: Image
) -> None:
    id, deletion = uuid4(), f"version=1&revision={uuid4()}"
    put(annotator, id, image)
    annotator.delete(f"/api/masks/{id}/?{deletion}")
    put(client_of("reviewer"), id, image)
    assert annotator.delete(f"/api/masks/{id}/?{deletion}").status_code == 204
    assert Mask.objects.live().count() == 1
    image.refresh_from_db()
    assert image.mask_count == 1


def test_asking_for_what_is_already_so_is_a_write_that_can_be_repeated(
    annotator: Any, client_of: Any, image: Image
) -> None:
    id, revision = uuid4(), str(uuid4())
    put(client_of("reviewer"), id, image)
    put(annotator, id, image, revision=revision)
    put(client_of("reviewer"), id, image, version=1, **wire_mask(x=20))
    assert put(annotator, id, image, revision=revision).json()["version"] == 2


def test_a_refused_write_may_be_done_later(annotator: Any, image: Image) -> None:
    id, revision = uuid4(), str(uuid4())
    put(annotator, id, image)
    moved = {"revision": revision, **wire_mask(x=20)}
    assert put(annotator, id, image, version=0, **moved).status_code == 409
    assert put(annotator, id, image, version=1, **moved).json()["version"] == 2


def test_an_id_of_another_write_is_refused(annotator: Any, image: Image) -> None:
    revision = str(uuid4())
    put(annotator, uuid4(), image, revision=revision)
    answer = put(annotator, uuid4(), image, revision=revision)
    assert (answer.status_code, answer.json()["code"]) == (409, "id_reused")
    assert Mask.objects.count() == 1


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_writes_delivered_twice_and_late_leave_what_the_first_delivery_left(
    data: st.DataObject, annotator: Any, image: Image
) -> None:
    """One page writes in order; the network repeats any earlier request at any time."""
    id, version, wanted, log = uuid4(), 0, None, []
    for _ in range(data.draw(st.integers(1, 6))):
        revision = str(uuid4())
        if version and data.draw(st.booleans()):
            log.append(("delete", f"/api/masks/{id}/?version={version}&revision={revision}"))
            version, wanted = 0, None
        else:
            shape = wire_mask(x=data.draw(st.integers(0, 30)))
            body = {"image": image.pk, "origin": "drawn", "version": version, **shape}
            log.append(("put", {**body, "revision": revision}))
            wanted = shape["bbox"]
        for kind, request in [log[-1], *data.draw(st.lists(st.sampled_from(log), max_size=3))]:
            if kind == "delete":
                assert annotator.delete(request).status_code in (204, 404)
            else:
                answer = annotator.put(f"/api/masks/{id}/", request, format="json")
                assert answer.status_code in (200, 201)
                if request is log[-1][1]:
                    version = answer.json()["version"]
    live = Mask.objects.live().filter(pk=id).first()
    assert (live and live.bbox) == wanted


def test_a_conflict_copy_names_the_mask_it_disputes(
    annotator: Any, image: Image, team: Any
) -> None:
    theirs, copy = make_mask(image, team["owner"]), uuid4()
    answer = put(annotator, copy, image, conflict_with=str(theirs.pk), **wire_mask(x=20))
    assert answer.json()["conflict_with"] == str(theirs.pk)
    decided = put(annotator, copy, image, version=1, conflict_with=None, **wire_mask(x=20))
    assert decided.json()["conflict_with"] is None


def test_a_conflict_with_a_mask_of_another_image_is_refused(
    annotator: Any, image: Image, team: Any
) -> None:
    elsewhere = make_image(image.dataset, team["owner"], name="other.png", seed=1)
    other = make_mask(elsewhere, team["owner"])
    answer = put(annotator, uuid4(), image, conflict_with=str(other.pk))
    assert (answer.status_code, answer.json()["field"]) == (400, "conflict_with")


def test_changes_are_those_since_one_looked(
    annotator: Any, image: Image, team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MARGIN", changes.timedelta(0))
    before = make_mask(image, team["owner"])
    first = annotator.get(CHANGES.format(image=image)).json()
    assert (first["masks"], first["more"]) == ([], False)

    put(annotator, before.pk, image, version=1, **wire_mask(x=20))
    added = make_mask(image, team["owner"])
    gone = make_mask(image, team["owner"])
    annotator.delete(f"/api/masks/{gone.pk}/?version=1")
    second = annotator.get(CHANGES.format(image=image), {"since": first["cursor"]}).json()
    assert {(m["id"], m["deleted_at"] is None) for m in second["masks"]} == {
        (str(before.pk), True),
        (str(added.pk), True),
        (str(gone.pk), False),
    }
    third = annotator.get(CHANGES.format(image=image), {"since": second["cursor"]}).json()
    assert third["masks"] == []


def test_what_was_written_a_moment_before_one_looked_is_told_once_more(
    annotator: Any, image: Image, team: Any
) -> None:
    cursor = annotator.get(CHANGES.format(image=image)).json()["cursor"]
    mask = make_mask(image, team["owner"])
    for _ in range(2):
        answer = annotator.get(CHANGES.format(image=image), {"since": cursor}).json()
        assert [m["id"] for m in answer["masks"]] == [str(mask.pk)]
        cursor = answer["cursor"]


def test_many_changes_come_in_pages_without_gaps(
    annotator: Any, image: Image, team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "PAGE_SIZE", 2)
    cursor = annotator.get(CHANGES.format(image=image)).json()["cursor"]
    written = [str(make_mask(image, team["owner"], x=x).pk) for x in range(5)]
    seen: list[str] = []
    more = True
    while more:
        answer = annotator.get(CHANGES.format(image=image), {"since": cursor}).json()
        seen += [mask["id"] for mask in answer["masks"]]
        cursor, more = answer["cursor"], answer["more"]
    assert seen == written


@pytest.mark.parametrize(
    "cursor",
    [
        "yesterday",
        "2026-01-01~x",
        "2026-01-01T00:00:00~" + "0" * 32,
        "0001-01-01T00:00:00+23:59~" + "0" * 32,
    ],
)
def test_a_foreign_cursor_is_refused(annotator: Any, image: Image, cursor: str) -> None:
    answer = annotator.get(CHANGES.format(image=image), {"since": cursor})
    assert (answer.status_code, answer.json()["field"]) == (400, "since")


def test_strangers_learn_of_no_changes(client_of: Any, image: Image) -> None:
    assert client_of("stranger").get(CHANGES.format(image=image)).status_code == 404


@pytest.mark.django_db
def test_an_open_page_is_told_after_the_commit(
    annotator: Any,
    image: Image,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    told: list[Any] = []
    monkeypatch.setattr("annotations.services.mask.publish", lambda *event: told.append(event))
    id = uuid4()
    with django_capture_on_commit_callbacks(execute=True):
        put(annotator, id, image)
        assert told == []
    with django_capture_on_commit_callbacks(execute=True):
        annotator.delete(f"/api/masks/{id}/?version=1")
    assert told == [
        (image.topic, "mask", {"id": str(id), "version": version}) for version in (1, 2)
    ]


def test_what_a_page_sends_never_becomes_another_persons(
    annotator: Any, image: Image, team: Any
) -> None:
    id = uuid4()
    body = {"image": image.pk, "origin": "drawn", "version": 0, **wire_mask()}
    theirs = str(team["reviewer"].pk)
    answer = annotator.put(
        f"/api/masks/{id}/", body, format="json", headers={"X-Signed-In-As": theirs}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "other_account")
    assert not MaskWrite.objects.exists()
    assert not Mask.objects.exists()
    mine = {"X-Signed-In-As": str(team["annotator"].pk)}
    answer = annotator.put(f"/api/masks/{id}/", body, format="json", headers=mine)
    assert answer.status_code == 201
