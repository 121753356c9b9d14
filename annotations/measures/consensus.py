"""Which nuclei several annotators of one image saw, and what they would agree on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from annotations.formats.instance import Instance
from annotations.measures.matching import areas, intersections, match
from ml import rle


@dataclass(frozen=True)
class Group:
    """One nucleus as several people drew it: annotator's number -> theirs; iou: mean over pairs.

    A nucleus that one person alone has seen agrees with nobody's: its iou is 0.
    """

    members: dict[int, Instance]
    iou: float

    @property
    def label(self) -> str | None:
        """The class that most gave it; of equals, the one of the first annotator to give one."""
        votes = Counter(self.members[number].label for number in sorted(self.members))
        return max(votes, key=lambda name: votes[name])


def group(annotations: Sequence[Sequence[Instance]]) -> list[Group]:
    """Put together what several people drew of the same nucleus, the best matches first.

    Each nucleus is in one group, each group has at most one of each annotator.
    """
    ious: dict[tuple[tuple[int, int], tuple[int, int]], float] = {}
    for a, b in combinations(range(len(annotations)), 2):
        first, second = annotations[a], annotations[b]
        for pair in match(intersections(first, second), areas(first), areas(second)):
            ious[(a, pair.first), (b, pair.second)] = pair.iou
    together = {(a, i): {a: i} for a, each in enumerate(annotations) for i in range(len(each))}
    for one, other in sorted(ious, key=lambda link: (-ious[link], link)):
        ours, theirs = together[one], together[other]
        if ours is not theirs and not ours.keys() & theirs.keys():
            ours |= theirs
            for member in theirs.items():
                together[member] = ours
    groups = {id(members): members for members in together.values()}
    return [
        Group({a: annotations[a][i] for a, i in members.items()}, _mean_iou(members, ious))
        for members in groups.values()
    ]


def by_object(groups: Sequence[Group], annotators: int) -> list[Instance]:
    """The nuclei that more than half have seen, each as drawn by who is closest to the others."""
    agreed = (each for each in groups if 2 * len(each.members) > annotators)
    return [_with_label(_medoid(each), each.label) for each in agreed]


def by_pixel(groups: Sequence[Group], annotators: int) -> list[Instance]:
    """The nuclei of the pixels that more than half gave to the same nucleus."""
    agreed = []
    for each in groups:
        shape = _majority(list(each.members.values()), annotators)
        if shape is not None:
            agreed.append(_with_label(shape, each.label))
    return agreed


def _mean_iou(
    members: dict[int, int], ious: dict[tuple[tuple[int, int], tuple[int, int]], float]
) -> float:
    links = list(combinations(sorted(members.items()), 2))
    return sum(ious.get(link, 0.0) for link in links) / len(links) if links else 0.0


def _medoid(each: Group) -> Instance:
    drawn = [each.members[number] for number in sorted(each.members)]
    sizes, common = areas(drawn), intersections(drawn, drawn).toarray()
    union = sizes[:, None] + sizes[None] - common
    return drawn[int((common / union).sum(axis=1).argmax())]


def _majority(drawn: list[Instance], annotators: int) -> Instance | None:
    x, y = min(each.bbox[0] for each in drawn), min(each.bbox[1] for each in drawn)
    right = max(each.bbox[0] + each.bbox[2] for each in drawn)
    bottom = max(each.bbox[1] + each.bbox[3] for each in drawn)
    votes = np.zeros((bottom - y, right - x), dtype=np.int64)
    for each in drawn:
        left, top, width, height = each.bbox
        here = np.s_[top - y : top - y + height, left - x : left - x + width]
        votes[here] += rle.decode(each.bbox, each.counts)
    pixels = 2 * votes > annotators
    if not pixels.any():
        return None
    (left, top, width, height), counts = rle.encode(pixels)
    return Instance([x + left, y + top, width, height], counts)


def _with_label(shape: Instance, label: str | None) -> Instance:
    return Instance(shape.bbox, shape.counts, label)
