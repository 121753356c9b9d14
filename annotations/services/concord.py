"""What is stored about agreement, as its pages show it."""

from typing import Any

from django.contrib.auth import get_user_model

from annotations.models import Comparison, Dataset, Image, PairScore
from annotations.row_pages import page_before
from annotations.services.flow import OPEN

IMAGES_A_PAGE = 50
POINTS_SHOWN = 200
NUCLEI_SHOWN = 200


def agreement_of_pairs(dataset: Dataset) -> list[dict[str, Any]]:
    """The people of each pair, on how many images, and their mean scores; kappa may be None."""
    rows = PairScore.objects.filter(dataset=dataset, second__isnull=False)
    return _means(rows.totals("first_id", "second_id"))


def scores_with_truth(dataset: Dataset) -> list[dict[str, Any]]:
    """Who worked on honeypots, on how many, their mean scores, and each PQ with its moment."""
    rows = PairScore.objects.filter(dataset=dataset, second__isnull=True)
    means = _means(rows.totals("first_id"))
    for row in means:
        with_truth = Comparison.objects.filter(dataset=dataset, first=row["first"], second=None)
        points = with_truth.order_by("-at").values_list("at", "pq")[:POINTS_SHOWN]
        row["points"] = list(reversed(points))
    return means


def replicated_images(dataset: Dataset, *, before: str) -> tuple[list[Image], int | None]:
    """A page of the originals, newest first, each with its replicas; and where the next begins."""
    rows = Image.objects.filter(dataset=dataset, replicated=True).order_by("-pk")
    page, more = page_before(rows.prefetch_related("replicas"), before, IMAGES_A_PAGE)
    for image in page:
        image.submitted_count = sum(each.status not in OPEN for each in image.replicas.all())
    return page, more


def image_agreement(image: Image) -> dict[str, Any]:
    """The replicas of an image, comparisons, and nuclei, those in dispute first."""
    stored = getattr(image, "agreement", None)
    nuclei = sorted(stored.nuclei, key=lambda each: (each["votes"], each["iou"])) if stored else []
    replicas = image.replicas.select_related("replica_for", "replica_of").order_by(
        "replica_for__username"
    )
    comparisons = image.comparisons.select_related("first", "second")
    return {
        "replicas": list(replicas),
        "comparisons": list(comparisons),
        "agreement": stored,
        "nuclei": nuclei[:NUCLEI_SHOWN],
        "disputed": sum(each["votes"] < stored.annotators for each in nuclei) if stored else 0,
        "waiting": image.to_compare,
    }


def _means(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = {row[name] for row in rows for name in ("first_id", "second_id") if row.get(name)}
    people = get_user_model()._default_manager.in_bulk(ids)
    means = [
        {
            "first": people[row["first_id"]],
            "second": people.get(row.get("second_id")),
            "images": row["images"],
            "kappa": row["kappa"] / row["rated"] if row["rated"] else None,
            **{name: row[name] / row["images"] for name in Comparison.SCORES},
        }
        for row in rows
        if row["images"]
    ]
    return sorted(means, key=lambda row: (row["first"].username, str(row["second"])))
