"""The rows of a made-up dataset, in the order in which people would have made them."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from annotations.models import Image, Kind, Mask
from annotations.services.flow import Move
from ml import rle

SIDE = 1_000
DAYS = 60
WORKING_SECONDS = 10 * 3600
SECONDS_A_NUCLEUS = 6.0
SHAPES = 16
PIXELS_A_SHAPE = 24

STATUS = Image.Status
# Of a hundred images in a row, the last ones are the least advanced.
SHARES = {
    STATUS.ACCEPTED: 55,
    STATUS.SUBMITTED: 10,
    STATUS.IN_REVIEW: 2,
    STATUS.RETURNED: 3,
    STATUS.IN_PROGRESS: 20,
    STATUS.NEW: 10,
}
# The last move of an image, by its status, after it was submitted.
JUDGED: dict[str, Move] = {
    STATUS.ACCEPTED: Move.ACCEPT,
    STATUS.IN_REVIEW: Move.REVIEW,
    STATUS.RETURNED: Move.RETURN,
}
SUBMITTED = (STATUS.SUBMITTED, *JUDGED)
WAYS = [status for status, share in SHARES.items() for _ in range(share)]
MADE_BY_HAND = 10
ORIGINS = ["accepted"] * 7 + ["fixed"] * 2 + ["drawn"]

IMAGE_COLUMNS = (
    *("id", "dataset_id", "name", "sha256", "format", "size_bytes", "width", "height"),
    *("bit_depth", "channels", "original", "pixels", "thumbnail", "status", "mask_count"),
    *("assignee_id", "annotator_id", "reviewer_id", "submitted_at", "created_by_id", "created_at"),
)
MASK_COLUMNS = (
    *("id", "image_id", "label_class_id", "x", "y", "width", "height", "counts", "area"),
    *("origin", "score", "created_by_id", "updated_by_id", "created_at", "updated_at"),
)
EVENT_COLUMNS = ("dataset_id", "image_id", "mask", "kind", "actor_id", "at", "data")
CLICK_COLUMNS = ("id", "image_id", "x", "y", "positive", "created_by_id", "created_at")

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Work:
    """One image: who worked on it, from when on, and how many nuclei it has."""

    number: int
    id: int
    status: str
    person: int
    start: datetime
    end: datetime
    nuclei: int


class LoadData:
    """`images` images with `masks` nuclei on the average, by `people`; the same for one `seed`."""

    def __init__(
        self,
        *,
        dataset_id: int,
        owner: int,
        people: Sequence[int],
        classes: Sequence[int],
        first_image: int,
        images: int,
        masks: int,
        seed: int,
        until: datetime,
    ) -> None:
        self.dataset_id, self.owner, self.people, self.classes = dataset_id, owner, people, classes
        self.first_image, self.count, self.seed, self.until = first_image, images, seed, until
        drawn_on = sum(WAYS[n % 100] != STATUS.NEW for n in range(images))
        self._few, self._with_one_more = divmod(images * masks, max(drawn_on, 1))
        self._turns = -(-images // len(people))
        most = (self._turns // DAYS + 1) * (self._few + 1)
        self._step = timedelta(seconds=min(SECONDS_A_NUCLEUS, WORKING_SECONDS / most))
        self._shapes = list(_shapes(np.random.default_rng(seed)))

    def works(self) -> Iterator[Work]:
        drawn_on = 0
        for number in range(self.count):
            status, nuclei = WAYS[number % 100], 0
            if status != STATUS.NEW:
                nuclei = self._few + (drawn_on < self._with_one_more)
                drawn_on += 1
            turn, person = divmod(number, len(self.people))
            day = turn * DAYS // self._turns
            place = turn - -(-day * self._turns // DAYS)
            start = self.until - timedelta(days=DAYS - day)
            start += place * (self._few + 1) * self._step
            end = start + nuclei * self._step
            id = self.first_image + number
            yield Work(number, id, status, self.people[person], start, end, nuclei)

    def images(self) -> Iterator[Row]:
        for work in self.works():
            sha256 = hashlib.sha256(f"{self.seed}/{work.number}".encode()).hexdigest()
            begun, submitted = work.status != STATUS.NEW, work.status in SUBMITTED
            yield (
                *(work.id, self.dataset_id, f"slide_{work.number:07}.png", sha256, "png", 1_000),
                *(SIDE, SIDE, 8, 3, "load/image.png", "load/image.png", "load/image.png"),
                *(work.status, work.nuclei),
                *(work.person if begun else None, work.person if submitted else None),
                *(self.owner if work.status in JUDGED else None, work.end if submitted else None),
                *(self.owner, self.until - timedelta(days=DAYS)),
            )

    def masks(self) -> Iterator[Row]:
        """One of MADE_BY_HAND was made here, the others were imported before there was history."""
        random = np.random.default_rng((self.seed, 1))
        number = 0
        for work in self.works():
            scatter = random.bytes(12 * work.nuclei).hex()
            for place in range(work.nuclei):
                # Ascending, so that an index of ten million grows at its end.
                id = f"{number:08x}{scatter[24 * place : 24 * place + 24]}"
                yield self._mask(work, place, id)
                number += 1

    def _mask(self, work: Work, place: int, id: str) -> Row:
        x, y = self._corner(work, place)
        turn = work.number + place
        left, top, width, height, counts, area = self._shapes[turn % SHAPES]
        by_hand = place % MADE_BY_HAND == 0
        origin = ORIGINS[work.number % len(ORIGINS)] if by_hand else Mask.Origin.IMPORTED.value
        at = work.start + place * self._step
        return (
            *(id, work.id, self.classes[turn % len(self.classes)], x + left, y + top),
            *(width, height, counts, area, origin, 0.9, work.person, work.person, at, at),
        )

    def events(self) -> Iterator[Row]:
        """As `services/mask.py` and `services/flow.py` would have written them."""
        for row in self.masks():
            if row[9] == Mask.Origin.IMPORTED:
                continue
            id, image, label_class, *bbox, counts, area, origin, score, person, _, at, _ = row
            state = {"version": 1, "bbox": bbox, "counts": counts, "area": area}
            state |= {"label_class": label_class, "origin": origin, "score": score}
            kind = Kind.MASK_CREATED.value
            yield self.dataset_id, image, id, kind, person, at, json.dumps(state)
        kind = Kind.IMAGE_STATE.value
        for work in self.works():
            moves = [(Move.SUBMIT, work.person)] if work.status in SUBMITTED else []
            if work.status in JUDGED:
                moves.append((JUDGED[work.status], self.owner))
            for move, actor in moves:
                data = json.dumps({"move": move.value})
                yield self.dataset_id, work.id, None, kind, actor, work.end, data

    def clicks(self) -> Iterator[Row]:
        """One for each image that has been begun."""
        random = np.random.default_rng((self.seed, 2))
        for work in self.works():
            if work.nuclei:
                id = UUID(bytes=random.bytes(16), version=4)
                yield id, work.id, SIDE / 2, SIDE / 2, True, work.person, work.start

    @staticmethod
    def _corner(work: Work, number: int) -> tuple[int, int]:
        """Of a nucleus's cell on a grid that begins elsewhere on every image."""
        columns = SIDE // PIXELS_A_SHAPE
        row, column = divmod((work.number * 7 + number) % columns**2, columns)
        return column * PIXELS_A_SHAPE, row * PIXELS_A_SHAPE


def _shapes(random: np.random.Generator) -> Iterator[tuple[int, int, int, int, str, int]]:
    """x, y, width, height, counts and area of ellipses within a square of PIXELS_A_SHAPE."""
    y, x = np.mgrid[:PIXELS_A_SHAPE, :PIXELS_A_SHAPE] - PIXELS_A_SHAPE / 2 + 0.5
    for _ in range(SHAPES):
        a, b = random.uniform(5, PIXELS_A_SHAPE / 2, 2)
        pixels = np.hypot(x / a, y / b) < 1
        (left, top, width, height), counts = rle.encode(pixels)
        yield left, top, width, height, counts, int(pixels.sum())
