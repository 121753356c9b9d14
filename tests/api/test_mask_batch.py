"""Many masks in one request: each is written, or refused, as if it had come alone."""

from typing import Any
from uuid import uuid4

import pytest

from annotations.models import Image, Mask
from annotations.services.label_class import create_class
from tests.conftest import make_dataset
from tests.factories import make_image, make_mask, wire_mask

pytestmark = pytest.mark.django_db


@pytest.fixture
def annotator(client_of: Any) -> Any:
    return client_of("annotator")


def write(client: Any, image: Image, *writes: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.post("/api/masks/batch/", {"image": image.pk, "writes": writes}, format="json")
    assert answer.status_code == 200, answer.json()
    return list(answer.json()["results"])


def new(**fields: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "version": 0, "origin": "drawn", **wire_mask(), **fields}


def test_masks_are_made_changed_and_deleted_together(
    annotator: Any, image: Image, team: Any
) -> None:
    kept, gone = (make_mask(image, team["owner"], x=x) for x in (5, 20))
    label = create_class(
        user=team["owner"], dataset=image.dataset, name="Mitosis", color="#2b8a3e"
    ).pk
    made = new()
    results = write(
        annotator,
        image,
        made,
        {"id": str(kept.pk), "version": 1, "label_class": label},
        {"id": str(gone.pk), "version": 1, "delete": True},
    )
    assert [(r["version"], r["mask"], r["error"]) for r in results] == [
        (1, None, None),
        (2, None, None),
        (None, None, None),
    ]
    kept.refresh_from_db()
    # What is left out stays as it is.
    assert (kept.label_class_id, kept.bbox, kept.origin) == (label, wire_mask()["bbox"], "drawn")
    assert set(image.masks.live().values_list("pk", flat=True)) == {
        kept.pk,
        Mask.objects.get(pk=made["id"]).pk,
    }
    image.refresh_from_db()
    assert image.mask_count == 2


def test_one_that_is_refused_holds_up_no_other(annotator: Any, image: Image, team: Any) -> None:
    changed = make_mask(image, team["owner"])
    results = write(
        annotator,
        image,
        {"id": str(changed.pk), "version": 7, "origin": "fixed"},
        new(label_class=999),
        {"id": str(uuid4()), "version": 1, "delete": True},
        {"id": str(uuid4()), "version": 0, "origin": "drawn"},
        new(**wire_mask(x=20)),
    )
    errors = [(r["error"] or {}).get("status") for r in results]
    assert errors == [409, 400, 404, 400, None]
    assert results[0]["error"]["code"] == "stale"
    assert results[0]["error"]["current"]["version"] == 1
    assert "send its bbox and counts" in results[3]["error"]["detail"]
    assert image.masks.live().count() == 2


def test_a_mask_of_another_image_is_out_of_reach(annotator: Any, image: Image, team: Any) -> None:
    elsewhere = make_mask(make_image(make_dataset(team), team["owner"]), team["owner"])
    id = str(elsewhere.pk)
    results = write(
        annotator,
        image,
        {"id": id, "version": 1, "origin": "fixed"},
        {"id": id, "version": 1, "delete": True},
        new(id=id),
    )
    assert all(result["error"]["status"] in (400, 404, 409) for result in results)
    elsewhere.refresh_from_db()
    assert (elsewhere.version, elsewhere.deleted_at) == (1, None)


def test_a_repeated_request_does_nothing_more(annotator: Any, image: Image, team: Any) -> None:
    gone = make_mask(image, team["owner"], x=20)
    writes = [
        new(revision=str(uuid4())),
        {"id": str(gone.pk), "version": 1, "delete": True, "revision": str(uuid4())},
    ]
    first = write(annotator, image, *writes)
    again = write(annotator, image, *writes)
    assert [(r["version"], r["error"]) for r in again] == [
        (r["version"], r["error"]) for r in first
    ]
    assert image.masks.live().count() == 1
    # Somebody takes the first one away; the repeat says so, and does not bring it back.
    deletion = f"/api/masks/{writes[0]['id']}/?version=1"
    assert annotator.delete(deletion).status_code == 204
    [late, _] = write(annotator, image, *writes)
    assert late["mask"]["deleted_at"] is not None


def test_a_late_write_learns_what_it_did_not_ask_about(
    annotator: Any, image: Image, team: Any
) -> None:
    """Somebody else has given the mask the same class already, and another shape as well."""
    mask = make_mask(image, team["owner"])
    label = create_class(
        user=team["owner"], dataset=image.dataset, name="Mitosis", color="#2b8a3e"
    ).pk
    shape = wire_mask(x=20)
    write(annotator, image, {"id": str(mask.pk), "version": 1, "label_class": label, **shape})
    [late] = write(annotator, image, {"id": str(mask.pk), "version": 1, "label_class": label})
    assert late["error"] is None
    assert late["mask"]["bbox"] == shape["bbox"]


def test_what_the_rule_on_overlaps_made_of_a_mask_is_told(
    annotator: Any, image: Image, team: Any
) -> None:
    image.dataset.overlap_rule = "newer_yields"
    image.dataset.save()
    make_mask(image, team["owner"], x=5, width=6)
    [result] = write(annotator, image, new(**wire_mask(x=8, width=6)))
    assert result["mask"]["bbox"] == wire_mask(x=11, width=3)["bbox"]


@pytest.mark.parametrize(
    "writes", [[], [{"id": "no id", "version": 0}], [{"id": str(uuid4()), "bbox": [1, 1, 2, 2]}]]
)
def test_nonsense_is_refused_as_a_whole(
    annotator: Any, image: Image, writes: list[dict[str, Any]]
) -> None:
    body = {"image": image.pk, "writes": writes}
    assert annotator.post("/api/masks/batch/", body, format="json").status_code == 400
    assert not image.masks.exists()


def test_no_more_than_a_portion_at_once(annotator: Any, image: Image) -> None:
    body = {"image": image.pk, "writes": [new() for _ in range(201)]}
    answer = annotator.post("/api/masks/batch/", body, format="json")
    assert (answer.status_code, image.masks.count()) == (400, 0)
