"""Every endpoint × every role, a stranger and nobody at all."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from annotations.models import Dataset, Image, LabelClass, Mask, Membership, Role
from annotations.permissions import ALLOWED, Verb
from annotations.services.label_class import create_class
from annotations.services.prompt import place_clicks
from tests.conftest import STRANGER
from tests.factories import make_mask, make_user, png_file, wire_mask

ROLES = Role.values

Request = Callable[[APIClient, "World"], Any]


class World:
    """One row of everything, in the dataset of the team."""

    def __init__(self, dataset: Dataset, image: Image, team: dict[str, Any]) -> None:
        self.dataset, self.image = dataset, image
        self.mask: Mask = make_mask(image, team["owner"])
        self.label_class: LabelClass = create_class(
            dataset=dataset, name="Mitotic", color="#cc79a7"
        )
        self.member = Membership.objects.get(dataset=dataset, user=team["viewer"])
        self.prompt, _ = place_clicks(user=team["owner"], image=image, id=uuid4(), clicks=[])


def reading(path: str) -> Request:
    def request(client: APIClient, world: World) -> Any:
        answer: Any = client.get(path.format(world=world))
        if answer.streaming:
            list(answer.streaming_content)  # which closes the file
        return answer

    return request


REQUESTS: dict[str, tuple[Verb, int, Request]] = {
    "read a dataset": (Verb.VIEW, 200, reading("/api/datasets/{world.dataset.pk}/")),
    "read a member": (Verb.VIEW, 200, reading("/api/members/{world.member.pk}/")),
    "read a class": (Verb.VIEW, 200, reading("/api/classes/{world.label_class.pk}/")),
    "read an image": (Verb.VIEW, 200, reading("/api/images/{world.image.pk}/")),
    "see pixels": (Verb.VIEW, 200, reading("/api/images/{world.image.pk}/pixels/")),
    "see a thumbnail": (Verb.VIEW, 200, reading("/api/images/{world.image.pk}/thumbnail/")),
    "download": (Verb.VIEW, 200, reading("/api/images/{world.image.pk}/original/")),
    "read a prompt": (Verb.VIEW, 200, reading("/api/prompts/{world.prompt.pk}/")),
    "read a mask": (Verb.VIEW, 200, reading("/api/masks/{world.mask.pk}/")),
    "rename a dataset": (
        Verb.MANAGE,
        200,
        lambda client, world: client.patch(
            f"/api/datasets/{world.dataset.pk}/", {"name": "New", "version": 1}
        ),
    ),
    "delete a dataset": (
        Verb.MANAGE,
        204,
        lambda client, world: client.delete(f"/api/datasets/{world.dataset.pk}/"),
    ),
    "add a member": (
        Verb.MANAGE,
        201,
        lambda client, world: client.post(
            "/api/members/",
            {"dataset": world.dataset.pk, "username": "newcomer", "role": "viewer"},
        ),
    ),
    "change a role": (
        Verb.MANAGE,
        200,
        lambda client, world: client.patch(
            f"/api/members/{world.member.pk}/", {"role": "reviewer", "version": 1}
        ),
    ),
    "remove a member": (
        Verb.MANAGE,
        204,
        lambda client, world: client.delete(f"/api/members/{world.member.pk}/"),
    ),
    "add a class": (
        Verb.MANAGE,
        201,
        lambda client, world: client.post(
            "/api/classes/", {"dataset": world.dataset.pk, "name": "Debris", "color": "#000000"}
        ),
    ),
    "change a class": (
        Verb.MANAGE,
        200,
        lambda client, world: client.patch(
            f"/api/classes/{world.label_class.pk}/", {"color": "#000000", "version": 1}
        ),
    ),
    "delete a class": (
        Verb.MANAGE,
        204,
        lambda client, world: client.delete(f"/api/classes/{world.label_class.pk}/"),
    ),
    "upload an image": (
        Verb.UPLOAD,
        201,
        lambda client, world: client.post(
            "/api/images/",
            {"dataset": world.dataset.pk, "file": png_file(seed=7)},
            format="multipart",
        ),
    ),
    "finish an image": (
        Verb.ANNOTATE,
        200,
        lambda client, world: client.patch(
            f"/api/images/{world.image.pk}/", {"status": "done", "version": 1}
        ),
    ),
    "delete an image": (
        Verb.DELETE_IMAGE,
        204,
        lambda client, world: client.delete(f"/api/images/{world.image.pk}/"),
    ),
    "click": (
        Verb.ANNOTATE,
        201,
        lambda client, world: client.post(
            "/api/prompts/", {"id": str(uuid4()), "image": world.image.pk, "clicks": []}
        ),
    ),
    "draw a mask": (
        Verb.ANNOTATE,
        201,
        lambda client, world: client.put(
            f"/api/masks/{uuid4()}/",
            {"image": world.image.pk, "origin": "drawn", "version": 0, **wire_mask(x=20)},
        ),
    ),
    "change a mask": (
        Verb.ANNOTATE,
        200,
        lambda client, world: client.put(
            f"/api/masks/{world.mask.pk}/",
            {"image": world.image.pk, "origin": "fixed", "version": 1, **wire_mask(x=20)},
        ),
    ),
    "delete a mask": (
        Verb.ANNOTATE,
        204,
        lambda client, world: client.delete(f"/api/masks/{world.mask.pk}/?version=1"),
    ),
}


@pytest.fixture
def world(dataset: Dataset, image: Image, team: dict[str, Any]) -> World:
    make_user("newcomer")
    return World(dataset, image, team)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", REQUESTS)
def test_a_role_may_do_what_the_table_says(
    name: str, role: str, world: World, client_of: Any
) -> None:
    verb, success, request = REQUESTS[name]
    answer = request(client_of(role), world)
    assert answer.status_code == (success if role in ALLOWED[verb] else 403)
    if answer.status_code == 403:
        assert answer.json()["code"] == "not_allowed"
        assert f"Your role here is {role}" in answer.json()["detail"]


@pytest.mark.parametrize("name", REQUESTS)
def test_nothing_exists_for_a_stranger(name: str, world: World, client_of: Any) -> None:
    answer = REQUESTS[name][2](client_of(STRANGER), world)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("name", REQUESTS)
def test_nobody_is_asked_who_they_are(name: str, world: World) -> None:
    assert REQUESTS[name][2](APIClient(), world).status_code == 401


@pytest.mark.parametrize("name", REQUESTS)
def test_a_deleted_dataset_exists_for_no_one(name: str, world: World, client_of: Any) -> None:
    client_of("owner").delete(f"/api/datasets/{world.dataset.pk}/")
    assert REQUESTS[name][2](client_of("owner"), world).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/api/datasets/",
        "/api/members/?dataset={world.dataset.pk}",
        "/api/classes/?dataset={world.dataset.pk}",
        "/api/images/?dataset={world.dataset.pk}",
        "/api/masks/?image={world.image.pk}",
    ],
)
def test_lists_and_their_filters_leak_nothing(path: str, world: World, client_of: Any) -> None:
    url = path.format(world=world)
    assert client_of("viewer").get(url).json()["results"]
    for address in (url, url.split("?")[0]):
        answer = client_of(STRANGER).get(address)
        assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_every_endpoint_is_in_this_table() -> None:
    """A new writing endpoint must be added here, or to the tests of exports and imports."""
    from annotations.api.urls import router

    covered = {"dataset", "member", "class", "image", "prompt", "mask"}
    elsewhere = {"export", "import", "checkpoint", "training-run"}
    assert {basename for _, _, basename in router.registry} <= covered | elsewhere
