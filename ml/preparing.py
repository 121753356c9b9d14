"""Have a checkpoint that was just promoted ready before anybody asks for it."""

import logging

from django.utils import timezone

from ml.broker import BATCH, enqueue
from ml.models import Checkpoint, Encoding, Prediction, Promotion
from ml.registry import predictor_of
from ml.services import ENCODE, request_decoder
from ml.sppnet.engines.choice import warm_up

logger = logging.getLogger(__name__)

# So many images are encoded anew at once, those first in which people clicked last. The others
# when they are opened.
MOST_IMAGES = 40
_CLICKS_LOOKED_AT = 500


def prepare_promoted(id: int) -> None:
    """Load and warm up the promoted checkpoint here, have browsers' decoder made, and queue the
    encoding of the images at work.

    Clicks that wait meanwhile are answered by it as soon as it is loaded.
    """
    promotion = Promotion.objects.select_related("checkpoint").filter(pk=id).first()
    if promotion is None or not promotion.is_current or promotion.checkpoint is None:
        return
    try:
        warm_up(predictor_of(promotion.checkpoint))
    except Exception as error:  # the first click says to a person what is wrong
        logger.warning("%s cannot be loaded: %s", promotion.checkpoint, error)
        return
    request_decoder(checkpoint=promotion.checkpoint)
    ids = [_encoding(promotion.checkpoint, like).pk for like in _at_work(promotion)]
    enqueue(ENCODE, ids, queue=BATCH, ahead=True)


def _at_work(promotion: Promotion) -> list[Prediction | Encoding]:
    """Rows that name the images, the most needed first, each image once."""
    clicks = Prediction.objects.order_by("-created_at")
    if promotion.scope:
        clicks = clicks.filter(scope=promotion.scope)
    else:
        others = Promotion.objects.filter(is_current=True).exclude(scope="")
        clicks = clicks.exclude(scope__in=others.values("scope"))
    rows: list[Prediction | Encoding] = list(
        clicks.defer("proposals", "mask", "prior")[:_CLICKS_LOOKED_AT]
    )
    former = promotion.replaced.checkpoint if promotion.replaced else None
    if former is not None:
        rows += former.encodings.order_by("-updated_at")[:MOST_IMAGES]
    # The newest row of an image says at which scale it is seen by now.
    found: dict[str, Prediction | Encoding] = {}
    for row in rows:
        found.setdefault(row.image_sha256, row)
    return list(found.values())[:MOST_IMAGES]


def _encoding(checkpoint: Checkpoint, like: Prediction | Encoding) -> Encoding:
    encoding, _ = Encoding.objects.get_or_create(
        image_sha256=like.image_sha256,
        scale=like.scale,
        checkpoint=checkpoint,
        defaults={
            "image_path": like.image_path,
            "width": like.width,
            "height": like.height,
            "topics": like.topics if isinstance(like, Encoding) else [like.topic],
            "ahead": True,
            "enqueued_at": timezone.now(),
        },
    )
    return encoding
