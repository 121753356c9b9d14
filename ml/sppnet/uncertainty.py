"""How unsure the network is of a part of an image: what is worth annotating next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.sppnet.config import BOUNDARY, FOREGROUND
from ml.sppnet.predict import Encoding, Predictor
from ml.sppnet.tiles import Tile, cut

Maps = NDArray[np.uint8]

# The views under which a tile is looked at again: flips of rows, of columns, of both.
FLIPS: tuple[tuple[int, ...], ...] = ((), (1,), (2,), (1, 2))
# Channels of `maps` that are asked: what is a nucleus, and where two of them meet.
_ASKED = [FOREGROUND - 1, BOUNDARY - 1]
# How far chance moves an uncertainty at first, and what is left of that after each round: networks
# that know little are sure of wrong things.
NOISE, DECAY = 0.3, 0.7
# A tile with less of nuclei than this is background to the random choice.
_SOME_FOREGROUND = 0.05


def entropy(maps: Sequence[Maps]) -> float:
    """Mean binary entropy, in bits from 0 to 1, of the mean foreground and boundary probabilities.

    Each of ``maps`` is C×H×W uint8 as :meth:`Predictor.encode` has it, of one view, flipped back.
    """
    mean = np.mean([view[_ASKED] for view in maps], axis=0) / 255
    p = np.clip(mean, 1e-6, 1 - 1e-6)
    return float(-(p * np.log2(p) + (1 - p) * np.log2(1 - p)).mean())


def uncertainty(predictor: Predictor, image: NDArray[np.uint8], tile: Tile) -> float:
    """The entropy of a tile under test-time augmentation by flips. ``image`` H×W×3 uint8 RGB."""
    pixels = cut(image, tile)
    maps = []
    for axes in FLIPS:
        # Of the maps, which are C×H×W, the same axes; of the pixels, H×W×3, one less.
        view = np.ascontiguousarray(np.flip(pixels, tuple(axis - 1 for axis in axes)))
        encoding = predictor.encode(view, Tile(0, 0, tile.side))
        maps.append(np.flip(encoding["maps"], axes))
    return entropy(maps)


def need_of(
    predictor: Predictor, image: NDArray[np.uint8], encoded: dict[Tile, Encoding], most: int
) -> list[tuple[Tile, float]]:
    """The up to ``most`` tiles of an image that are most worth annotating, with their entropy under
    augmentation, the most uncertain first. Only those that look most uncertain unaugmented are
    encoded again, so a large image costs no more than a small one."""
    plain = sorted(encoded, key=lambda tile: -entropy([encoded[tile]["maps"]]))
    found = [(tile, uncertainty(predictor, image, tile)) for tile in plain[:most]]
    return sorted(found, key=lambda pair: -pair[1])


def has_foreground(maps: Maps) -> bool:
    """Whether a tile shows nuclei at all, as far as the network can tell."""
    return bool((maps[FOREGROUND - 1] > 127).mean() > _SOME_FOREGROUND)
