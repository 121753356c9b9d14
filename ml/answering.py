"""Answer one prompt: from the stored encoding of its tile, or by making it on the spot."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from ml import attention, rle
from ml.broker import BATCH, enqueue
from ml.embeddings import Key, store
from ml.encoding import encoding_of, proposals_of, wire_mask
from ml.events import publish
from ml.exceptions import BoxTooLarge, MlError
from ml.models import Prediction
from ml.one_by_one import OneByOne
from ml.pixels import Picture
from ml.registry import Active, active
from ml.services import PROPOSE, claim
from ml.sppnet.predict import Box, CheckpointError, centre_of

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
# An image of so few tiles is proposed while the person waits; a larger one by the batch worker.
FEW_TILES = 4
# Windows begin at multiples of this, so one may lie half as much off the middle of a box.
GRID = 16

_answering = OneByOne()

Result = dict[str, Any]


def answer_prediction(id: UUID | str) -> None:
    """Answer a prompt once, however often it is asked to, and tell its topic.

    What a person can do something about ends as a sentence on the row; anything else is raised
    as well, after the row says so. All nuclei of a large image are passed on to the batch worker.
    """

    def answer(prediction: Prediction, now: Active) -> Result | None:
        if prediction.clicks or prediction.box:
            return _nucleus(prediction, now)
        return _all_nuclei(prediction, now) if _is_quick(prediction, now) else None

    _answer(id, answer)


def propose_nuclei(id: UUID | str) -> None:
    """Answer a prompt for all nuclei, however long that takes."""
    _answer(id, _all_nuclei)


def _answer(id: UUID | str, find: Callable[[Prediction, Active], Result | None]) -> None:
    # A message that comes twice finds the prompt answered.
    with _answering.turn(str(id)):
        _answer_alone(id, find)


def _answer_alone(id: UUID | str, find: Callable[[Prediction, Active], Result | None]) -> None:
    prediction = Prediction.objects.filter(pk=id).first()
    if prediction is None or not claim(prediction):
        return
    if prediction.attempts >= MAX_ATTEMPTS:
        _finish(prediction, error="The model died over this prompt three times; tell an admin.")
        return
    try:
        now = active(prediction.scope)
        result = find(prediction, now)
    except (MlError, CheckpointError) as error:
        _finish(prediction, error=str(error))
    except SoftTimeLimitExceeded:
        _finish(prediction, error="The model took too long over this prompt. Try once more.")
        raise
    except Exception:
        _finish(prediction, error="The model failed on this prompt; an admin finds why in the log.")
        raise
    else:
        if result is None:
            _pass_on(prediction)
        else:
            _finish(prediction, checkpoint=now.checkpoint, **result)


def _nucleus(prediction: Prediction, now: Active) -> Result:
    """{"mask": wire mask or None where there is no nucleus, "score": predicted IoU}."""
    predictor = now.predictor
    width, height = prediction.width, prediction.height
    clicks = [(float(x), float(y), bool(positive)) for x, y, positive in prediction.clicks]
    box = _box_of(prediction, predictor.config.window)
    picture = Picture.of(prediction)
    asked = [centre_of(box)] if box else clicks
    attention.note(picture.sha256, *asked[-1][:2])
    tile = predictor.tile_for(asked, width, height, prediction.scale)
    encoding = encoding_of(now, picture, tile)
    prior = None
    if prediction.prior is not None:
        prior = rle.paste(prediction.prior["bbox"], prediction.prior["counts"], height, width)
    answer = predictor.segment(picture.pixels(), tile, encoding, clicks, prior, box)
    return {"mask": wire_mask(answer), "score": round(answer.score, 4)}


def _box_of(prediction: Prediction, window: int) -> Box | None:
    """Raises BoxTooLarge for a box that may reach out of a window on the embedding's grid."""
    if prediction.box is None:
        return None
    x0, y0, x1, y1 = map(float, prediction.box)
    width, height, most = x1 - x0, y1 - y0, int((window - GRID) / prediction.scale)
    if max(width, height) > most:
        raise BoxTooLarge(
            f"This box is {width:.0f} × {height:.0f} pixels, and the model sees {most} × {most} at "
            "once. Draw it closely around one nucleus, or outline a larger one with the lasso."
        )
    return x0, y0, x1, y1


def _all_nuclei(prediction: Prediction, now: Active) -> Result:
    return {"proposals": proposals_of(now, Picture.of(prediction))}


def _is_quick(prediction: Prediction, now: Active) -> bool:
    key = Key.of(now.checkpoint.sha256, prediction.image_sha256, prediction.scale)
    tiles = now.predictor.tiles(prediction.width, prediction.height, prediction.scale)
    return len(tiles) <= FEW_TILES or store().has_proposals(key)


def _pass_on(prediction: Prediction) -> None:
    rows = Prediction.objects.unfinished().filter(pk=prediction.pk)
    # Waiting for its turn is no attempt.
    rows.update(status=Prediction.State.QUEUED, attempts=0, enqueued_at=timezone.now())
    enqueue(PROPOSE, [str(prediction.pk)], queue=BATCH)


def _finish(prediction: Prediction, *, error: str = "", **result: Any) -> None:
    """Write the answer unless another delivery already has, and tell the topic."""
    now = timezone.now()
    state = Prediction.State.FAILED if error else Prediction.State.DONE
    latency = max(round((now - prediction.created_at).total_seconds() * 1000), 0)
    written = (
        Prediction.objects.unfinished()
        .filter(pk=prediction.pk)
        .update(status=state, error=error, answered_at=now, latency_ms=latency, **result)
    )
    if written:
        publish(prediction.topic, "prediction", {"id": str(prediction.pk), "status": state.value})
