"""Which images of a dataset need a person most, as the network ranks them in the background."""

from typing import Any

from django.db.models import Q

from annotations.models import Dataset, Image

LISTED = Dataset.NextBy.LISTED


def how_to_rank(topics: list[str]) -> str:
    """For settings.HOW_TO_RANK: how the datasets of these images want them ranked, "" if not."""
    wanted = Dataset.objects.filter(_of(topics)).exclude(next_by=LISTED)
    return wanted.values_list("next_by", flat=True).first() or ""


def note_need(topics: list[str], need: float, tiles: list[Any]) -> None:
    """For settings.IMAGE_RANKED: remember how much the images need to be annotated, and where."""
    ids = _ids(topics)
    Image.objects.filter(pk__in=ids).update(need=need, uncertain_tiles=tiles)


def _of(topics: list[str]) -> Q:
    return Q(images__in=_ids(topics))


def _ids(topics: list[str]) -> list[int]:
    """The images that were named by Image.topic."""
    prefix = "image:"
    return [int(topic.removeprefix(prefix)) for topic in topics if topic.startswith(prefix)]
