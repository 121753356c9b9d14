import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from annotations.formats.polygon import InvalidPolygon, outlines, rasterise
from ml import rle

masks = hnp.arrays(bool, st.tuples(st.integers(1, 20), st.integers(1, 20))).filter(np.any)


def redraw(mask: np.ndarray) -> np.ndarray:
    (x, y, _, _), _ = bbox, counts = rle.encode(mask)
    polygons = outlines(rle.decode(bbox, counts), x, y)
    return rle.paste(*rasterise(polygons, *mask.shape), *mask.shape)


@given(masks)
def test_outlines_rasterise_to_the_same_pixels_with_holes_filled(mask: np.ndarray) -> None:
    filled = ndimage.binary_fill_holes(mask, structure=np.ones((3, 3)))
    assert np.array_equal(redraw(mask), filled)


@given(masks)
def test_each_part_has_its_own_outline(mask: np.ndarray) -> None:
    assert len(outlines(mask)) == ndimage.label(mask)[1]


def test_a_pixel_is_a_unit_square() -> None:
    assert sorted(outlines(np.ones((1, 1), dtype=bool), 4, 7)[0]) == sorted(
        [4, 7, 5, 7, 5, 8, 4, 8]
    )


def test_a_round_nucleus_far_from_the_origin() -> None:
    rows, columns = np.ogrid[:2000, :3000]
    mask = (rows - 1900) ** 2 + (columns - 2900) ** 2 < 19**2
    assert np.array_equal(redraw(mask), mask)


def test_points_between_pixels_count_by_pixel_centres() -> None:
    bbox, counts = rasterise([[1.6, 1.6, 4.4, 1.6, 4.4, 3.4, 1.6, 3.4]], 10, 10)
    assert bbox == [2, 2, 2, 1]
    assert rle.area(bbox, counts) == 2


def test_points_just_outside_are_moved_to_the_border() -> None:
    bbox, _ = rasterise([[-0.5, -0.5, 10.5, -0.5, 10.5, 10.5, -0.5, 10.5]], 10, 10)
    assert bbox == [0, 0, 10, 10]


@pytest.mark.parametrize(
    ("polygon", "message"),
    [
        ([1, 1, 2, 2], "three points"),
        ([1, 1, 2, 2, 3, 3, 4], "three points"),
        ("abcdef", "three points"),
        ([1, 1, 2, 2, 3, None], "not a number"),
        ([1, 1, 2, 2, 3, float("nan")], "not a number"),
        ([1, 1, 2, 2, 3, float("inf")], "not a number"),
        ([1, 1, 2, 2, 3, True], "not a number"),
        ([1, 1, 2, 2, 3, 12], "outside the 10×10"),
        ([-9, 1, 2, 2, 3, 3], "outside the 10×10"),
        ([1, 1, 2, 2, 1e300, 3], "outside the 10×10"),
        ([0, 0, 0, 10] * 100_000, "too long"),
    ],
)
def test_nonsense_is_refused(polygon: list, message: str) -> None:
    with pytest.raises(InvalidPolygon, match=message):
        rasterise([polygon], 10, 10)
