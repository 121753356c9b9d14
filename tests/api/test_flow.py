"""An image goes from hand to hand by the moves of one table, and each of them is written down."""

from collections.abc import Callable
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from annotations.exceptions import Conflict
from annotations.models import Dataset, Event, Image, Kind
from annotations.services import flow
from annotations.services.flow import TABLE, Move, move_image
from tests.factories import make_image, make_mask, wire_mask

Status = Image.Status


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What pages that have the image open hear."""
    told: list[Any] = []
    monkeypatch.setattr(flow, "publish", lambda topic, event, data: told.append((event, data)))
    monkeypatch.setattr("annotations.services.mask.publish", lambda *args: None)
    return told


@pytest.fixture
def reviewed(dataset: Dataset) -> Dataset:
    """A dataset whose images are reviewed, by somebody else."""
    Dataset.objects.filter(pk=dataset.pk).update(review_required=True)
    dataset.refresh_from_db()
    return dataset


@pytest.fixture
def move(client_of: Any, image: Image) -> Callable[..., Any]:
    """(role, move, note) -> the answer to that move with the version as it is now."""

    def move(role: str, move: str, note: str = "", version: int | None = None) -> Any:
        image.refresh_from_db()
        body = {"version": version or image.version, "note": note}
        return client_of(role).post(f"/api/images/{image.pk}/{move}/", body)

    return move


def draw(client: Any, image: Image, id: Any = None, version: int = 0, **shape: int) -> Any:
    body = {"image": image.pk, "origin": "drawn", "version": version, **wire_mask(**shape)}
    return client.put(f"/api/masks/{id or uuid4()}/", body)


def test_there_and_back_and_accepted(
    reviewed: Dataset, image: Image, client_of: Any, move: Any, team: Any
) -> None:
    assert draw(client_of("annotator"), image).status_code == 201
    answers = [
        move("annotator", "submit"),
        move("reviewer", "review"),
        move("reviewer", "return", "The left border is off."),
    ]
    assert [answer.json()["status"] for answer in answers] == ["submitted", "in_review", "returned"]
    draw(client_of("annotator"), image, x=20)
    image.refresh_from_db()
    assert image.status == Status.IN_PROGRESS, "whoever changes something has begun"
    move("annotator", "submit")
    move("reviewer", "review")
    last = move("reviewer", "accept").json()
    assert last["status"] == "accepted"
    assert (last["annotator"]["name"], last["reviewer"]["name"]) == ("annotator", "reviewer")
    events = Event.objects.filter(image=image, kind=Kind.IMAGE_STATE)
    assert [(e.actor.username, e.data["move"], e.data["to"]) for e in events] == [
        ("annotator", "start", "in_progress"),
        ("annotator", "submit", "submitted"),
        ("reviewer", "review", "in_review"),
        ("reviewer", "return", "returned"),
        ("annotator", "start", "in_progress"),
        ("annotator", "submit", "submitted"),
        ("reviewer", "review", "in_review"),
        ("reviewer", "accept", "accepted"),
    ]
    assert events[3].data["note"] == "The left border is off."


def test_without_review_what_is_submitted_is_accepted(image: Image, move: Any) -> None:
    assert move("annotator", "submit").json()["status"] == "accepted"
    assert move("annotator", "reopen").json()["status"] == "in_progress"


@pytest.mark.parametrize(("status", "name"), list(product(Status, Move)))
def test_only_what_the_table_names_is_possible(
    reviewed: Dataset, image: Image, team: Any, status: Status, name: Move
) -> None:
    Image.objects.filter(pk=image.pk).update(status=status, reviewer=team["reviewer"])

    def make() -> Image:
        return move_image(user=team["reviewer"], image=image, move=name, version=1, note="why")

    undoes_a_review = (status, name) == (Status.ACCEPTED, Move.REOPEN)
    if status in TABLE[name].origins and not undoes_a_review:
        assert make().status == TABLE[name].target
        return
    with pytest.raises(Conflict) as refused:
        make()
    assert refused.value.code == "wrong_state"
    image.refresh_from_db()
    assert (image.status, image.version) == (status, 1), "nothing is half moved"


def test_what_is_impossible_is_refused_by_name(image: Image, move: Any) -> None:
    refused = move("reviewer", "accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert refused.json()["detail"] == (
        "“cells.png” has the status “New”; it cannot be accepted now."
    )


def test_a_move_needs_the_version_that_was_seen(image: Image, move: Any) -> None:
    move("annotator", "submit")
    move("annotator", "reopen")
    stale = move("annotator", "submit", version=1)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert stale.json()["current"]["status"] == "in_progress"


def test_of_two_reviewers_the_second_is_told_who_was_first(
    reviewed: Dataset, image: Image, move: Any
) -> None:
    seen = move("annotator", "submit").json()["version"]
    assert move("reviewer", "review", version=seen).status_code == 200
    second = move("owner", "review", version=seen)
    assert second.status_code == 409
    assert second.json()["detail"] == "reviewer is reviewing this image."
    assert move("owner", "accept").status_code == 409
    assert move("owner", "release").json()["status"] == "submitted", "whoever is away lets go"
    assert move("owner", "review").status_code == 200


def test_nobody_reviews_their_own_work(
    reviewed: Dataset, image: Image, move: Any, team: Any, client_of: Any
) -> None:
    make_mask(image, team["reviewer"])
    move("annotator", "submit")
    refused = move("reviewer", "review")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert "another person" in refused.json()["detail"]
    assert "review" not in client_of("reviewer").get(f"/api/images/{image.pk}/").json()["moves"]
    Dataset.objects.update(independent_review=False)
    assert move("reviewer", "review").status_code == 200


def test_what_a_reviewer_corrects_is_not_their_own_work(
    reviewed: Dataset, image: Image, move: Any, client_of: Any
) -> None:
    move("annotator", "submit")
    move("reviewer", "review")
    assert draw(client_of("reviewer"), image).status_code == 201
    move("reviewer", "return", "Please look once more.")
    move("annotator", "submit")
    assert move("reviewer", "review").status_code == 200


def test_a_return_says_what_to_change(reviewed: Dataset, image: Image, move: Any) -> None:
    move("annotator", "submit")
    move("reviewer", "review")
    refused = move("reviewer", "return", "  ")
    assert (refused.status_code, refused.json()["field"]) == (400, "note")


def test_what_was_handed_in_keeps_still(
    reviewed: Dataset, image: Image, move: Any, client_of: Any, team: Any
) -> None:
    mask = make_mask(image, team["annotator"])
    late = draw(client_of("annotator"), image, mask.pk, version=1, x=9)
    assert late.status_code == 200
    move("annotator", "submit")
    for role in ("annotator", "reviewer"):
        refused = draw(client_of(role), image, mask.pk, version=2, x=20)
        assert (refused.status_code, refused.json()["code"]) == (409, "image_closed")
    move("reviewer", "review")
    assert client_of("annotator").delete(f"/api/masks/{mask.pk}/?version=2").status_code == 409
    closed = client_of("annotator").get(f"/api/images/{image.pk}/").json()["closed"]
    assert closed == "reviewer is reviewing this image."
    assert draw(client_of("reviewer"), image, mask.pk, version=2, x=20).status_code == 200
    move("reviewer", "accept")
    assert draw(client_of("reviewer"), image, x=2).status_code == 409
    repeated = draw(client_of("annotator"), image, mask.pk, version=2, x=20)
    assert repeated.status_code == 200, "what is there already is not refused"


def test_a_setting_off_leaves_accepted_images_open(image: Image, move: Any, client_of: Any) -> None:
    move("annotator", "submit")
    assert draw(client_of("annotator"), image).status_code == 201
    image.refresh_from_db()
    assert image.status == Status.ACCEPTED


def test_who_begins_with_an_image_has_it(
    dataset: Dataset, image: Image, client_of: Any, team: Any
) -> None:
    draw(client_of("annotator"), image)
    draw(client_of("owner"), image, x=20)
    image.refresh_from_db()
    assert (image.assignee, image.version) == (team["annotator"], 1)
    other = make_image(dataset, team["owner"], name="other.png", seed=2)
    Image.objects.filter(pk=other.pk).update(assignee=team["reviewer"])
    draw(client_of("annotator"), other)
    other.refresh_from_db()
    assert other.assignee == team["reviewer"]


def test_open_pages_hear_of_it(
    image: Image, move: Any, told: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        move("annotator", "submit")
    assert told == [("state", {"status": "accepted", "version": 2})]


def test_a_page_learns_what_can_be_done(reviewed: Dataset, image: Image, client_of: Any) -> None:
    def moves(role: str) -> list[str]:
        return list(client_of(role).get(f"/api/images/{image.pk}/").json()["moves"])

    assert [moves(role) for role in ("annotator", "viewer")] == [["submit"], []]
    Image.objects.update(status=Status.SUBMITTED)
    assert moves("annotator") == ["reopen"]
    assert moves("reviewer") == ["reopen", "review"]
