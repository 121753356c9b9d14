"""Encode images ahead of the clicks, and propose their nuclei."""

from collections.abc import Iterator
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from ml import attention, rle
from ml.broker import BATCH, enqueue, somebody_waits
from ml.embeddings import Encoding as TileEncoding
from ml.embeddings import Key, store
from ml.events import publish
from ml.exceptions import MlError
from ml.measuring import measure_nuclei
from ml.models import Encoding
from ml.one_by_one import OneByOne
from ml.pixels import Picture
from ml.registry import Active, predictor_of
from ml.services import ENCODE, RANK, claim
from ml.sppnet.predict import Answer, CheckpointError, Tile

_encoding, _proposing = OneByOne(), OneByOne()
# Each attempt finds the tiles of the former ones, so that restarts do not count for much.
MAX_ATTEMPTS = 10


def encode_image(id: int) -> None:
    """Encode every tile of an image and keep its proposals; tiles that are there are kept.

    The outcome is on the row, and its topics hear of it. An image that nobody is looking at gives
    way to work that somebody waits for, and goes on after it.
    """
    encoding = Encoding.objects.select_related("checkpoint").filter(pk=id).first()
    if encoding is None or not claim(encoding):
        return
    _tell(encoding, Encoding.State.RUNNING)
    try:
        if encoding.attempts >= MAX_ATTEMPTS:
            raise MlError("Encoding this image ended the worker ten times; tell an admin.")
        now, picture = _active_of(encoding), Picture.of(encoding)
        for _ in encode_missing(now, picture):
            if encoding.ahead and somebody_waits(BATCH):
                _put_back(encoding)
                return
        proposals = proposals_of(now, picture)
        better = measure_nuclei(encoding, [each["area"] for each in proposals])
    except (MlError, CheckpointError) as error:
        _finish(encoding, error=str(error))
    except SoftTimeLimitExceeded:
        _finish(encoding, error="Encoding this image took too long; its clicks take longer.")
        raise
    except Exception:
        _finish(encoding, error="Encoding failed; an admin finds why in the log.")
        raise
    else:
        # What is about to be seen at another scale is ranked then.
        if _finish(encoding) and better == encoding.scale:
            enqueue(RANK, [encoding.pk], queue=BATCH, ahead=True)


def encode_missing(now: Active, picture: Picture) -> Iterator[Tile]:
    """Encode and keep the tiles that are not in the store, those first that lie where somebody
    looks; yields each when it is there."""
    key = _key(now, picture)
    there = store().tile_files(key)
    tiles = now.predictor.tiles(picture.width, picture.height, picture.scale)
    missing = [tile for tile in tiles if tile.key not in there]
    while missing:
        at = attention.place_on(picture.sha256) or (picture.width / 2, picture.height / 2)
        missing.sort(key=lambda tile: tile.distance_to(*at))
        some, missing = missing[: now.predictor.batch], missing[now.predictor.batch :]
        for tile, encoding in now.predictor.encode_all(picture.pixels(), some):
            _keep(key, tile, encoding)
            yield tile


def proposals_of(now: Active, picture: Picture) -> list[dict[str, Any]]:
    """Every nucleus as {"bbox", "counts", "area", "score"}, from the store if made before."""
    key = _key(now, picture)
    with _proposing.turn(key):
        proposals = store().load_proposals(key)
        if proposals is None:
            proposals = _propose(now, picture)
            store().save_proposals(key, proposals)
    return proposals


def _propose(now: Active, picture: Picture) -> list[dict[str, Any]]:
    for _ in encode_missing(now, picture):
        pass
    found = now.predictor.propose(
        (picture.height, picture.width),
        lambda tile: encoding_of(now, picture, tile),
        scale=picture.scale,
    )
    return [
        {**mask, "score": round(answer.score, 4)}
        for answer in found
        if (mask := wire_mask(answer)) is not None
    ]


def encoding_of(now: Active, picture: Picture, tile: Tile) -> TileEncoding:
    """A tile's encoding from the store, made and kept if it is not there (any more)."""
    key = _key(now, picture)
    with _encoding.turn((key, tile.key)):
        encoding = store().load_tile(key, tile.key)
        if encoding is None:
            encoding = now.predictor.encode(picture.pixels(), tile)
            _keep(key, tile, encoding)
    return encoding


def _keep(key: Key, tile: Tile, encoding: TileEncoding) -> None:
    store().save_tile(key, tile.key, encoding)
    for gone in store().evict_if_due(keep=key):
        Encoding.objects.filter(
            status=Encoding.State.READY,
            image_sha256=gone.image_sha256,
            scale=gone.scale,
            checkpoint__sha256__startswith=gone.checkpoint,
        ).delete()


def _key(now: Active, picture: Picture) -> Key:
    return Key.of(now.checkpoint.sha256, picture.sha256, picture.scale)


def _active_of(encoding: Encoding) -> Active:
    return Active(encoding.checkpoint, predictor_of(encoding.checkpoint))


def wire_mask(answer: Answer) -> dict[str, Any] | None:
    """{"bbox", "counts", "area"} in image pixels; None for an empty mask."""
    if not answer.mask.any():
        return None
    (x, y, width, height), counts = rle.encode(answer.mask)
    bbox = [x + answer.x, y + answer.y, width, height]
    return {"bbox": bbox, "counts": counts, "area": int(answer.mask.sum())}


def _put_back(encoding: Encoding) -> None:
    rows = Encoding.objects.unfinished().filter(pk=encoding.pk)
    # Giving way is no attempt.
    rows.update(status=Encoding.State.QUEUED, attempts=0, enqueued_at=timezone.now())
    enqueue(ENCODE, [encoding.pk], queue=BATCH, ahead=True)


def _finish(encoding: Encoding, *, error: str = "") -> bool:
    """Write the outcome unless another delivery already has, and tell of it; whether this did."""
    state = Encoding.State.FAILED if error else Encoding.State.READY
    rows = Encoding.objects.unfinished().filter(pk=encoding.pk)
    written = bool(rows.update(status=state, error=error, updated_at=timezone.now()))
    if written:
        _tell(encoding, state)
    return written


def _tell(encoding: Encoding, state: Encoding.State) -> None:
    # Another image with the same pixels may have come meanwhile.
    topics = Encoding.objects.filter(pk=encoding.pk).values_list("topics", flat=True).first()
    for topic in topics or []:
        publish(topic, "encoding", encoding.news() | {"status": state.value})
