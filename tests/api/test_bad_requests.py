"""Nonsense in a request is answered as such, never by a crash."""

from base64 import b64encode
from typing import Any
from uuid import UUID

import pytest

from annotations.models import Dataset, Image
from tests.factories import make_mask

LISTS = ("datasets", "members", "classes", "images", "masks", "exports", "imports")


@pytest.fixture
def owner(client_of: Any) -> Any:
    return client_of("owner")


@pytest.mark.parametrize("path", ["datasets", "images", "tokens", "masks"])
def test_json_nested_too_deeply_is_malformed(owner: Any, path: str) -> None:
    body = "[" * 100_000
    url = f"/api/{path}/"
    answer = (
        owner.put(f"{url}{UUID(int=1)}/", body, content_type="application/json")
        if path == "masks"
        else owner.post(url, body, content_type="application/json")
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_half_a_character_is_refused_in_words(owner: Any, dataset: Dataset) -> None:
    body = f'{{"dataset": {dataset.pk}, "format": "\\ud800"}}'
    answer = owner.post("/api/exports/", body, content_type="application/json")
    assert answer.status_code == 400
    assert "format" in answer.json()["errors"]


@pytest.mark.parametrize("resource", LISTS)
@pytest.mark.parametrize("cursor", ["p=abc", "p=%00", "r=1&p=x", f"p={'9' * 40}", "o=5&p=1e5"])
def test_a_forged_cursor_leads_nowhere(
    owner: Any, image: Image, resource: str, cursor: str
) -> None:
    make_mask(image, image.created_by)
    answer = owner.get(f"/api/{resource}/", {"cursor": b64encode(cursor.encode()).decode()})
    assert answer.status_code in (200, 404)
    if answer.status_code == 404:
        assert answer.json() == {"code": "not_found", "detail": "Invalid cursor"}


@pytest.mark.parametrize("resource", LISTS[1:])
@pytest.mark.parametrize("number", ["1" + 30 * "0", "-1" + 30 * "0", "nan", "1e40"])
def test_a_filter_by_an_impossible_number_is_refused(
    owner: Any, dataset: Dataset, resource: str, number: str
) -> None:
    field = "image" if resource == "masks" else "dataset"
    answer = owner.get(f"/api/{resource}/", {field: number})
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_a_change_of_a_member_without_a_role_leaves_the_role(owner: Any, dataset: Dataset) -> None:
    member = dataset.memberships.get(role="viewer")
    answer = owner.patch(f"/api/members/{member.pk}/", {"version": 1})
    assert (answer.status_code, answer.json()["role"]) == (200, "viewer")
