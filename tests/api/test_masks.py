"""Masks are saved once, never silently overwritten, and come back from deletion."""

from typing import Any
from uuid import uuid4

import pytest
from django.test.utils import CaptureQueriesContext

from annotations.models import Click, Image, Mask
from annotations.services.dataset import create_dataset
from tests.factories import make_image, make_mask, wire_mask


@pytest.fixture
def annotator(client_of: Any) -> Any:
    return client_of("annotator")


def body_of(image: Image, *, version: int = 0, **changes: Any) -> dict[str, Any]:
    return {"image": image.pk, "origin": "drawn", "version": version, **wire_mask(), **changes}


def put(client: Any, id: Any, body: dict[str, Any]) -> Any:
    return client.put(f"/api/masks/{id}/", body, format="json")


def test_a_new_mask_is_stored_as_it_was_sent(annotator: Any, image: Image) -> None:
    id = uuid4()
    response = put(annotator, id, body_of(image, score=0.75))
    assert response.status_code == 201
    mask = response.json()
    assert mask["id"] == str(id)
    assert {key: mask[key] for key in ("bbox", "counts")} == wire_mask()
    assert (mask["area"], mask["version"], mask["score"]) == (18, 1, 0.75)
    assert mask["created_by"] == mask["updated_by"] == "annotator"


def test_the_first_mask_starts_the_image_and_is_counted(annotator: Any, image: Image) -> None:
    put(annotator, uuid4(), body_of(image))
    put(annotator, uuid4(), body_of(image, **wire_mask(x=20)))
    image.refresh_from_db()
    assert (image.status, image.mask_count, image.version) == ("in_progress", 2, 1)


def test_repeating_a_put_changes_nothing(annotator: Any, image: Image) -> None:
    id, body = uuid4(), body_of(image)
    first = put(annotator, id, body)
    again = put(annotator, id, body)
    assert again.status_code == 200
    assert again.json() == first.json()
    image.refresh_from_db()
    assert image.mask_count == 1


def test_an_update_needs_the_version_that_was_seen(annotator: Any, image: Image) -> None:
    id = uuid4()
    put(annotator, id, body_of(image))
    moved = body_of(image, version=1, **wire_mask(x=20))
    assert put(annotator, id, moved).json()["version"] == 2
    assert put(annotator, id, moved).status_code == 200, "a retry"

    stale = put(annotator, id, body_of(image, version=1, **wire_mask(x=30)))
    assert stale.status_code == 409
    answer = stale.json()
    assert answer["code"] == "stale"
    assert answer["current"]["bbox"] == moved["bbox"]
    assert answer["current"]["version"] == 2


def test_another_mask_under_a_used_id_is_stale(annotator: Any, image: Image) -> None:
    id = uuid4()
    put(annotator, id, body_of(image))
    assert put(annotator, id, body_of(image, **wire_mask(x=20))).status_code == 409


def test_a_deleted_mask_can_be_restored(annotator: Any, image: Image) -> None:
    id = uuid4()
    put(annotator, id, body_of(image))
    assert annotator.delete(f"/api/masks/{id}/?version=1").status_code == 204
    assert annotator.delete(f"/api/masks/{id}/?version=1").status_code == 204, "a retry"
    assert annotator.get(f"/api/masks/?image={image.pk}").json()["results"] == []
    image.refresh_from_db()
    assert image.mask_count == 0

    restored = put(annotator, id, body_of(image))
    assert restored.status_code == 200
    assert (restored.json()["version"], restored.json()["deleted_at"]) == (3, None)
    image.refresh_from_db()
    assert image.mask_count == 1


def test_updating_a_mask_that_somebody_deleted_is_stale(
    annotator: Any, client_of: Any, image: Image
) -> None:
    id = uuid4()
    put(annotator, id, body_of(image))
    client_of("reviewer").delete(f"/api/masks/{id}/?version=1")
    answer = put(annotator, id, body_of(image, version=1, **wire_mask(x=20)))
    assert answer.status_code == 409
    assert answer.json()["current"]["deleted_at"] is not None


