"""A prompt is answered once, whatever happens to its messages, or says why it is not."""

from typing import Any

import numpy as np
import pytest
from celery.exceptions import SoftTimeLimitExceeded

from ml import rle
from ml.answering import answer_prediction, propose_nuclei
from ml.models import Checkpoint, Prediction

CLICK = [[20.5, 10.5, True]]


def answered(prediction: Prediction) -> Prediction:
    answer_prediction(str(prediction.pk))
    prediction.refresh_from_db()
    return prediction


def test_a_click_is_answered_with_a_mask_in_image_pixels(
    ask: Any, predictor: Any, events: Any, checkpoint: Checkpoint
) -> None:
    prediction = answered(ask(CLICK))
    assert (prediction.status, prediction.error) == ("done", "")
    assert prediction.mask["bbox"] == [17, 7, 7, 7]
    assert prediction.mask["area"] == 29 == rle.decode(**without_area(prediction.mask)).sum()
    assert prediction.score == 0.8765
    assert prediction.checkpoint == checkpoint
    assert prediction.latency_ms >= 0
    assert events == [("image:1", "prediction", {"id": str(prediction.pk), "status": "done"})]


def without_area(mask: dict[str, Any]) -> dict[str, Any]:
    return {"bbox": mask["bbox"], "counts": mask["counts"]}


def test_a_message_delivered_twice_answers_once(ask: Any, predictor: Any, events: Any) -> None:
    prediction = answered(ask(CLICK))
    first = prediction.answered_at
    assert answered(prediction).answered_at == first
    assert len(events) == len(predictor.priors) == 1


def test_a_delivery_that_is_overtaken_neither_writes_nor_tells(
    ask: Any, predictor: Any, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prediction = ask(CLICK)
    segment = predictor.segment

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.setattr(predictor, "segment", segment)
        answer_prediction(prediction.pk)
        Prediction.objects.filter(pk=prediction.pk).update(score=0.5)
        return segment(*arguments)

    monkeypatch.setattr(predictor, "segment", overtaken)
    assert answered(prediction).score == 0.5
    assert len(events) == 1


def test_a_prompt_left_running_by_a_dead_worker_is_answered(ask: Any, predictor: Any) -> None:
    prediction = ask(CLICK)
    Prediction.objects.filter(pk=prediction.pk).update(status="running", attempts=1)
    assert answered(prediction).status == "done"


def test_a_prompt_that_kills_its_workers_is_given_up(ask: Any, predictor: Any) -> None:
    prediction = ask(CLICK)
    Prediction.objects.filter(pk=prediction.pk).update(status="running", attempts=3)
    prediction = answered(prediction)
    assert prediction.status == "failed"
    assert "three times" in prediction.error


def test_a_deleted_prompt_is_nobodys_business(ask: Any, predictor: Any, events: Any) -> None:
    prediction = ask(CLICK)
    pk = prediction.pk
    prediction.delete()
    answer_prediction(str(pk))
    assert not events


def test_a_click_on_background_gets_no_mask(ask: Any, predictor: Any) -> None:
    prediction = answered(ask([[0.5, 10.5, True]]))
    assert (prediction.status, prediction.mask) == ("done", None)


def test_a_prior_mask_reaches_the_network_whole(ask: Any, predictor: Any) -> None:
    drawn = np.ones((7, 5), bool)
    drawn[3, 2] = False
    _, counts = rle.encode(drawn)
    answered(ask(CLICK, prior={"bbox": [4, 6, 5, 7], "counts": counts}))
    prior = predictor.priors[-1]
    assert prior.shape == (48, 64)
    np.testing.assert_array_equal(prior[6:13, 4:9], drawn)
    assert prior.sum() == 34


def test_a_box_is_answered_in_its_middle_and_stays_when_clicks_refine_it(
    ask: Any, predictor: Any
) -> None:
    box = [36, 4, 45.5, 17]
    prediction = answered(ask([], box=box))
    assert (prediction.status, prediction.mask["bbox"]) == ("done", [37, 7, 7, 7])
    answered(ask([[38.5, 8.5, False]], box=box))
    assert predictor.boxes == [(36.0, 4.0, 45.5, 17.0)] * 2
    assert predictor.encoded == ["32_0_32"]


def test_a_box_larger_than_the_network_sees_says_what_to_do(ask: Any, predictor: Any) -> None:
    assert answered(ask([], box=[0, 0, 16, 16])).status == "done"
    prediction = answered(ask([], box=[0, 0, 17, 9]))
    assert prediction.status == "failed"
    assert "17 × 9 pixels, and the model sees 16 × 16" in prediction.error
    assert "lasso" in prediction.error


def test_the_second_click_on_a_tile_decodes_only(ask: Any, predictor: Any) -> None:
    answered(ask(CLICK))
    answered(ask([[25.5, 12.5, True]]))
    answered(ask([[40.5, 12.5, True]]))
    assert predictor.encoded == ["0_0_32", "32_0_32"]


def test_without_clicks_a_small_image_gets_its_proposals_at_once(
    ask: Any, predictor: Any, messages: Any
) -> None:
    prediction = answered(ask([]))
    assert (prediction.status, prediction.mask) == ("done", None)
    assert len(prediction.proposals) == 4
    assert prediction.proposals[0] == {
        "bbox": [6, 6, 7, 7],
        "counts": prediction.proposals[0]["counts"],
        "area": 29,
        "score": 0.8765,
    }


def test_the_proposals_of_a_large_image_are_left_to_the_batch_worker(
    ask: Any, predictor: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ml.answering.FEW_TILES", 3)
    prediction = answered(ask([]))
    assert prediction.status == "queued"
    assert messages == [("ml.propose_nuclei", [str(prediction.pk)], "batch")]
    propose_nuclei(str(prediction.pk))
    prediction.refresh_from_db()
    assert (prediction.status, len(prediction.proposals)) == ("done", 4)
    assert answered(ask([])).status == "done"  # they are kept, and there is nothing to wait for
    assert len(predictor.encoded) == 4


def test_without_a_checkpoint_it_says_what_to_do(ask: Any, predictor: Any) -> None:
    Checkpoint.objects.update(is_active=False)
    prediction = answered(ask(CLICK))
    assert prediction.status == "failed"
    assert "administrator must load" in prediction.error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(RuntimeError("boom"), "an admin finds why"), (SoftTimeLimitExceeded(), "took too long")],
)
def test_a_failing_network_leaves_a_sentence_and_is_logged(
    ask: Any, predictor: Any, events: Any, error: Exception, sentence: str
) -> None:
    predictor.error = error
    prediction = ask(CLICK)
    with pytest.raises(type(error)):
        answer_prediction(prediction.pk)
    prediction.refresh_from_db()
    assert prediction.status == "failed"
    assert sentence in prediction.error
    assert len(events) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"image_path": "gone.png"}, "upload it again"), ({"width": 65}, "instead of 65")],
)
def test_an_image_that_cannot_be_read_is_named(
    ask: Any, predictor: Any, changes: dict[str, Any], sentence: str
) -> None:
    prediction = answered(ask(CLICK, **changes))
    assert prediction.status == "failed"
    assert sentence in prediction.error
