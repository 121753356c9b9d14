"""People talk about an image where it matters, and hear of what concerns them."""

from typing import Any
from uuid import uuid4

import pytest

from annotations.models import Comment, Dataset, Image, Mask, Notice, Verdict
from annotations.services import comment as comments
from tests.factories import make_mask


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Redis."""
    for service in ("comment", "flow", "mask"):
        monkeypatch.setattr(f"annotations.services.{service}.publish", lambda *args: None)


def say(client: Any, image: Image, text: str, id: Any = None, **more: Any) -> Any:
    body = {"image": image.pk, "text": text, **more}
    return client.put(f"/api/comments/{id or uuid4()}/", body)


def threads(image: Image) -> int:
    image.refresh_from_db()
    assert image.open_threads == Comment.objects.filter(image=image).open_threads().count()
    return image.open_threads


def test_a_thread_is_begun_answered_and_settled(image: Image, client_of: Any) -> None:
    annotator, reviewer = client_of("annotator"), client_of("reviewer")
    first = say(reviewer, image, "Two nuclei?", x=4.5, y=10).json()
    answer = say(annotator, image, "One.", thread=first["id"]).json()
    assert (answer["thread"], answer["author"]["name"]) == (first["id"], "annotator")
    assert threads(image) == 1
    listed = annotator.get(f"/api/comments/?image={image.pk}").json()["results"]
    assert {(row["text"], row["x"], row["resolved"]) for row in listed} == {
        ("Two nuclei?", 4.5, False),
        ("One.", None, False),
    }
    path = f"/api/comments/{first['id']}/"
    for resolved, left in ((True, 0), (True, 0), (False, 1)):
        assert annotator.patch(path, {"resolved": resolved}).json()["resolved"] is resolved
        assert threads(image) == left
    refused = annotator.patch(f"/api/comments/{answer['id']}/", {"resolved": True})
    assert refused.status_code == 400


def test_saying_something_twice_says_it_once(image: Image, client_of: Any) -> None:
    id = uuid4()
    annotator = client_of("annotator")
    codes = [say(annotator, image, "Here.", id).status_code for _ in range(2)]
    assert (codes, threads(image)) == ([201, 200], 1)
    assert say(client_of("reviewer"), image, "Mine.", id).json()["code"] == "id_reused"


def test_comments_are_pinned_to_what_is_there(image: Image, client_of: Any, team: Any) -> None:
    annotator = client_of("annotator")
    mask = make_mask(image, team["annotator"])
    assert say(annotator, image, "This one.", mask=str(mask.pk)).json()["mask"] == str(mask.pk)
    for wrong in ({"mask": str(uuid4())}, {"x": 41, "y": 1}, {"x": 3}, {"thread": str(uuid4())}):
        assert say(annotator, image, "Nowhere.", **wrong).status_code == 400
    assert say(annotator, image, " ").status_code == 400


def test_ones_own_is_taken_back_by_oneself_or_a_manager(image: Image, client_of: Any) -> None:
    paths = [
        f"/api/comments/{say(client_of('annotator'), image, 'Hm.').json()['id']}/" for _ in range(2)
    ]
    assert client_of("reviewer").delete(paths[0]).status_code == 403
    assert client_of("annotator").delete(paths[0]).status_code == 204
    assert client_of("owner").delete(paths[1]).status_code == 204
    assert threads(image) == 0
    assert client_of("annotator").get(paths[0]).status_code == 404


def test_who_is_mentioned_or_answered_is_told(image: Image, client_of: Any, team: Any) -> None:
    first = say(client_of("reviewer"), image, "Look, @annotator. And @stranger, @nobody!").json()
    assert [(n.person.username, n.kind) for n in Notice.objects.all()] == [
        ("annotator", "mentioned")
    ]
    say(client_of("owner"), image, "@viewer: see?", thread=first["id"])
    say(client_of("reviewer"), image, "Yes.", thread=first["id"])
    told = [(n.person.username, n.kind) for n in Notice.objects.order_by("id")[1:]]
    assert told == [("viewer", "mentioned"), ("reviewer", "answered"), ("owner", "answered")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@a.b+c@d-e_f: yes", ["a.b+c@d-e_f"]),
        ("ask @ann, @bob.", ["ann", "bob"]),
        ("mail me@example.org", []),
        ("@", []),
    ],
)
def test_mentions_are_found_where_people_write_them(text: str, names: list[str]) -> None:
    assert comments.MENTION.findall(text) == names


def review(image: Image, team: Any) -> None:
    Image.objects.filter(pk=image.pk).update(
        status="in_review", reviewer=team["reviewer"], annotator=team["annotator"]
    )


def test_what_a_return_says_stays_with_the_image(image: Image, client_of: Any, team: Any) -> None:
    review(image, team)
    reviewer = client_of("reviewer")
    reviewer.post(f"/api/images/{image.pk}/return/", {"version": 1, "note": "Mind the border."})
    assert (threads(image), Comment.objects.get().text) == (1, "Mind the border.")
    assert Notice.objects.get().kind == "returned"
    review(image, team)
    again = reviewer.post(f"/api/images/{image.pk}/return/", {"version": 2})
    assert again.status_code == 200, "what is open says enough"


def test_a_reviewer_judges_single_nuclei(image: Image, client_of: Any, team: Any) -> None:
    mask = make_mask(image, team["annotator"])
    path, reviewer = f"/api/masks/{mask.pk}/verdict/", client_of("reviewer")

    def judge(client: Any, choice: str, version: int = 1) -> Any:
        return client.put(path, {"choice": choice, "version": version})

    assert judge(reviewer, "accepted").json()["code"] == "not_in_review"
    review(image, team)
    assert judge(client_of("owner"), "accepted").json()["code"] == "not_in_review"
    assert judge(reviewer, "returned").json()["choice"] == "returned"
    assert judge(reviewer, "accepted").json()["choice"] == "accepted"
    Mask.objects.update(version=2)
    stale = judge(reviewer, "accepted")
    assert (stale.status_code, stale.json()["current"]["version"]) == (409, 2)
    assert judge(reviewer, "fixed", 2).status_code == 200
    [row] = client_of("annotator").get(f"/api/images/{image.pk}/verdicts/").json()
    assert (row["choice"], row["mask_version"]) == ("fixed", 2)
    assert Verdict.objects.count() == 1


@pytest.mark.parametrize("reader", ["annotator", "reviewer", "owner"])
def test_in_a_blind_dataset_only_managers_learn_who_it_was(
    dataset: Dataset,
    image: Image,
    client_of: Any,
    team: Any,
    reader: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Dataset.objects.update(blind=True)
    for person in ("annotator", "reviewer"):
        make_mask(image, team[person], x=20 if person == "reviewer" else 5)
        say(client_of(person), image, f"@{reader}", x=1, y=1)
    Image.objects.update(
        status="in_review",
        assignee=team["annotator"],
        annotator=team["annotator"],
        reviewer=team["reviewer"],
    )
    client = client_of(reader)
    shown = client.get(f"/api/images/{image.pk}/").json()
    since = client.get(f"/api/images/{image.pk}/changes/").json()["cursor"]
    answers = [
        shown,
        client.get(f"/api/images/?dataset={dataset.pk}").json(),
        client.get(f"/api/masks/?image={image.pk}").json(),
        client.get(f"/api/images/{image.pk}/changes/?since={since}").json(),
        client.get(f"/api/comments/?image={image.pk}").json(),
        client.get("/api/notices/").json(),
        client.get(f"/api/images/{image.pk}/timeline/").json(),
        client.post(f"/api/images/{image.pk}/review/", {"version": 1}).json(),
    ]
    for other in {"annotator", "reviewer"} - {reader}:
        id = team[other].pk
        told = [f": '{other}'" in str(answer) for answer in answers]
        authors = [row["author"] for row in answers[2]["results"]]
        assert (any(told), id in authors) == ((True, True) if reader == "owner" else (False, False))
    if reader != "owner":
        own = [row for row in answers[2]["results"] if row["author"] == team[reader].pk]
        assert [row["created_by"] for row in own] == [reader], "one's own is one's own"
