"""Where a dataset says so no two masks share a pixel, whatever is written, in whatever order."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotations.exceptions import Conflict
from annotations.models import Dataset, Image, Mask
from annotations.services.mask import delete_mask, save_mask
from ml import rle

CASES = json.loads((Path(__file__).parent.parent / "overlap_cases.json").read_text())
FAMILY = uuid4()
SHAPE = (30, 40)

Pixels = NDArray[np.bool_]


def id_of(name: str) -> UUID:
    return uuid5(FAMILY, name)


def pixels_of(rows: list[str]) -> Pixels:
    pixels = np.zeros(SHAPE, dtype=bool)
    for y, row in enumerate(rows):
        pixels[y, : len(row)] = [mark == "#" for mark in row]
    return pixels


def set_rule(image: Image, rule: str) -> None:
    Dataset.objects.filter(pk=image.dataset_id).update(overlap_rule=rule)


def write(image: Image, user: Any, id: UUID, pixels: Pixels) -> Mask:
    """Save the mask on top of what is there, as its person sees it."""
    bbox, counts = rle.encode(pixels)
    known = Mask.objects.live().filter(pk=id).first()
    version = known.version if known else 0
    mask, _ = save_mask(
        user=user, image=image, id=id, version=version, bbox=bbox, counts=counts, origin="drawn"
    )
    return mask


def stored(image: Image) -> dict[UUID, Pixels]:
    return {m.pk: rle.paste(m.bbox, m.counts, *SHAPE) for m in Mask.objects.live()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_browser_and_server_agree(case: dict[str, Any], image: Image, team: Any) -> None:
    for name, rows in case["before"].items():
        write(image, team["annotator"], id_of(name), pixels_of(rows))
    set_rule(image, case["rule"])
    [(name, rows)] = case["write"].items()
    if case.get("refused"):
        with pytest.raises(Conflict) as refusal:
            write(image, team["annotator"], id_of(name), pixels_of(rows))
        assert refusal.value.code == "overlap"
    else:
        write(image, team["annotator"], id_of(name), pixels_of(rows))
    now = stored(image)
    assert set(now) == {id_of(name) for name in case["after"]}
    for name, rows in case["after"].items():
        assert np.array_equal(now[id_of(name)], pixels_of(rows)), name
    image.refresh_from_db()
    assert image.mask_count == len(now)


box = st.tuples(st.integers(0, 12), st.integers(0, 8), st.integers(1, 8), st.integers(1, 6))
edits = st.lists(st.tuples(st.sampled_from("abcd"), st.none() | box), min_size=1, max_size=10)


@pytest.mark.parametrize("rule", ["newer_yields", "newer_wins"])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits=edits)
def test_no_two_masks_ever_share_a_pixel(rule: str, edits: Any, image: Image, team: Any) -> None:
    user = team["annotator"]
    Mask.objects.filter(image=image).delete()
    Image.objects.filter(pk=image.pk).update(mask_count=0)
    set_rule(image, rule)
    for name, shape in edits:
        before, id = stored(image), id_of(name)
        painted = np.zeros(SHAPE, dtype=bool)
        if shape is None:
            if mask := Mask.objects.live().filter(pk=id).first():
                delete_mask(user=user, mask=mask, version=mask.version)
        else:
            x, y, width, height = shape
            painted[y : y + height, x : x + width] = True
            try:
                write(image, user, id, painted)
            except Conflict:
                assert rule == "newer_yields"
        now = stored(image)
        assert sum(now.values(), np.zeros(SHAPE, dtype=int)).max() <= 1
        for other, pixels in before.items():
            if other != id:
                left = now.get(other, np.zeros(SHAPE, dtype=bool))
                assert not (left & ~pixels).any(), "nobody gains what they did not paint"
                assert not (pixels & ~left & ~painted).any(), "nothing is lost elsewhere"
        image.refresh_from_db()
        assert image.mask_count == len(now)


def body_of(image: Image, rows: list[str], **fields: Any) -> dict[str, Any]:
    bbox, counts = rle.encode(pixels_of(rows))
    return {"image": image.pk, "origin": "drawn", "version": 0, "bbox": bbox, "counts": counts} | {
        **fields
    }


@pytest.fixture
def annotator(client_of: Any) -> Any:
    return client_of("annotator")


def put(client: Any, id: UUID, body: dict[str, Any]) -> Any:
    return client.put(f"/api/masks/{id}/", body, format="json")


def test_a_retry_of_a_write_that_was_cut_changes_nothing(annotator: Any, image: Image) -> None:
    set_rule(image, "newer_yields")
    put(annotator, id_of("a"), body_of(image, ["####"]))
    body = body_of(image, ["..####"])
    first, again = put(annotator, id_of("b"), body), put(annotator, id_of("b"), body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["bbox"] == [4, 0, 2, 1]


def test_a_browser_that_cut_the_other_itself_is_not_stale(annotator: Any, image: Image) -> None:
    """It sends the cut and the new mask one by one; the rule may have acted in between."""
    set_rule(image, "newer_wins")
    put(annotator, id_of("a"), body_of(image, ["####"]))
    put(annotator, id_of("b"), body_of(image, ["..####"]))
    cut = put(annotator, id_of("a"), body_of(image, ["##"], version=1))
    assert cut.status_code == 200
    assert cut.json()["version"] == 2


def test_what_is_refused_is_said_clearly(annotator: Any, image: Image) -> None:
    set_rule(image, "newer_yields")
    put(annotator, id_of("a"), body_of(image, ["####"]))
    answer = put(annotator, id_of("b"), body_of(image, [".##"]))
    assert answer.status_code == 409
    assert answer.json()["code"] == "overlap"
    assert "must not overlap" in answer.json()["detail"]


def test_a_class_may_be_given_to_masks_that_overlap_already(annotator: Any, image: Image) -> None:
    put(annotator, id_of("a"), body_of(image, ["####"]))
    put(annotator, id_of("b"), body_of(image, ["..####"]))
    set_rule(image, "newer_yields")
    label_class = image.dataset.classes.get().pk
    body = body_of(image, ["..####"], version=1, label_class=label_class)
    answer = put(annotator, id_of("b"), body)
    assert answer.status_code == 200
    assert answer.json()["area"] == 4


def test_a_copy_kept_of_a_conflict_is_outside_the_rule(annotator: Any, image: Image) -> None:
    set_rule(image, "newer_yields")
    put(annotator, id_of("a"), body_of(image, ["####"]))
    copy = body_of(image, ["####"], conflict_with=str(id_of("a")))
    assert put(annotator, id_of("copy"), copy).status_code == 201
    grown = put(annotator, id_of("a"), body_of(image, ["#####"], version=1))
    assert grown.json()["area"] == 5


def test_the_cost_of_a_write_does_not_grow_with_the_image(
    annotator: Any, image: Image, django_assert_max_num_queries: Any
) -> None:
    set_rule(image, "newer_wins")
    for x in range(0, 40, 2):
        put(annotator, uuid4(), body_of(image, ["." * x + "#"]))
    with django_assert_max_num_queries(25):
        put(annotator, uuid4(), body_of(image, ["", "", "####"]))


def test_the_rule_is_set_on_the_dataset_page_and_through_the_api(
    client_of: Any, dataset: Dataset
) -> None:
    owner = client_of("owner")
    path = f"/api/datasets/{dataset.pk}/"
    assert owner.get(path).json()["overlap_rule"] == "allow"
    changed = owner.patch(path, {"overlap_rule": "newer_wins", "version": 1}, format="json")
    assert changed.json()["overlap_rule"] == "newer_wins"
    wrong = owner.patch(path, {"overlap_rule": "older_wins", "version": 2}, format="json")
    assert wrong.status_code == 400
    refused = client_of("annotator").patch(path, {"overlap_rule": "allow", "version": 2})
    assert refused.status_code == 403
