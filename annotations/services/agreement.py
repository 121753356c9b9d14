"""Compare what several people drew of one image, in a worker; pages read what is stored here."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from typing import Any

from django.db import transaction

from annotations.formats.instance import Instance
from annotations.measures import kappa
from annotations.measures.consensus import group
from annotations.measures.matching import scores
from annotations.models import Comparison, Image, ImageAgreement, LabelClass, Mask, PairScore
from annotations.services.flow import OPEN
from annotations.services.optimistic_lock import lock_row

IMAGES_A_RUN = 20


def compare_waiting() -> None:
    """Compare the replicas of images of which one was submitted. For a clock to call."""
    waiting = Image.objects.filter(to_compare=True).order_by("pk")
    for pk in waiting.values_list("pk", flat=True)[:IMAGES_A_RUN]:
        compare(image_id=pk)


@transaction.atomic
def compare(*, image_id: int) -> None:
    """Store anew how well the submitted replicas of an image agree. Safe to repeat."""
    image = lock_row(Image.objects.all(), image_id)
    replicas = submitted_replicas(image)
    drawn = [instances_on(replica) for replica in replicas]
    found = [
        _comparison(image, (replicas[a], drawn[a]), (replicas[b], drawn[b]))
        for a, b in combinations(range(len(replicas)), 2)
    ]
    if image.is_honeypot:
        truth = instances_on(image)
        found += [
            _comparison(image, mine, (None, truth)) for mine in zip(replicas, drawn, strict=True)
        ]
    forget_comparisons(image=image)
    _count(Comparison.objects.bulk_create(found), 1)
    _store_agreement(image, drawn)
    Image.objects.filter(pk=image.pk).update(to_compare=False)


def forget_comparisons(*, image: Image) -> None:
    """Take the comparisons of an image out of all sums. Lock the image first."""
    comparisons = Comparison.objects.filter(image=image)
    _count(comparisons, -1)
    comparisons.delete()


def submitted_replicas(image: Image) -> list[Image]:
    """Those that their annotators are done with, in the order of their annotators."""
    return list(image.replicas.exclude(status__in=OPEN).order_by("replica_for_id"))


def instances_on(image: Image) -> list[Instance]:
    """The live nuclei of an image, labelled by their classes' names."""
    names = dict(LabelClass.objects.filter(dataset_id=image.dataset_id).values_list("id", "name"))
    masks = Mask.objects.live().filter(image=image, conflict_with=None)
    return [
        Instance(mask.bbox, mask.counts, names.get(mask.label_class_id))
        for mask in masks.order_by("created_at", "id")
    ]


def _comparison(
    image: Image,
    first: tuple[Any, list[Instance]],
    second: tuple[Any, list[Instance]],
) -> Comparison:
    """Of two replicas, or of one and the truth, which comes without a replica."""
    (mine, ours), (other, theirs) = first, second
    found = scores(ours, theirs)
    classes = [(ours[pair.first].label, theirs[pair.second].label) for pair in found.pairs]
    return Comparison(
        dataset_id=image.dataset_id,
        image=image,
        first_id=mine.replica_for_id,
        second_id=other and other.replica_for_id,
        first_nuclei=found.first,
        second_nuclei=found.second,
        matched=found.matched,
        kappa=kappa.cohen(classes),
        at=max(each.submitted_at or each.created_at for each in (mine, other) if each),
        **{name: getattr(found, name) for name in Comparison.SCORES},
    )


def _count(comparisons: Iterable[Comparison], by: int) -> None:
    PairScore.objects.bulk_create(
        PairScore(
            dataset_id=each.dataset_id,
            first_id=each.first_id,
            second_id=each.second_id,
            images=by,
            rated=by * (each.kappa is not None),
            kappa=by * (each.kappa or 0.0),
            **{name: by * getattr(each, name) for name in Comparison.SCORES},
        )
        for each in comparisons
    )


def _store_agreement(image: Image, drawn: list[list[Instance]]) -> None:
    groups = group(drawn)
    seen_by_all = [each for each in groups if len(each.members) == len(drawn) > 1]
    labels = [[member.label for member in each.members.values()] for each in seen_by_all]
    ImageAgreement.objects.update_or_create(
        image=image,
        defaults={
            "annotators": len(drawn),
            "fleiss": kappa.fleiss(labels),
            "nuclei": [
                {
                    "bbox": next(iter(each.members.values())).bbox,
                    "votes": len(each.members),
                    "iou": round(each.iou, 4),
                    "classes": Counter(one.label or "" for one in each.members.values()),
                }
                for each in groups
            ],
        },
    )
