from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco_mask

from ml import rle

# pycocotools 2.0.11 lacks the copy keyword that numpy 2 asks for.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

sides = st.integers(1, 24)


@st.composite
def masks(draw: st.DrawFn) -> np.ndarray:
    """Random HW bool masks: noise, blobs with holes, single pixels, borders, full images."""
    shape = (draw(sides), draw(sides))
    kind = draw(st.sampled_from(["noise", "ring", "pixel", "full", "border"]))
    mask = np.zeros(shape, dtype=bool)
    if kind == "noise":
        mask = draw(hnp.arrays(bool, shape))
    elif kind == "ring":
        mask[:] = True
        mask[1:-1, 1:-1] = False
    elif kind == "full":
        mask[:] = True
    elif kind == "border":
        mask[draw(st.sampled_from([0, -1]))] = True
        mask[:, draw(st.sampled_from([0, -1]))] = draw(st.booleans())
    if not mask.any():
        mask[draw(st.integers(0, shape[0] - 1)), draw(st.integers(0, shape[1] - 1))] = True
    return mask


@given(masks())
def test_encoding_then_pasting_is_the_identity(mask: np.ndarray) -> None:
    height, width = mask.shape
    bbox, counts = rle.encode(mask)
    rle.validate(bbox, counts, width, height)
    assert np.array_equal(rle.paste(bbox, counts, height, width), mask)
    assert rle.area(bbox, counts) == mask.sum()


@given(masks())
def test_decoding_gives_the_tight_crop(mask: np.ndarray) -> None:
    (x, y, w, h), counts = rle.encode(mask)
    crop = rle.decode([x, y, w, h], counts)
    assert crop.shape == (h, w)
    assert crop.dtype == bool
    assert np.array_equal(crop, mask[y : y + h, x : x + w])


@given(masks())
def test_the_full_image_string_is_the_one_pycocotools_writes(mask: np.ndarray) -> None:
    height, width = mask.shape
    theirs = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    bbox, counts = rle.encode(mask)
    assert rle.to_full_image(bbox, counts, height, width) == theirs["counts"].decode()
    assert bbox == [int(n) for n in coco_mask.toBbox(theirs)]
    assert rle.area(bbox, counts) == coco_mask.area(theirs)


@given(masks())
def test_full_image_counts_come_back_as_the_same_crop(mask: np.ndarray) -> None:
    height, width = mask.shape
    stored = rle.encode(mask)
    assert rle.from_full_image(rle.to_full_image(*stored, height, width), height, width) == stored


@given(masks(), st.booleans())
def test_a_list_of_runs_is_read_like_the_string(mask: np.ndarray, zero_at_the_end: bool) -> None:
    flat = mask.ravel(order="F").astype(np.int8)
    edges = np.flatnonzero(np.diff(flat, prepend=0))
    runs = np.diff(edges, prepend=0, append=len(flat)).tolist() + [0] * zero_at_the_end
    assert rle.from_full_image(runs, *mask.shape) == rle.encode(mask)


def test_a_run_in_a_large_image_needs_no_large_array() -> None:
    side = 50_000
    full = rle.to_full_image([49_990, 10, 2, 2], rle.encode(np.ones((2, 2), bool))[1], side, side)
    assert rle.from_full_image(full, side, side)[0] == [49_990, 10, 2, 2]


@settings(max_examples=500)
@given(masks(), st.data())
def test_mutated_strings_are_rejected_or_still_a_mask(
    mask: np.ndarray, data: st.DataObject
) -> None:
    height, width = mask.shape
    bbox, counts = rle.encode(mask)
    at = data.draw(st.integers(0, len(counts)))
    cut = data.draw(st.integers(0, 3))
    mutated = counts[:at] + data.draw(st.text(max_size=12)) + counts[at + cut :]
    with suppress(rle.InvalidRle):
        rle.validate(bbox, mutated, width, height)
        decoded = rle.decode(bbox, mutated)
        packed = {"size": [bbox[3], bbox[2]], "counts": mutated.encode()}
        assert np.array_equal(decoded, coco_mask.decode(packed).astype(bool))


@given(st.text(st.characters(min_codepoint=48, max_codepoint=111), max_size=200))
def test_no_string_of_legal_characters_crashes_the_parser(counts: str) -> None:
    with pytest.raises(rle.InvalidRle):
        rle.validate([0, 0, 999_983, 999_979], counts, 10**6, 10**6)


@pytest.mark.parametrize(
    ("bbox", "counts", "message"),
    [
        ([0, 0, 2, 2], "", "middle of a number"),
        ([0, 0, 2, 2], "04 ", "character"),
        ([0, 0, 2, 2], "04é", "character"),
        ([0, 0, 2, 2], "0T", "middle of a number"),
        ([0, 0, 2, 2], "0" + "o" * 40 + "0", "too large"),
        ([0, 0, 2, 2], "0O5", "negative"),
        ([0, 0, 2, 2], "05", "cover 5 pixels, but should cover 4"),
        ([0, 0, 2, 2], "4", "no foreground"),
        ([0, 0, 2, 2], "022", "not tight"),
        ([0, 0, 2, 2], None, "must be a string"),
        ([0, 0, 2, 2], 4, "must be a string"),
        ([0, 0, 2, 2], "0" * (rle.MAX_COUNTS_LENGTH + 1), "longer than"),
        ([0, 0, 0, 2], "0", "empty"),
        ([0, 0, -1, -4], "04", "empty"),
        ([9, 0, 2, 2], "04", "outside"),
        ([-1, 0, 2, 2], "04", "outside"),
        ([0, 0, 2], "04", "four whole numbers"),
        ([0.0, 0, 2, 2], "04", "four whole numbers"),
        ([True, 0, 2, 2], "04", "four whole numbers"),
        ("0022", "04", "four whole numbers"),
        (None, "04", "four whole numbers"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(bbox: object, counts: object, message: str) -> None:
    with pytest.raises(rle.InvalidRle, match=message):
        rle.validate(bbox, counts, 10, 10)  # type: ignore[arg-type]


@pytest.mark.parametrize("runs", [[-1, 5], [0, 1.0, 3], [0, True, 3], ["0", 4], [0, 2**70], [3]])
def test_lists_of_anything_but_fitting_whole_runs_are_refused(runs: list[object]) -> None:
    with pytest.raises(rle.InvalidRle):
        rle.from_full_image(runs, 2, 2)  # type: ignore[arg-type]


def test_an_empty_mask_cannot_be_encoded() -> None:
    with pytest.raises(rle.InvalidRle, match="empty"):
        rle.encode(np.zeros((3, 3), dtype=bool))
