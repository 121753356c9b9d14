"""What dashboards show is counted with each write, and is what counting anew gives."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from annotations.models import Dataset, Image, NucleiCount, StateCount, Workday
from annotations.services.image import delete_image
from annotations.services.label_class import create_class
from annotations.services.ledger import merge_ledgers, time_at_work
from annotations.services.likeness import compare_with_model
from annotations.services.mask import delete_mask, save_mask
from annotations.services.prompt import PlacedClick, place_clicks
from annotations.services.recount import differences, rebuild
from annotations.services.tally import note_work
from ml.models import Prediction
from tests.factories import make_image, make_mask, wire_mask

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def work_on(dataset: Dataset, image: Image, team: dict[str, Any]) -> None:
    """A bit of everything that is counted."""
    mitosis = create_class(user=team["owner"], dataset=dataset, name="Mitosis", color="#000000")
    annotator, reviewer = team["annotator"], team["reviewer"]
    clicks = [PlacedClick(uuid4(), 5, 5, True)]
    place_clicks(user=annotator, image=image, id=uuid4(), clicks=clicks)
    clicks.append(PlacedClick(uuid4(), 9, 9, False))
    place_clicks(user=annotator, image=image, id=uuid4(), clicks=clicks)
    place_clicks(user=annotator, image=image, id=uuid4(), clicks=[], box=[1, 1, 9, 9])
    make_mask(image, annotator)
    mask = make_mask(image, annotator, x=20)
    save_mask(
        user=reviewer,
        image=image,
        id=mask.pk,
        version=1,
        origin="fixed",
        label_class=mitosis.pk,
        **wire_mask(x=21),
    )
    gone = make_mask(image, reviewer, x=30)
    delete_mask(user=annotator, mask=gone, version=1)
    delete_image(
        user=team["owner"], image=make_image(dataset, team["owner"], name="gone.png", seed=5)
    )


def sums(rows: Any, *by: str) -> list[tuple[Any, ...]]:
    found = rows.totals(*by)
    return sorted((tuple(row.values()) for row in found), key=str)


@pytest.fixture
def worked(dataset: Dataset, image: Image, team: dict[str, Any]) -> Dataset:
    work_on(dataset, image, team)
    return dataset


def test_what_happens_is_counted(worked: Dataset, team: dict[str, Any]) -> None:
    states = sums(StateCount.objects.filter(dataset=worked), "status")
    assert [row for row in states if row[1]] == [("in_progress", 1)]
    nuclei = sums(NucleiCount.objects.filter(nuclei__isnull=False), "author__username", "origin")
    assert [row[:3] for row in nuclei if row[2]] == [
        ("annotator", "drawn", 1),
        ("annotator", "fixed", 1),
    ]
    days = Workday.objects.totals("person__username")
    did = {row["person__username"]: row for row in days}
    annotator, reviewer = did["annotator"], did["reviewer"]
    assert (annotator["clicks"], annotator["made"], annotator["deleted"]) == (3, 2, 1)
    assert (reviewer["clicks"], reviewer["made"], reviewer["changed"]) == (0, 1, 1)


def test_nuclei_go_with_their_image(worked: Dataset) -> None:
    image = worked.images.get()
    delete_image(user=image.created_by, image=image)
    for ledger in (StateCount, NucleiCount):
        assert not any(any(row.values()) for row in ledger.objects.totals())


def test_counting_anew_finds_the_same(worked: Dataset) -> None:
    assert not [line for line in differences(worked) if "seconds" not in line]


def test_merging_changes_no_sum(worked: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotations.services.ledger.SETTLED", timedelta(0))
    merge_ledgers()
    for ledger in (StateCount, NucleiCount, Workday):
        assert not ledger.objects.filter(fresh=True).exists()
    assert not list(differences(worked))
    count = NucleiCount.objects.count()
    make_mask(worked.images.get(), worked.created_by, x=2, y=20)
    merge_ledgers()
    merge_ledgers()
    assert NucleiCount.objects.count() == count + 1
    assert not list(differences(worked))


def test_a_wrong_count_is_found_and_repaired(
    worked: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotations.services.ledger.SETTLED", timedelta(0))
    merge_ledgers()
    StateCount.objects.create(dataset=worked, status="new", images=3)
    with pytest.raises(CommandError, match="1 counts are wrong"):
        call_command("recount", dataset=worked.pk)
    call_command("recount", dataset=worked.pk, repair=True)
    call_command("recount")


def test_rebuilding_gives_what_was_there(worked: Dataset, monkeypatch: Any) -> None:
    monkeypatch.setattr("annotations.services.ledger.SETTLED", timedelta(0))
    merge_ledgers()
    key = ("dataset", "author", "label_class", "origin", "in_replica")
    before = [row for row in sums(NucleiCount.objects.all(), *key) if row[5]]
    rebuild(worked)
    assert sums(NucleiCount.objects.all(), *key) == before


def test_masks_are_compared_with_what_the_model_proposed(
    dataset: Dataset, image: Image, team: dict[str, Any]
) -> None:
    annotator = team["annotator"]
    prompt, _ = place_clicks(
        user=annotator, image=image, id=uuid4(), clicks=[PlacedClick(uuid4(), 6, 5, True)]
    )
    everything, _ = place_clicks(user=annotator, image=image, id=uuid4(), clicks=[])
    Prediction.objects.filter(pk=prompt.pk).update(mask=wire_mask())
    Prediction.objects.filter(pk=everything.pk).update(
        proposals=[wire_mask(x=20) | {"score": 0.9}, wire_mask(x=30) | {"score": 0.8}]
    )
    masks = [
        (prompt.pk, "accepted", wire_mask()),
        (everything.pk, "fixed", wire_mask(x=21)),
        (None, "drawn", wire_mask(x=1, y=20)),
    ]
    ids = [uuid4() for _ in masks]
    for id, (prediction, origin, shape) in zip(ids, masks, strict=True):
        save_mask(
            user=annotator, image=image, id=id, version=0, origin=origin,
            prediction=prediction, **shape,
        )  # fmt: skip
    compare_with_model()
    [row] = NucleiCount.objects.totals()
    assert (row["nuclei"], row["compared"]) == (3, 2)
    assert row["likeness"] == pytest.approx(1 + 15 / 21)
    assert not [line for line in differences(dataset) if "seconds" not in line]
    # What is changed is compared anew.
    save_mask(
        user=annotator, image=image, id=ids[1], version=1, origin="fixed",
        prediction=everything.pk, **wire_mask(x=20),
    )  # fmt: skip
    assert NucleiCount.objects.totals()[0]["compared"] == 1
    compare_with_model()
    assert NucleiCount.objects.totals()[0]["likeness"] == pytest.approx(2)
    assert not [line for line in differences(dataset) if "seconds" not in line]


def test_a_pause_counts_as_a_minute() -> None:
    moments = [NOON + timedelta(seconds=s) for s in (0, 5, 15, 4000, 4001)]
    assert time_at_work(moments) == 5 + 10 + 60 + 1
    assert time_at_work(moments[:1]) == time_at_work([]) == 0


def test_time_goes_on_over_merges(dataset: Dataset, team: dict[str, Any]) -> None:
    """Two people at once, merged in between: each has their own time."""
    for second in (0, 10, 25):
        for name in ("annotator", "reviewer"):
            at = NOON + timedelta(seconds=second * (2 if name == "reviewer" else 1))
            note_work(person_id=team[name].pk, dataset_id=dataset.pk, at=at, made=1)
        merge_ledgers()
    rows = Workday.objects.totals("person__username")
    assert {row["person__username"]: (row["made"], row["seconds"]) for row in rows} == {
        "annotator": (3, 25.0),
        "reviewer": (3, 50.0),
    }
    assert Workday.objects.count() == 2


def test_load_data_counts_itself_right(dataset: Dataset, django_user_model: Any) -> None:
    django_user_model.objects.create_superuser("root")
    call_command("make_load_data", images=120, masks_per_image=3, people=4, name="Big")
    big = Dataset.objects.get(name="Big")
    assert big.image_count == big.images.count() == 120
    assert sum(big.images.values_list("mask_count", flat=True)) == 360
    assert not list(differences(big))
    first = big.images.filter(mask_count__gt=0).first()
    assert first.masks.count() == first.mask_count
