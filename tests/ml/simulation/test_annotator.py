"""The simulated annotator clicks where it is wrong, then takes the brush, and counts both."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.simulation.annotator import MOST_CLICKS, MOST_EDITS, TARGET, Click, Mask, annotate
from ml.simulation.team import nuclei_of
from ml.sppnet.datasets import Sample
from ml.sppnet.fields import fields_of
from ml.sppnet.metrics import iou


def disk(x: float, y: float, radius: float, side: int = 48) -> Mask:
    rows, columns = np.mgrid[:side, :side]
    return np.hypot(columns - x, rows - y) <= radius


TRUTH = disk(20, 24, 8)


def test_an_answer_that_is_good_costs_one_click() -> None:
    asked: list[list[Click]] = []

    def ask(clicks: list[Click], prior: Mask | None) -> Mask:
        asked.append(clicks.copy())
        return TRUTH

    outcome = annotate(TRUTH, ask)
    assert (outcome.clicks, outcome.strokes, outcome.edits, outcome.first_iou) == (1, 0, 0, 1.0)
    [[(x, y, positive)]] = asked
    assert positive
    assert TRUTH[int(y), int(x)]


def test_a_correction_lies_in_what_is_wrong_and_starts_from_the_answer_before() -> None:
    too_much = TRUTH | disk(38, 24, 6)

    def ask(clicks: list[Click], prior: Mask | None) -> Mask:
        if prior is None:
            return too_much
        assert np.array_equal(prior, too_much)
        x, y, positive = clicks[-1]
        assert not positive
        assert too_much[int(y), int(x)]
        assert not TRUTH[int(y), int(x)]
        return TRUTH

    outcome = annotate(TRUTH, ask)
    assert (outcome.clicks, outcome.strokes, outcome.edits) == (2, 0, 1)


def test_who_gets_nowhere_with_clicks_takes_the_brush() -> None:
    missing = np.zeros_like(TRUTH)
    outcome = annotate(TRUTH, lambda clicks, prior: missing)
    assert (outcome.clicks, outcome.strokes) == (1 + MOST_CLICKS, 1)
    assert outcome.edits == MOST_CLICKS + 1
    assert np.array_equal(outcome.mask, TRUTH)


@given(st.integers(0, 2**32 - 1))
def test_whatever_the_model_says_the_mask_kept_is_good(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outcome = annotate(TRUTH, lambda clicks, prior: rng.random(TRUTH.shape) < 0.2)
    assert iou(outcome.mask, TRUTH) >= TARGET
    assert 0 <= outcome.edits <= MOST_EDITS


@pytest.mark.parametrize(("side", "count"), [(16, 6), (40, 1)])
def test_fields_cut_an_image_without_overlap(side: int, count: int) -> None:
    labels = np.arange(48 * 40, dtype=np.uint16).reshape(48, 40)
    sample = Sample("slide", np.zeros((48, 40, 3), np.uint8), labels)
    fields = fields_of(sample, side)
    assert len(fields) == count
    assert len({field.name for field in fields}) == count
    seen = np.concatenate([field.labels.ravel() for field in fields])
    assert len(np.unique(seen)) == len(seen)


def test_fragments_are_no_nuclei() -> None:
    labels = np.zeros((40, 40), np.uint16)
    labels[5:15, 5:15], labels[39, 39] = 7, 9
    [nucleus] = nuclei_of(Sample("field", np.zeros((40, 40, 3), np.uint8), labels))
    assert nucleus.sum() == 100
