"""How much an image needs to be annotated: computed in the background, once it is encoded."""

import hashlib
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string

from ml.embeddings import Key, store
from ml.models import Encoding, Promotion
from ml.pixels import Picture
from ml.registry import predictor_of
from ml.sppnet.predict import Predictor
from ml.sppnet.tiles import Tile
from ml.sppnet.uncertainty import DECAY, NOISE, has_foreground, need_of

UNCERTAIN, RANDOM = "uncertain", "random"
# At most so many tiles of an image count, so that one slide does not fill the list.
TILES_AN_IMAGE = 3


def rank_image(id: int) -> None:
    """Work out how much the image of an encoding needs to be annotated, and tell whom it concerns.

    settings.HOW_TO_RANK is asked (topics -> "" for not at all, UNCERTAIN or RANDOM), and
    settings.IMAGE_RANKED is told (topics, need, [[x, y, side, entropy], ...] in image pixels, id of
    the checkpoint). A need of None says that it cannot be known, so that nobody asks again.
    """
    encoding = Encoding.objects.select_related("checkpoint").filter(pk=id).first()
    if encoding is None or encoding.status != Encoding.State.READY:
        return
    how = import_string(settings.HOW_TO_RANK)(encoding.topics)
    if not how:
        return
    tell = import_string(settings.IMAGE_RANKED)
    try:
        ranked = _ranked(encoding, how)
    except Exception:
        tell(encoding.topics, None, [], encoding.checkpoint_id)
        raise
    if ranked is None:
        encoding.delete()  # its files were evicted: whoever asks has it made again, and ranked
    else:
        tell(encoding.topics, *ranked, encoding.checkpoint_id)


def _ranked(encoding: Encoding, how: str) -> tuple[float, list[Any]] | None:
    """(need, tiles); None without the files of the encoding."""
    picture = Picture.of(encoding)
    predictor = predictor_of(encoding.checkpoint)
    encoded = _encoded(predictor, encoding, picture)
    if not encoded:
        return None
    luck = _luck(encoding)
    if how == RANDOM:
        shows_nuclei = any(has_foreground(tile["maps"]) for tile in encoded.values())
        # Images with nuclei come first, in any order.
        return luck.random() + float(shows_nuclei), []
    found = need_of(predictor, picture.pixels(), encoded, TILES_AN_IMAGE)
    need = float(np.mean([value for _, value in found]))
    need *= float(np.exp(luck.normal(0, noise_after(_rounds(encoding)))))
    return need, [_in_pixels(tile, value) for tile, value in found]


def noise_after(rounds: int) -> float:
    """How much chance there is in the order, after so many promotions."""
    return float(NOISE * DECAY**rounds)


def _encoded(predictor: Predictor, encoding: Encoding, picture: Picture) -> dict[Tile, Any]:
    key = Key.of(encoding.checkpoint.sha256, picture.sha256, picture.scale)
    tiles = predictor.tiles(picture.width, picture.height, picture.scale)
    loaded = {tile: store().load_tile(key, tile.key) for tile in tiles}
    return {tile: found for tile, found in loaded.items() if found is not None}


def _luck(encoding: Encoding) -> np.random.Generator:
    """The same for the same image and checkpoint, however often it is asked for."""
    text = f"{encoding.image_sha256} {encoding.checkpoint.sha256}"
    return np.random.default_rng(list(hashlib.sha256(text.encode()).digest()[:8]))


def _rounds(encoding: Encoding) -> int:
    mine = Promotion.objects.filter(checkpoint=encoding.checkpoint, is_current=True).first()
    return Promotion.objects.filter(scope=mine.scope).count() if mine else 0


def _in_pixels(tile: Tile, value: float) -> list[float]:
    x, y, side = (round(number / tile.scale) for number in (tile.x, tile.y, tile.side))
    return [x, y, side, round(value, 4)]