def test_a_stale_delete_deletes_nothing(annotator: Any, image: Image) -> None:
    id = uuid4()
    put(annotator, id, body_of(image))
    put(annotator, id, body_of(image, version=1, **wire_mask(x=20)))
    answer = annotator.delete(f"/api/masks/{id}/?version=1")
    assert answer.status_code == 409
    assert answer.json()["current"]["version"] == 2
    assert Mask.objects.live().count() == 1


def test_a_delete_without_a_version_says_so(annotator: Any, image: Image, team: Any) -> None:
    mask = make_mask(image, team["owner"])
    answer = annotator.delete(f"/api/masks/{mask.pk}/")
    assert answer.status_code == 400
    assert "version" in answer.json()["errors"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bbox": [38, 4, 6, 3]}, "outside"),
        ({"bbox": [-1, 4, 6, 3]}, "outside"),
        ({"bbox": [5, 4, 7, 3]}, "counts"),
        ({"bbox": [5, 4, 6]}, "bbox"),
        ({"bbox": [5, 4, 0, 0]}, "empty"),
        ({"counts": "~not rle~"}, "counts"),
        ({"counts": ""}, "counts"),
        ({"counts": None}, "counts"),
        ({"origin": "guessed"}, "origin"),
        ({"score": 7}, "score"),
        ({"version": -1}, "version"),
        ({"version": 3}, "version 0"),
        ({"label_class": 999999}, "class"),
        ({"prediction": str(uuid4())}, "prediction"),
    ],
)
def test_a_bad_mask_is_refused_in_words(
    annotator: Any, image: Image, changes: dict[str, Any], words: str
) -> None:
    answer = put(annotator, uuid4(), body_of(image) | changes)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert not Mask.objects.exists()


def test_classes_and_ids_of_other_datasets_are_refused(
    annotator: Any, image: Image, team: Any
) -> None:
    other = create_dataset(user=team["annotator"], name="Other")
    theirs = make_mask(make_image(other, team["annotator"]), team["annotator"])
    foreign_class = put(annotator, uuid4(), body_of(image, label_class=other.classes.get().pk))
    assert foreign_class.status_code == 400
    assert put(annotator, theirs.pk, body_of(image)).status_code == 409
    theirs.refresh_from_db()
    assert theirs.image.dataset == other


def test_a_page_of_masks_costs_the_same_however_many(
    annotator: Any, image: Image, team: Any, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        from django.db import connection

        with CaptureQueriesContext(connection) as captured:
            assert annotator.get(f"/api/masks/?image={image.pk}").status_code == 200
        return len(captured)

    make_mask(image, team["owner"])
    few = queries()
    for x in range(20):
        make_mask(image, team["annotator"], x=x)
    assert queries() == few


def test_masks_come_in_pages_without_gaps(annotator: Any, image: Image, team: Any) -> None:
    expected = {str(make_mask(image, team["owner"], x=x).pk) for x in range(7)}
    seen: list[str] = []
    url: str | None = f"/api/masks/?image={image.pk}&page_size=3"
    while url:
        page = annotator.get(url).json()
        seen += [mask["id"] for mask in page["results"]]
        url = page["next"]
    assert len(seen) == len(expected)
    assert set(seen) == expected
    assert not Click.objects.exists()


def test_masks_name_their_author_by_number_and_their_image_tells_the_names(
    annotator: Any, image: Image, team: Any
) -> None:
    owner, me = team["owner"], team["annotator"]
    make_mask(image, owner)
    make_mask(image, owner, x=20)
    mine = uuid4()
    put(annotator, mine, body_of(image, **wire_mask(x=30)))
    page = annotator.get(f"/api/masks/?image={image.pk}").json()["results"]
    assert sorted(mask["author"] for mask in page) == sorted([owner.pk, owner.pk, me.pk])
    authors = annotator.get(f"/api/images/{image.pk}/").json()["authors"]
    assert authors == [{"id": p.pk, "name": p.username} for p in (owner, me)]

    annotator.delete(f"/api/masks/{mine}/?version=1")
    assert len(annotator.get(f"/api/images/{image.pk}/").json()["authors"]) == 1
