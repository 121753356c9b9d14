"""Datasets, their members and their classes."""

from typing import Any

import pytest

from annotations.models import Dataset, Membership
from tests.factories import make_image, make_user


@pytest.fixture
def owner(client_of: Any) -> Any:
    return client_of("owner")


def test_whoever_creates_a_dataset_owns_it(client_of: Any) -> None:
    answer = client_of("stranger").post("/api/datasets/", {"name": "Mine", "licence": "CC0"})
    assert answer.status_code == 201
    dataset = answer.json()
    assert (dataset["role"], dataset["licence"], dataset["version"]) == ("owner", "CC0", 1)
    assert [row["name"] for row in dataset["classes"]] == ["Nucleus"]


def test_a_dataset_needs_a_name(owner: Any) -> None:
    answer = owner.post("/api/datasets/", {"name": " "})
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "detail", "errors"}
    assert "name" in answer.json()["errors"]


def test_a_stale_change_of_a_dataset_shows_the_current_one(owner: Any, dataset: Dataset) -> None:
    url = f"/api/datasets/{dataset.pk}/"
    owner.patch(url, {"name": "A", "version": 1})
    answer = owner.patch(url, {"name": "B", "version": 1})
    assert answer.status_code == 409
    assert (answer.json()["current"]["name"], answer.json()["current"]["version"]) == ("A", 2)


def test_the_list_shows_each_dataset_once_with_ones_role(
    client_of: Any, dataset: Dataset, django_assert_num_queries: Any
) -> None:
    client = client_of("viewer")
    with django_assert_num_queries(5):  # session, user, datasets, classes, those in the trash
        rows = client.get("/api/datasets/").json()["results"]
    assert [(row["id"], row["role"]) for row in rows] == [(dataset.pk, "viewer")]


def test_a_deleted_dataset_can_be_brought_back(owner: Any, dataset: Dataset) -> None:
    owner.delete(f"/api/datasets/{dataset.pk}/")
    assert owner.get("/api/datasets/").json()["results"] == []
    Dataset.objects.update(deleted_at=None)
    assert owner.get("/api/datasets/").json()["results"]


def test_members_are_listed_with_their_own_roles(client_of: Any, dataset: Dataset) -> None:
    rows = client_of("viewer").get(f"/api/members/?dataset={dataset.pk}").json()["results"]
    assert {row["username"]: row["role"] for row in rows} == {
        role: role for role in ("owner", "admin", "annotator", "reviewer", "viewer")
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"username": "nobody", "role": "viewer"}, "unknown_user"),
        ({"username": "viewer", "role": "viewer"}, "already_member"),
        ({"username": "stranger", "role": "king"}, "invalid"),
    ],
)
def test_a_member_must_exist_be_new_and_have_a_role(
    owner: Any, dataset: Dataset, body: dict[str, str], code: str
) -> None:
    answer = owner.post("/api/members/", {"dataset": dataset.pk, **body})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_the_last_owner_stays(owner: Any, dataset: Dataset, team: Any) -> None:
    membership = Membership.objects.get(dataset=dataset, user=team["owner"])
    url = f"/api/members/{membership.pk}/"
    assert owner.delete(url).json()["code"] == "last_owner"
    assert owner.patch(url, {"role": "viewer", "version": 1}).json()["code"] == "last_owner"
    second = Membership.objects.get(dataset=dataset, user=team["reviewer"])
    owner.patch(f"/api/members/{second.pk}/", {"role": "owner", "version": 1})
    assert owner.delete(url).status_code == 204
    assert owner.get(f"/api/datasets/{dataset.pk}/").status_code == 404


def test_an_admin_does_all_but_delete_the_dataset_and_name_owners(
    client_of: Any, dataset: Dataset, team: Any
) -> None:
    admin = client_of("admin")
    body = {"dataset": dataset.pk, "username": "stranger"}
    refused = admin.post("/api/members/", body | {"role": "owner"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert admin.post("/api/members/", body | {"role": "admin"}).status_code == 201
    of = {row.role: f"/api/members/{row.pk}/" for row in Membership.objects.exclude(role="admin")}
    assert admin.patch(of["viewer"], {"role": "owner", "version": 1}).status_code == 403
    assert admin.patch(of["owner"], {"role": "viewer", "version": 1}).status_code == 403
    assert admin.delete(of["owner"]).status_code == 403
    assert admin.delete(f"/api/datasets/{dataset.pk}/").status_code == 403
    assert admin.patch(of["viewer"], {"role": "reviewer", "version": 1}).status_code == 200
    renamed = admin.patch(f"/api/datasets/{dataset.pk}/", {"name": "B", "version": 1})
    assert renamed.status_code == 200


def test_a_member_cannot_be_moved_to_another_dataset(owner: Any, dataset: Dataset) -> None:
    member = Membership.objects.get(dataset=dataset, role="viewer")
    answer = owner.patch(
        f"/api/members/{member.pk}/", {"dataset": 1, "role": "owner", "version": 1}
    )
    assert answer.status_code == 400


def test_an_owner_of_one_dataset_is_nobody_in_another(
    client_of: Any, owner: Any, dataset: Dataset
) -> None:
    theirs = client_of("stranger").post("/api/datasets/", {"name": "Theirs"}).json()
    body = {"dataset": theirs["id"], "username": "owner", "role": "owner"}
    assert owner.post("/api/members/", body).status_code == 404
    body = {"dataset": theirs["id"], "name": "Mine", "color": "#000000"}
    assert owner.post("/api/classes/", body).status_code == 404


def test_classes_line_up_and_keep_their_names_apart(owner: Any, dataset: Dataset) -> None:
    body = {"dataset": dataset.pk, "name": "Mitotic", "color": "#cc79a7"}
    assert owner.post("/api/classes/", body).json()["position"] == 1
    again = owner.post("/api/classes/", body)
    assert (again.status_code, again.json()["code"]) == (400, "name_taken")
    assert owner.post("/api/classes/", {**body, "name": "X", "color": "red"}).status_code == 400


def test_a_deactivated_person_cannot_be_added(owner: Any, dataset: Dataset) -> None:
    make_user("gone", is_active=False)
    body = {"dataset": dataset.pk, "username": "gone", "role": "viewer"}
    assert owner.post("/api/members/", body).json()["code"] == "unknown_user"


def test_pages_of_images_follow_the_cursor(owner: Any, dataset: Dataset, team: Any) -> None:
    for seed in range(3):
        make_image(dataset, team["owner"], name=f"{seed}.png", seed=seed)
    page = owner.get(f"/api/images/?dataset={dataset.pk}&page_size=2").json()
    assert [row["name"] for row in page["results"]] == ["0.png", "1.png"]
    assert [row["name"] for row in owner.get(page["next"]).json()["results"]] == ["2.png"]
