"""Groups of people: whoever enters or leaves one enters or leaves its datasets."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from rest_framework.test import APIClient

from annotations.models import Dataset, Event, GroupAccess, Kind, Membership, SecurityEvent
from tests.factories import make_user


@pytest.fixture
def lab(dataset: Dataset) -> Group:
    group = Group.objects.create(name="lab")
    group.user_set.add(make_user("ada"), make_user("ben"))
    return group


@pytest.fixture
def client_of(team: dict[str, Any]) -> Any:
    """Forms, not JSON, as pages send them."""

    def client(role: str) -> Client:
        client = Client()
        client.force_login(team[role])
        return client

    return client


@pytest.fixture
def owner(client_of: Any) -> Any:
    return client_of("owner")


def let_in(owner: Any, dataset: Dataset, group: Group, role: str = "annotator") -> GroupAccess:
    owner.post(f"/datasets/{dataset.pk}/groups/", {"group": group.pk, "role": role})
    return GroupAccess.objects.get(dataset=dataset, group=group)


def roles(dataset: Dataset, *names: str) -> list[str | None]:
    known = dict(Membership.objects.filter(dataset=dataset).values_list("user__username", "role"))
    return [known.get(name) for name in names]


def test_a_group_comes_and_goes_as_one(owner: Any, dataset: Dataset, lab: Group) -> None:
    access = let_in(owner, dataset, lab)
    assert roles(dataset, "ada", "ben") == ["annotator", "annotator"]
    change = {"role": "reviewer", "version": 1}
    owner.post(f"/group-accesses/{access.pk}/", change)
    assert roles(dataset, "ada", "ben") == ["reviewer", "reviewer"]
    stale = owner.post(f"/group-accesses/{access.pk}/", change, follow=True)
    assert "in the meantime" in stale.content.decode()
    owner.post(f"/group-accesses/{access.pk}/remove/")
    assert roles(dataset, "ada", "ben") == [None, None]


def test_people_follow_the_group(owner: Any, dataset: Dataset, lab: Group, team: Any) -> None:
    let_in(owner, dataset, lab)
    carol = make_user("carol")
    lab.user_set.add(carol)
    carol.groups.remove(lab)
    assert roles(dataset, "carol") == [None]
    carol.groups.add(lab)
    assert roles(dataset, "carol") == ["annotator"]
    carol.groups.clear()
    lab.user_set.remove(lab.user_set.get(username="ada"))
    assert roles(dataset, "ada", "ben", "carol") == [None, "annotator", None]
    lab.delete()
    assert roles(dataset, "ben") == [None]


def test_ones_own_role_comes_first(owner: Any, dataset: Dataset, lab: Group, team: Any) -> None:
    lab.user_set.add(team["viewer"])
    access = let_in(owner, dataset, lab)
    assert roles(dataset, "viewer") == ["viewer"]
    own = Membership.objects.get(dataset=dataset, user=team["viewer"])
    owner.post(f"/members/{own.pk}/remove/")
    assert roles(dataset, "viewer") == ["annotator"]  # still here, with the group
    owner.post(f"/group-accesses/{access.pk}/remove/")
    assert roles(dataset, "viewer") == [None]


def test_a_role_given_to_one_person_outlives_the_group(
    owner: Any, dataset: Dataset, lab: Group
) -> None:
    access = let_in(owner, dataset, lab)
    ada = Membership.objects.get(user__username="ada")
    owner.post(f"/members/{ada.pk}/", {"role": "reviewer", "version": 1})
    owner.post(f"/group-accesses/{access.pk}/remove/")
    assert roles(dataset, "ada", "ben") == ["reviewer", None]


def test_nobody_leaves_alone_who_came_with_a_group(
    owner: Any, dataset: Dataset, lab: Group
) -> None:
    let_in(owner, dataset, lab)
    ada = Membership.objects.get(user__username="ada")
    answer = owner.delete(f"/api/members/{ada.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "with_a_group")


def test_of_several_groups_the_first_role_in_order_counts(
    owner: Any, dataset: Dataset, lab: Group
) -> None:
    heads = Group.objects.create(name="heads")
    heads.user_set.add(lab.user_set.get(username="ada"))
    let_in(owner, dataset, lab, "viewer")
    access = let_in(owner, dataset, heads, "admin")
    assert roles(dataset, "ada", "ben") == ["admin", "viewer"]
    owner.post(f"/group-accesses/{access.pk}/remove/")
    assert roles(dataset, "ada", "ben") == ["viewer", "viewer"]


def test_no_group_owns_a_dataset(owner: Any, dataset: Dataset, lab: Group) -> None:
    page = owner.post(
        f"/datasets/{dataset.pk}/groups/", {"group": lab.pk, "role": "owner"}, follow=True
    )
    assert "Select a valid choice" in page.content.decode()
    assert not GroupAccess.objects.exists()


def test_both_logs_tell_who_came_with_which_group(
    owner: Any, dataset: Dataset, lab: Group, team: Any
) -> None:
    let_in(owner, dataset, lab)
    event = Event.objects.filter(kind=Kind.MEMBER_ADDED, data__member="ada").get()
    assert (event.actor, event.data["group"]) == (team["owner"], "lab")
    told = SecurityEvent.objects.get(kind="role.given", name="ada")
    assert (told.actor, told.dataset) == (team["owner"], dataset)


def test_administrators_keep_groups(db: None) -> None:
    client = Client()
    client.force_login(make_user("root", is_staff=True))
    ada = make_user("ada")
    client.post("/groups/", {"name": "course"})
    group = Group.objects.get()
    client.post(f"/groups/{group.pk}/people/", {"username": "ada"})
    assert "ada" in client.get("/groups/").content.decode()
    unknown = client.post(f"/groups/{group.pk}/people/", {"username": "nobody"}, follow=True)
    assert "There is no user called “nobody”" in unknown.content.decode()
    client.post(f"/groups/{group.pk}/people/{ada.pk}/")
    assert not group.user_set.exists()
    told = SecurityEvent.objects.filter(kind="group.changed").order_by("id")
    assert [row.data["what"] for row in told] == ["+ course", "− course"]
    client.post(f"/groups/{group.pk}/delete/")
    assert not Group.objects.exists()


def test_scripts_keep_groups(dataset: Dataset, team: Any) -> None:
    root, owner = APIClient(), APIClient()
    root.force_login(make_user("root", is_staff=True))
    owner.force_login(team["owner"])
    ada = make_user("ada")
    group = root.post("/api/groups/", {"name": "course"}).json()
    people = f"/api/groups/{group['id']}/people/"
    assert root.post(people, {"username": "nobody"}).json()["code"] == "unknown_user"
    root.post(people, {"username": "ada"})
    assert root.get("/api/groups/").json()["results"][0]["people"] == [
        {"id": ada.pk, "name": "ada"}
    ]

    body = {"dataset": dataset.pk, "group": "course", "role": "annotator"}
    assert owner.post("/api/group-accesses/", body | {"role": "owner"}).status_code == 400
    access = owner.post("/api/group-accesses/", body).json()
    assert owner.post("/api/group-accesses/", body).json()["code"] == "already_member"
    assert roles(dataset, "ada") == ["annotator"]
    path = f"/api/group-accesses/{access['id']}/"
    owner.patch(path, {"role": "viewer", "version": access["version"]})
    assert roles(dataset, "ada") == ["viewer"]
    assert owner.patch(path, {"role": "viewer", "version": 1}).status_code == 409

    assert root.delete(f"{people}{ada.pk}/").status_code == 204
    assert roles(dataset, "ada") == [None]
    assert root.delete(f"{people}{ada.pk}/").status_code == 404
