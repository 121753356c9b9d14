"""Which images of a dataset need a person most, as the network ranks them in the background."""

from typing import Any

from django.db.models import Q

from annotations.models import Dataset, Image
from annotations.models.dataset import source_of
from annotations.services.image import prepare_image
from ml.broker import BATCH, enqueue, waiting_ahead
from ml.models import Checkpoint, Encoding
from ml.services import RANK

LISTED = Dataset.NextBy.LISTED
IMAGES_AT_ONCE = 40


def how_to_rank(topics: list[str]) -> str:
    """For settings.HOW_TO_RANK: how the datasets of these images want them ranked, "" if not."""
    wanted = Dataset.objects.filter(_of(topics)).exclude(next_by=LISTED)
    return wanted.values_list("next_by", flat=True).first() or ""


def note_need(topics: list[str], need: float | None, tiles: list[Any], checkpoint_id: int) -> None:
    """For settings.IMAGE_RANKED: remember how much the images need to be annotated, and where, by
    the word of the checkpoint that answers clicks there; another one has none. None: it cannot
    say."""
    images = Image.objects.filter(pk__in=_ids(topics))
    for dataset_id in set(images.values_list("dataset", flat=True)):
        active = Checkpoint.objects.active(source_of(dataset_id))
        if active.filter(pk=checkpoint_id).exists():
            images.filter(dataset=dataset_id).update(
                need=need, uncertain_tiles=tiles, ranked_by=checkpoint_id
            )


def rank_images() -> None:
    """Have some of the images ranked that the checkpoint of their dataset has not ranked yet.

    For a clock to call. They wait behind everything else in the batch queue, and as long as any do,
    no more are sent; what a dead worker has left undone is still unranked, and sent again.
    Raises redis.RedisError.
    """
    if waiting_ahead(BATCH):
        return
    room = IMAGES_AT_ONCE
    for dataset in Dataset.objects.live().exclude(next_by=LISTED):
        checkpoint = Checkpoint.objects.active(dataset.source).first()
        if checkpoint is None:
            continue
        images = list(Image.objects.filter(dataset=dataset).to_rank(checkpoint)[:room])
        encodings = [prepare_image(image=image, ahead=True) for image in images]
        # The others are ranked as soon as they are encoded.
        ready = [each.pk for each in encodings if each and each.status == Encoding.State.READY]
        if ready:
            enqueue(RANK, ready, queue=BATCH, ahead=True)
        room -= len(images)
        if not room:
            return


def _of(topics: list[str]) -> Q:
    return Q(images__in=_ids(topics))


def _ids(topics: list[str]) -> list[int]:
    """The images that were named by Image.topic."""
    prefix = "image:"
    return [int(topic.removeprefix(prefix)) for topic in topics if topic.startswith(prefix)]
