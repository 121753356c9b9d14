"""Images are given to people by hand, in turns, in batches, and one after the other."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone

from annotations.models import Batch, Dataset, Event, Image, Membership, Notice, Role
from annotations.services.dataset import create_dataset
from annotations.services.group_access import add_group, change_group_role
from annotations.services.notice import email_notice
from tests.factories import make_image


@pytest.fixture
def images(dataset: Dataset, team: Any) -> list[Image]:
    return [make_image(dataset, team["owner"], name=f"{k}.png", seed=k) for k in range(5)]


@pytest.fixture
def owner(client_of: Any) -> Any:
    return client_of("owner")


def assignees(images: list[Image]) -> list[str | None]:
    rows = Image.objects.filter(pk__in=[image.pk for image in images]).order_by("pk")
    return [row.assignee.username if row.assignee else None for row in rows]


def assign(client: Any, dataset: Dataset, images: list[Image], *people: Any, **more: Any) -> Any:
    body = {"images": [image.pk for image in images], "to": [person.pk for person in people]}
    return client.post(f"/api/datasets/{dataset.pk}/assignments/", body | more)


def test_people_take_turns(owner: Any, dataset: Dataset, images: list[Image], team: Any) -> None:
    people = [team["annotator"], team["reviewer"]]
    assert assign(owner, dataset, images, *people, due_on="2026-12-01").json() == {"images": 5}
    turns = ["annotator", "reviewer"]
    assert assignees(images) == [turns[k % 2] for k in range(5)]
    assert Image.objects.filter(due_on=datetime.date(2026, 12, 1)).count() == 5
    told = Notice.objects.order_by("person")
    assert sorted((n.person.username, n.kind, n.images) for n in told) == [
        ("annotator", "assigned", 3),
        ("reviewer", "assigned", 2),
    ]
    assert Event.objects.filter(kind="image.assigned", actor=team["owner"]).count() == 5
    assign(owner, dataset, images[:1], *people)
    assert Notice.objects.count() == 2, "nobody is told what they know"
    assign(owner, dataset, images[:1])
    assert assignees(images[:1]) == [None]


def test_members_tell_to_whom_images_can_be_assigned(
    owner: Any, client_of: Any, dataset: Dataset, images: list[Image], team: Any
) -> None:
    def ids(role: str) -> dict[str, int]:
        rows = client_of(role).get("/api/members/", {"dataset": dataset.pk}).json()["results"]
        return {row["username"]: row["user"] for row in rows}

    everybody = {role: team[role].pk for role in Role.values}
    body = {"images": [images[0].pk], "to": [ids("owner")["annotator"]]}
    assert owner.post(f"/api/datasets/{dataset.pk}/assignments/", body).json() == {"images": 1}
    assert assignees(images[:1]) == ["annotator"]
    assert ids("owner") == ids("viewer") == everybody
    Dataset.objects.update(blind=True)
    assert ids("owner") == everybody
    own = {"reviewer": team["reviewer"].pk}
    assert ids("reviewer") == dict.fromkeys(everybody, 0) | own


def test_what_was_handed_in_stays_with_whom_it_is(
    owner: Any, dataset: Dataset, images: list[Image], team: Any
) -> None:
    Image.objects.filter(pk=images[0].pk).update(status="submitted", assignee=team["reviewer"])
    assert assign(owner, dataset, images[:2], team["annotator"]).json() == {"images": 1}
    assert assignees(images[:2]) == ["reviewer", "annotator"]


@pytest.mark.parametrize("name", ["viewer", "stranger"])
def test_only_who_annotates_is_given_images(
    owner: Any, dataset: Dataset, images: list[Image], team: Any, name: str
) -> None:
    refused = assign(owner, dataset, images, team["annotator"], team[name])
    assert (refused.status_code, refused.json()["field"]) == (400, "to")
    assert assignees(images) == [None] * 5


def test_images_of_others_are_not_touched(owner: Any, dataset: Dataset, team: Any) -> None:
    other = create_dataset(user=team["stranger"], name="Other")
    theirs = make_image(other, team["stranger"])
    assert assign(owner, dataset, [theirs], team["annotator"]).json() == {"images": 0}
    batch = Batch.objects.create(dataset=dataset, name="A", created_by=team["owner"])
    answer = owner.post(f"/api/batches/{batch.pk}/images/", {"images": [theirs.pk]})
    assert answer.json() == {"images": 0}


def test_batches_hold_images_and_their_day(
    owner: Any, dataset: Dataset, images: list[Image]
) -> None:
    def make(name: str) -> Any:
        body = {"dataset": dataset.pk, "name": name, "due_on": "2026-12-24"}
        return owner.post("/api/batches/", body)

    def fill(batch: int, images: list[Image]) -> Any:
        body = {"images": [image.pk for image in images]}
        return owner.post(f"/api/batches/{batch}/images/", body).json()["images"]

    def sizes() -> list[int]:
        return [batch.images.count() for batch in Batch.objects.order_by("pk")]

    first, second = make("A").json()["id"], make("B").json()["id"]
    assert make("A").json()["code"] == "name_taken"
    assert [fill(first, images[:3]), fill(first, images[:3])] == [3, 0]
    assert fill(second, images[2:]) == 3, "out of the other one"
    assert sizes() == [2, 3]
    owner.patch(f"/api/batches/{first}/", {"due_on": "2027-01-02", "version": 1})
    assert Image.objects.filter(due_on=datetime.date(2027, 1, 2)).count() == 2
    owner.delete(f"/api/batches/{first}/")
    assert Image.objects.filter(batch=None, due_on=None).count() == 2


def test_a_day_is_given_changed_and_taken_alone(
    owner: Any, dataset: Dataset, images: list[Image], team: Any
) -> None:
    def send(**fields: Any) -> Any:
        body = {"images": [image.pk for image in images[:2]], **fields}
        return owner.post(f"/api/datasets/{dataset.pk}/assignments/", body)

    def days() -> list[str | None]:
        rows = Image.objects.order_by("pk").values_list("due_on", flat=True)
        return [day and day.isoformat() for day in rows[:3]]

    assert send(to=[team["annotator"].pk], due_on="2026-12-01").json() == {"images": 2}
    assert send(to=[team["reviewer"].pk]).json() == {"images": 2}
    assert days() == ["2026-12-01", "2026-12-01", None], "not sent is as it is"
    assert send(due_on=None).json() == {"images": 2}
    assert days() == [None] * 3
    assert assignees(images[:2]) == ["reviewer"] * 2
    assert send().status_code == 400


def test_images_are_taken_out_of_their_batch(
    owner: Any, dataset: Dataset, images: list[Image], team: Any
) -> None:
    first, second = (
        Batch.objects.create(dataset=dataset, name=name, created_by=team["owner"]) for name in "AB"
    )
    day = datetime.date(2026, 12, 24)
    Image.objects.filter(pk__in=[image.pk for image in images[:2]]).update(batch=first, due_on=day)
    Image.objects.filter(pk=images[2].pk).update(batch=second, due_on=day)
    body = {"images": [image.pk for image in images[1:]]}
    answer = owner.post(f"/api/batches/{first.pk}/images/remove/", body)
    assert answer.json() == {"images": 1}, "of this batch"
    rows = Image.objects.filter(dataset=dataset).order_by("pk").values_list("batch", "due_on")
    assert list(rows[:3]) == [(first.pk, day), (None, None), (second.pk, day)]


def test_who_leaves_leaves_their_images_to_others(
    owner: Any, dataset: Dataset, images: list[Image], team: Any
) -> None:
    assign(owner, dataset, images[:2], team["annotator"])
    Image.objects.filter(pk=images[2].pk).update(status="in_review", reviewer=team["reviewer"])
    for name in ("annotator", "reviewer"):
        member = Membership.objects.get(dataset=dataset, user=team[name])
        assert owner.delete(f"/api/members/{member.pk}/").status_code == 204
    assert assignees(images) == [None] * 5
    images[2].refresh_from_db()
    assert images[2].status == "submitted"


def lower(owner: Any, dataset: Dataset, person: Any, role: str) -> None:
    member = Membership.objects.get(dataset=dataset, user=person)
    body = {"role": role, "version": member.version}
    assert owner.patch(f"/api/members/{member.pk}/", body).status_code == 200


def test_who_annotates_no_more_leaves_their_images_to_others(
    owner: Any, dataset: Dataset, images: list[Image], team: Any, client_of: Any
) -> None:
    assign(owner, dataset, images[:3], team["annotator"])
    Image.objects.filter(pk=images[2].pk).update(status="submitted")
    lower(owner, dataset, team["annotator"], "reviewer")
    assert assignees(images[:3]) == ["annotator"] * 3, "a reviewer annotates, too"
    lower(owner, dataset, team["annotator"], "viewer")
    assert assignees(images[:3]) == [None, None, "annotator"], "what was handed in stays theirs"
    given_back = Event.objects.filter(kind="image.assigned", data__to=None)
    assert [event.image_id for event in given_back] == [image.pk for image in images[:2]]
    assert {event.data["note"] for event in given_back} == {"Their role was changed."}
    assert next_of(client_of("reviewer"), dataset) == "0.png"


def test_who_reviews_no_more_leaves_their_reviews_to_others(
    owner: Any, dataset: Dataset, images: list[Image], team: Any
) -> None:
    assign(owner, dataset, images[:1], team["reviewer"])
    Image.objects.filter(pk=images[1].pk).update(status="in_review", reviewer=team["reviewer"])
    lower(owner, dataset, team["reviewer"], "annotator")
    assert assignees(images[:1]) == ["reviewer"], "that they still do"
    images[1].refresh_from_db()
    assert images[1].status == "submitted"
    event = Event.objects.get(image=images[1], kind="image.state")
    assert (event.data["move"], event.data["note"]) == ("release", "Their role was changed.")


def test_a_lowered_group_leaves_its_work_to_others(
    owner: Any, dataset: Dataset, images: list[Image], team: Any
) -> None:
    group = Group.objects.create(name="Lab")
    group.user_set.add(team["stranger"])
    access = add_group(user=team["owner"], dataset=dataset, group=group, role="annotator")
    assign(owner, dataset, images[:1], team["stranger"])
    assert assignees(images[:1]) == ["stranger"]
    change_group_role(user=team["owner"], access=access, version=access.version, role="viewer")
    assert assignees(images[:1]) == [None]


def test_notices_are_read_by_whom_they_are_for(
    owner: Any, dataset: Dataset, images: list[Image], team: Any, client_of: Any
) -> None:
    assign(owner, dataset, images[:1], team["annotator"])
    annotator = client_of("annotator")
    [notice] = annotator.get("/api/notices/").json()["results"]
    assert notice["url"] == f"/datasets/{dataset.pk}/annotate/{images[0].pk}/"
    assert (notice["actor"]["name"], notice["read_at"]) == ("owner", None)
    client_of("reviewer").post("/api/notices/read/", {"ids": [notice["id"]]})
    assert annotator.get("/api/notices/unread/").json() == {"unread": 1}
    annotator.post("/api/notices/read/", {"ids": [notice["id"]]})
    assert annotator.get("/api/notices/unread/").json() == {"unread": 0}
    Membership.objects.filter(user=team["annotator"]).delete()
    assert annotator.get("/api/notices/").json()["results"] == []


@pytest.mark.parametrize("wants", [True, False])
def test_notices_come_by_email_to_those_who_like_it(
    owner: Any, dataset: Dataset, images: list[Image], team: Any, client_of: Any, *, wants: bool
) -> None:
    team["annotator"].email = "ann@example.org"
    team["annotator"].save()
    client_of("annotator").patch("/api/preferences/", {"email_notices": wants})
    assign(owner, dataset, images[:3], team["annotator"])
    email_notice(notice_id=Notice.objects.get().pk)
    assert [(m.to, m.subject) for m in mail.outbox] == (
        [(["ann@example.org"], "owner has assigned 3 images of “Biopsies” to you")] if wants else []
    )
    assert not wants or f"/datasets/{dataset.pk}/?assignee=me" in mail.outbox[0].body


def next_of(client: Any, dataset: Dataset, after: int = 0, **more: Any) -> str | None:
    answer = client.post("/api/images/next/", {"dataset": dataset.pk, "after": after, **more})
    assert answer.status_code in (200, 204), answer.content
    return answer.json()["name"] if answer.status_code == 200 else None


def test_ones_own_come_first_and_others_never(
    dataset: Dataset, images: list[Image], team: Any, client_of: Any
) -> None:
    annotator = client_of("annotator")
    of = dict(zip("abcde", images, strict=True))
    of["a"].status, of["a"].assignee = "in_progress", team["annotator"]
    of["b"].assignee = team["reviewer"]
    of["d"].assignee = team["annotator"]
    of["e"].status, of["e"].assignee = "returned", team["annotator"]
    for image in images:
        image.save()
    order = []
    after = images[0].pk
    for _ in range(4):
        name = next_of(annotator, dataset, after)
        order.append(name)
        Image.objects.filter(name=name).update(status="accepted")
    assert order == ["4.png", "3.png", "2.png", None], "returned, assigned, nobody's; not one's b"
    assert next_of(annotator, dataset, images[1].pk) == "0.png", "begun before"


def test_two_people_are_given_two_images(
    dataset: Dataset, images: list[Image], team: Any, client_of: Any
) -> None:
    given = [next_of(client_of(role), dataset) for role in ("annotator", "reviewer", "owner")]
    assert given == ["0.png", "1.png", "2.png"]
    assert next_of(client_of("annotator"), dataset) == "0.png", "it is still theirs"
    Image.objects.update(offered_at=timezone.now() - datetime.timedelta(minutes=5))
    assert next_of(client_of("owner"), dataset) == "0.png", "nobody came for it"


def test_reviewers_are_given_what_they_may_review(
    dataset: Dataset, images: list[Image], team: Any, client_of: Any
) -> None:
    Image.objects.filter(name__in=["1.png", "2.png", "3.png"]).update(
        status="submitted", annotator=team["annotator"]
    )
    Image.objects.filter(name="1.png").update(annotator=team["reviewer"])
    Image.objects.filter(name="3.png").update(reviewer=team["reviewer"])
    reviewer = client_of("reviewer")
    assert next_of(reviewer, dataset, review=True) == "3.png", "one that comes back to them"
    assert next_of(reviewer, dataset, images[3].pk, review=True) == "2.png"
    assert next_of(client_of("owner"), dataset, review=True) == "1.png"
    assert next_of(reviewer, dataset, images[2].pk, review=True) == "3.png"
    body = {"dataset": dataset.pk, "review": True}
    assert client_of("annotator").post("/api/images/next/", body).status_code == 403


def test_the_next_one_costs_the_same_however_many_there_are(
    dataset: Dataset, images: list[Image], client_of: Any, django_assert_max_num_queries: Any
) -> None:
    annotator = client_of("annotator")
    Image.objects.update(status="accepted")
    with django_assert_max_num_queries(14):
        assert next_of(annotator, dataset) is None
