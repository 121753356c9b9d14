"""Measures of agreement, against a second implementation and against numbers worked out by hand."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotations.formats.instance import Instance
from annotations.measures.consensus import by_object, by_pixel, group
from annotations.measures.kappa import cohen, fleiss
from annotations.measures.matching import areas, intersections, match, scores
from ml import rle
from ml.sppnet import metrics

SIDE = 12
LABELS = arrays(np.int64, (SIDE, SIDE), elements=st.integers(0, 4))
MASKS = st.lists(arrays(np.bool_, (6, 6)).filter(lambda mask: mask.any()), min_size=0, max_size=4)


def instances_of(labels: np.ndarray) -> list[Instance]:
    return [Instance(*rle.encode(labels == number)) for number in np.unique(labels[labels > 0])]


def square(x: int, y: int, side: int = 4, label: str | None = None) -> Instance:
    pixels = np.zeros((40, 40), dtype=bool)
    pixels[y : y + side, x : x + side] = True
    return Instance(*rle.encode(pixels), label)


@given(LABELS, LABELS)
def test_scores_are_those_of_the_networks_evaluation(a: np.ndarray, b: np.ndarray) -> None:
    found = scores(instances_of(a), instances_of(b))
    ious = metrics.matched_ious(a, b)
    assert (found.first, found.second) == (metrics.count(a), metrics.count(b))
    assert found.matched == len(ious)
    assert found.dice == pytest.approx(metrics.dice(a > 0, b > 0))
    assert found.aji == pytest.approx((metrics.aji(a, b) + metrics.aji(b, a)) / 2, abs=1e-9)
    assert found.pq == pytest.approx(metrics.pq(a, b))


def tried_out(first: list[np.ndarray], second: list[np.ndarray]) -> tuple[int, float]:
    """The best (number of pairs, sum of IoUs), of all ways to pair."""
    few, many = sorted((first, second), key=len)
    best = (0, 0.0)
    for chosen in permutations(range(len(many)), len(few)):
        ious = [(few[i] & many[j]).sum() / (few[i] | many[j]).sum() for i, j in enumerate(chosen)]
        hits = [iou for iou in ious if iou > 0.5]
        best = max(best, (len(hits), float(sum(hits))))
    return best


@given(MASKS, MASKS)
def test_overlapping_masks_are_paired_as_well_as_can_be(
    first: list[np.ndarray], second: list[np.ndarray]
) -> None:
    ours = [Instance(*rle.encode(mask)) for mask in first]
    theirs = [Instance(*rle.encode(mask)) for mask in second]
    pairs = match(intersections(ours, theirs), areas(ours), areas(theirs))
    number, total = tried_out(first, second)
    assert len(pairs) == number
    assert sum(pair.iou for pair in pairs) == pytest.approx(total)
    assert len({pair.first for pair in pairs}) == len({pair.second for pair in pairs}) == number


@given(LABELS, LABELS)
def test_agreement_has_no_direction(a: np.ndarray, b: np.ndarray) -> None:
    one, other = scores(instances_of(a), instances_of(b)), scores(instances_of(b), instances_of(a))
    for name in ("matched", "dice", "aji", "pq", "f1", "iou"):
        assert getattr(one, name) == pytest.approx(getattr(other, name))


def test_kappas_are_those_of_the_textbooks() -> None:
    """Cohen's is 0.4 for 20, 5, 10 and 15 answers; Fleiss' 0.210 for the example of his paper's
    kind with ten subjects, fourteen raters and five categories."""
    table = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohen(table) == pytest.approx(0.4)
    counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    nuclei = [[name for name, n in enumerate(row) for _ in range(n)] for row in counts]
    assert fleiss(nuclei) == pytest.approx(0.210, abs=5e-4)


def test_kappa_says_nothing_where_there_is_nothing_to_say() -> None:
    assert cohen([]) is None
    assert cohen([("a", "a")] * 3) is None
    assert fleiss([]) is None
    assert fleiss([["a", "a"]]) is None
    assert fleiss([["a", "b"], ["b", "a"]]) == -1
    with pytest.raises(ValueError, match="same number"):
        fleiss([["a", "b"], ["a"]])


def test_a_nucleus_is_found_again_among_three_people() -> None:
    people = [
        [square(2, 2, label="A"), square(20, 20)],
        [square(3, 2, label="B")],
        [square(2, 2, label="B"), square(30, 5)],
    ]
    groups = sorted(group(people), key=lambda each: -len(each.members))
    assert [sorted(each.members) for each in groups] == [[0, 1, 2], [0], [2]]
    assert groups[0].iou == pytest.approx((0.6 + 1 + 0.6) / 3)
    assert groups[0].label == "B"
    assert [each.iou for each in groups[1:]] == [0, 0]


def test_most_decide_by_object_and_by_pixel() -> None:
    people = [[square(2, 2)], [square(3, 2)], [square(2, 2, side=3), square(30, 5)]]
    groups = group(people)
    assert [each.bbox for each in by_object(groups, 3)] == [[2, 2, 4, 4]]
    [agreed] = by_pixel(groups, 3)
    votes = sum(rle.paste(each.bbox, each.counts, 40, 40).astype(int) for p in people for each in p)
    assert (rle.paste(agreed.bbox, agreed.counts, 40, 40) == (votes >= 2)).all()


@given(st.lists(LABELS, min_size=1, max_size=3))
def test_each_nucleus_is_in_one_group(pictures: list[np.ndarray]) -> None:
    annotations = [instances_of(labels) for labels in pictures]
    groups = group(annotations)
    for number, drawn in enumerate(annotations):
        members = [each.members[number] for each in groups if number in each.members]
        assert sorted(members, key=str) == sorted(drawn, key=str)


@given(LABELS)
def test_who_agrees_wholly_gets_what_they_drew(labels: np.ndarray) -> None:
    drawn = instances_of(labels)
    groups = group([drawn, drawn, drawn])
    for build in (by_object, by_pixel):
        assert sorted(build(groups, 3), key=str) == sorted(drawn, key=str)
