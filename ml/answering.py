"""Answer one prompt: from the stored encoding of its tile, or by making it on the spot."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from ml import rle
from ml.encoding import encoding_of, proposals_of, wire_mask
from ml.events import publish
from ml.exceptions import MlError
from ml.models import Prediction
from ml.pixels import Picture
from ml.registry import Active, active
from ml.services import claim
from ml.sppnet.predict import CheckpointError

MAX_ATTEMPTS = 3


def answer_prediction(id: UUID | str) -> None:
    """Answer a prompt once, however often it is asked to; tell its topic.

    What a person can do something about ends as a sentence on the row; anything else is raised
    as well, after the row says so.
    """
    prediction = Prediction.objects.filter(pk=id).first()
    if prediction is None or not claim(prediction):
        return
    if prediction.attempts >= MAX_ATTEMPTS:
        _finish(prediction, error="The model died over this click three times; tell an admin.")
        return
    try:
        now = active()
        if prediction.clicks:
            result = _nucleus(prediction, now)
        else:
            result = {"proposals": proposals_of(now, Picture.of(prediction))}
    except (MlError, CheckpointError) as error:
        _finish(prediction, error=str(error))
    except Exception:
        _finish(prediction, error="The model failed on this click; an admin finds why in the log.")
        raise
    else:
        _finish(prediction, checkpoint=now.checkpoint, **result)


def _nucleus(prediction: Prediction, now: Active) -> dict[str, Any]:
    """{"mask": wire mask or None where there is no nucleus, "score": predicted IoU}."""
    predictor = now.predictor
    width, height = prediction.width, prediction.height
    clicks = [(float(x), float(y), bool(positive)) for x, y, positive in prediction.clicks]
    picture = Picture.of(prediction)
    pixels = picture.pixels()
    tile = predictor.tile_for(clicks, width, height)
    encoding = encoding_of(now, picture, tile)
    prior = None
    if prediction.prior is not None:
        prior = rle.paste(prediction.prior["bbox"], prediction.prior["counts"], height, width)
    answer = predictor.segment(pixels, tile, encoding, clicks, prior)
    return {"mask": wire_mask(answer), "score": round(answer.score, 4)}


def _finish(prediction: Prediction, *, error: str = "", **result: Any) -> None:
    """Write the answer unless another delivery already has, and tell the topic."""
    now = timezone.now()
    state = Prediction.State.FAILED if error else Prediction.State.DONE
    latency = int((now - prediction.created_at).total_seconds() * 1000)
    written = (
        Prediction.objects.unfinished()
        .filter(pk=prediction.pk)
        .update(status=state, error=error, answered_at=now, latency_ms=latency, **result)
    )
    if written:
        publish(prediction.topic, "prediction", {"id": str(prediction.pk)})
