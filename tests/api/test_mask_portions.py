"""Masks come in portions: those of a part of the image, and never more than a page may weigh."""

from typing import Any
from uuid import UUID

import pytest

from annotations.api.pagination import MaskPagination
from annotations.models import Image, Mask
from tests.factories import make_mask


@pytest.fixture
def viewer(client_of: Any) -> Any:
    return client_of("viewer")


def ids_in(viewer: Any, image: Image, box: str) -> list[str]:
    answer = viewer.get(f"/api/masks/?image={image.pk}&bbox={box}")
    assert answer.status_code == 200
    return [mask["id"] for mask in answer.json()["results"]]


def heavy_masks(image: Image, user: Any, sizes: list[int]) -> list[str]:
    """Masks whose run lengths weigh so many bytes, in the order of their ids."""
    first = make_mask(image, user)
    Mask.objects.all().delete()
    rows = []
    for number, size in enumerate(sizes):
        row = Mask.objects.model(
            **{f.attname: getattr(first, f.attname) for f in Mask._meta.fields}
        )
        row.pk, row.counts = UUID(int=number + 1), "0" * size
        rows.append(row)
    Mask.objects.bulk_create(rows)
    return [str(row.pk) for row in rows]


def pages(viewer: Any, url: str | None, direction: str = "next") -> list[list[str]]:
    found = []
    while url:
        answer = viewer.get(url)
        assert len(answer.content) < 1_000_000
        found.append([mask["id"] for mask in answer.json()["results"]])
        url = answer.json()[direction]
    return found


@pytest.mark.parametrize(
    ("box", "found"),
    [
        ("0,0,40,30", True),
        ("10,10,1,1", True),
        ("15,12,20,20", True),  # the mask's last pixel
        ("16,12,20,20", False),  # the pixel beside it
        ("0,0,10,30", False),
        ("0,0,11,11", True),
        ("10,13,6,5", False),
        ("0,0,0,0", False),
    ],
)
def test_a_box_finds_the_masks_that_meet_it(
    viewer: Any, image: Image, team: Any, box: str, found: bool
) -> None:
    mask = make_mask(image, team["owner"], x=10, y=10, width=6, height=3)
    assert ids_in(viewer, image, box) == ([str(mask.pk)] if found else [])


def test_tiles_together_find_every_mask(viewer: Any, image: Image, team: Any) -> None:
    made = {str(make_mask(image, team["owner"], x=x, y=x % 7).pk) for x in range(0, 30, 2)}
    boxes = [f"{x},{y},20,15" for x in (0, 20) for y in (0, 15)]
    assert {id for box in boxes for id in ids_in(viewer, image, box)} == made


@pytest.mark.parametrize(
    "box", ["1,2,3", "a,b,c,d", "-1,0,5,5", "1,2,3,4,5", "1.5,0,1,1", "9" * 30]
)
def test_what_is_no_box_is_refused(viewer: Any, image: Image, box: str) -> None:
    answer = viewer.get(f"/api/masks/?image={image.pk}&bbox={box}")
    assert answer.status_code == 400
    assert "bbox" in answer.json()["errors"]


def test_heavy_masks_make_short_pages_without_gaps(viewer: Any, image: Image, team: Any) -> None:
    expected = heavy_masks(image, team["owner"], [250_000, 200_000, 300_000, 10, 10, 900_000, 10])
    found = pages(viewer, f"/api/masks/?image={image.pk}")
    assert [id for page in found for id in page] == expected
    assert [len(page) for page in found] == [2, 3, 1, 1]


def test_short_pages_can_be_walked_back(viewer: Any, image: Image, team: Any) -> None:
    expected = heavy_masks(image, team["owner"], [250_000] * 7)
    url, last = f"/api/masks/?image={image.pk}", ""
    while url:
        last, url = url, viewer.get(url).json()["next"]
    back = pages(viewer, last, "previous")
    assert [id for page in reversed(back) for id in page] == expected


def test_a_full_page_of_nuclei_is_well_under_a_megabyte(
    viewer: Any, image: Image, team: Any
) -> None:
    heavy_masks(image, team["owner"], [120] * 2100)
    answer = viewer.get(f"/api/masks/?image={image.pk}&page_size={MaskPagination.max_page_size}")
    assert len(answer.content) < 700_000
    assert answer.json()["next"]
