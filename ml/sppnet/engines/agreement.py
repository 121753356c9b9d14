"""Whether an engine answers as torch does in float32, on real images and clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sppnet.answers import Answer, Click
from ml.sppnet.engines.interface import Decoder, Encoder
from ml.sppnet.predict import Encoding, Pixels, Predictor, Tile

LEAST_IOU = 0.99
MOST_SCORE_ERROR = 0.02
# Clicks on each image: so many that one nucleus on the brink of joining another decides nothing.
CLICKS = 10
# A nucleus is deep where it is further from its outline than this.
DEEP = 0.25
# On a smaller nucleus one pixel more or less says nothing.
LEAST_AREA = 30


@dataclass(frozen=True)
class Agreement:
    """How near an engine comes to the reference: the mean IoU of clicked nuclei, the IoU of the
    maps that proposals are made of, and the mean difference of scores: like a mask, its score may
    change much at one click on the brink."""

    masks: float
    maps: float
    score_error: float

    @property
    def objection(self) -> str:
        """Why the engine must not be used; empty if it may."""
        for name, value in (("masks", self.masks), ("maps", self.maps)):
            if not value >= LEAST_IOU:  # a NaN is no agreement
                return f"{name} differ from torch's: IoU {value:.3f}, at least {LEAST_IOU} needed"
        if not self.score_error <= MOST_SCORE_ERROR:
            return f"scores differ from torch's by {self.score_error:.3f} in the mean"
        return ""


@dataclass(frozen=True)
class Case:
    """One image with what the reference makes of it."""

    pixels: Pixels
    tile: Tile
    encoding: Encoding
    clicks: list[Click]
    answers: list[Answer]


class Exam:
    """The reference's answers on ``images``, each H×W×3 uint8, to hold other engines against.

    Raises ValueError without images.
    """

    def __init__(self, reference: Predictor, images: Sequence[Pixels]) -> None:
        if not images:
            raise ValueError("engines cannot be compared without images")
        self.reference = reference
        # A corner of the first image is small enough for the smaller of the two sides of tiles.
        small = reference.config.tile // 2
        self.cases = [self._case(pixels) for pixels in [*images, images[0][:small, :small]]]

    def _case(self, pixels: Pixels) -> Case:
        height, width = pixels.shape[:2]
        tile = self.reference.tile_for([(width / 2, height / 2, True)], width, height)
        encoding = self.reference.encode(pixels, tile)
        _, labels = self.reference.label((height, width), [(tile, encoding)])
        # Of a network that finds no nuclei, any answer will do to compare.
        clicks = _clicks_on(labels) or [(width / 2, height / 2, True)]
        answers = [self.reference.segment(pixels, tile, encoding, [click]) for click in clicks]
        return Case(pixels, tile, encoding, clicks, answers)

    def of_encoder(self, encoder: Encoder) -> Agreement:
        """Compare an encoder; the reference decodes."""
        return self._agreement(self.reference.running_on(encoder=encoder))

    def of_pair(self, encoder: Encoder, decoder: Decoder) -> Agreement:
        """Compare a decoder, working on the features of the encoder that it is to be used with."""
        return self._agreement(self.reference.running_on(encoder, decoder))

    def _agreement(self, other: Predictor) -> Agreement:
        ious, errors = [], []
        common, union = np.zeros(2), np.zeros(2)
        for case in self.cases:
            encoding = other.encode(case.pixels, case.tile)
            for i, (one, two) in enumerate(zip(_maps(case.encoding), _maps(encoding), strict=True)):
                common[i] += (one & two).sum()
                union[i] += (one | two).sum()
            for click, expected in zip(case.clicks, case.answers, strict=True):
                found = other.segment(case.pixels, case.tile, encoding, [click])
                ious.append(_iou(expected, found))
                errors.append(abs(expected.score - found.score))
        maps = np.where(union > 0, common / np.maximum(union, 1), 1.0)
        return Agreement(float(np.mean(ious)), float(maps.min()), float(np.mean(errors)))


def _clicks_on(labels: NDArray[np.int32]) -> list[Click]:
    """Clicks deep inside nuclei of different sizes, chosen without chance."""
    areas = np.bincount(labels.ravel())
    numbers = np.argsort(areas[1:], kind="stable") + 1
    numbers = numbers[areas[numbers] >= LEAST_AREA]
    picked = np.linspace(0, len(numbers) - 1, min(CLICKS, len(numbers))).astype(int)
    return [_deepest(labels == number) for number in numbers[picked]]


def _deepest(nucleus: NDArray[np.bool_]) -> Click:
    depth = cv2.distanceTransform(np.pad(nucleus, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(x) + 0.5, float(y) + 0.5, True


def _maps(encoding: Encoding) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where nuclei are, and where they are deep: from such maps proposals are made."""
    foreground, boundary, distance = encoding["maps"].astype(np.float32) / 255
    return foreground > 0.5, distance * (1 - boundary) > DEEP


def _iou(one: Answer, other: Answer) -> float:
    height = max(answer.y + answer.mask.shape[0] for answer in (one, other))
    width = max(answer.x + answer.mask.shape[1] for answer in (one, other))
    a, b = one.paste(height, width), other.paste(height, width)
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 1.0
