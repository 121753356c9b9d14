"""What several annotators agree on: compared, made into a consensus, judged by a known truth."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotations.exceptions import Conflict
from annotations.models import Comparison, Consensus, Dataset, Event, Image, Kind, Mask, PairScore
from annotations.services.consensus import build_consensus, request_consensus, undo_consensus
from annotations.services.flow import Move, move_image
from annotations.services.honeypot import due_honeypot, end_honeypot, make_honeypot
from annotations.services.image import delete_image
from annotations.services.ledger import merge_ledgers
from annotations.services.mask import save_mask
from annotations.services.purge import purge_image
from annotations.services.recount import differences
from tests.factories import make_image, make_mask, wire_mask
from tests.replicas import annotate, compared, make_annotators, submit

ClientOf = Callable[[str], APIClient]


@pytest.fixture
def people(dataset: Dataset) -> list[Any]:
    return make_annotators(dataset, "anna", "ben", "cleo")


@pytest.fixture
def annotated(image: Image, people: list[Any]) -> Image:
    """All three saw the first nucleus, two of them the second, one the third; Ben a bit aside."""
    anna, ben, cleo = people
    annotate(image, anna, (5, 4), (20, 4))
    annotate(image, ben, (6, 4), (20, 4))
    annotate(image, cleo, (5, 4), (20, 20))
    return compared(image)


def right(dataset: Dataset) -> bool:
    return not [line for line in differences(dataset) if "seconds" not in line]


def test_submitted_replicas_are_compared(annotated: Image, people: list[Any]) -> None:
    anna, ben, cleo = people
    found = {(row.first, row.second): row for row in annotated.comparisons.all()}
    assert set(found) == {(anna, ben), (anna, cleo), (ben, cleo)}
    row = found[anna, ben]
    assert (row.first_nuclei, row.second_nuclei, row.matched, row.f1) == (2, 2, 2, 1.0)
    assert row.pq == pytest.approx((15 / 21 + 1) / 2)
    assert row.dice == pytest.approx(2 * (15 + 18) / (36 + 36))
    assert found[anna, cleo].f1 == pytest.approx(0.5)
    votes = sorted(nucleus["votes"] for nucleus in annotated.agreement.nuclei)
    assert votes == [1, 2, 3]
    assert annotated.agreement.annotators == 3
    assert not annotated.to_compare


def test_who_is_not_done_is_not_compared(image: Image, people: list[Any]) -> None:
    anna, ben, _cleo = people
    annotate(image, anna, (5, 4))
    replica = annotate(image, ben, (5, 4))
    image = compared(image)
    move_image(user=ben, image=replica, move=Move.REOPEN, version=replica.version)
    make_mask(replica, ben, x=20)
    submit(replica, ben)
    assert compared(image).comparisons.get().second_nuclei == 2
    assert PairScore.objects.totals()[0]["images"] == 1
    assert right(image.dataset)


def test_sums_are_those_of_the_comparisons(annotated: Image) -> None:
    assert right(annotated.dataset)
    merge_ledgers()
    assert not PairScore.objects.filter(fresh=True).exists()
    assert right(annotated.dataset)


@pytest.mark.parametrize("method", Consensus.Method.values)
def test_a_consensus_is_one_step_that_can_be_undone(
    annotated: Image, team: dict[str, Any], method: str
) -> None:
    before = make_mask(annotated, team["owner"], x=30, y=25, width=4)
    drawn = {mask.pk: mask.version for mask in Mask.objects.filter(image__replica_of=annotated)}
    job = request_consensus(user=team["owner"], image=annotated, method=method)
    build_consensus(consensus_id=job.pk)
    job.refresh_from_db()
    assert (job.status, job.error) == ("done", "")
    masks = Mask.objects.live().filter(image=annotated)
    assert sorted(mask.bbox for mask in masks) == [[5, 4, 6, 3], [20, 4, 6, 3]]
    assert {mask.origin for mask in masks} == {"consensus"}
    event = Event.objects.get(kind=Kind.MASKS_AGREED)
    assert event.data["of"] == ["anna", "ben", "cleo"]
    assert Event.objects.filter(batch=event).count() == 3
    replicas = Mask.objects.filter(image__replica_of=annotated)
    assert {mask.pk: mask.version for mask in replicas} == drawn
    assert right(annotated.dataset)
    undo_consensus(user=team["owner"], consensus=job)
    assert list(masks.all()) == [before]
    annotated.refresh_from_db()
    assert annotated.mask_count == 1
    assert right(annotated.dataset)
    with pytest.raises(Conflict, match="not in force"):
        undo_consensus(user=team["owner"], consensus=job)


def test_a_consensus_that_was_worked_on_stays(annotated: Image, team: dict[str, Any]) -> None:
    job = request_consensus(user=team["owner"], image=annotated, method="pixel")
    build_consensus(consensus_id=job.pk)
    mask = Mask.objects.live().filter(image=annotated).first()
    fixed = wire_mask(x=1) | {"origin": "fixed"}
    save_mask(user=team["owner"], image=annotated, id=mask.pk, version=1, **fixed)
    job.refresh_from_db()
    with pytest.raises(Conflict, match="changed masks"):
        undo_consensus(user=team["owner"], consensus=job)


def test_one_person_is_no_majority(image: Image, people: list[Any], team: dict[str, Any]) -> None:
    annotate(image, people[0], (5, 4))
    with pytest.raises(Conflict, match="two submitted"):
        request_consensus(user=team["owner"], image=image, method="pixel")


def test_honeypots_are_judged_by_the_truth(
    image: Image, people: list[Any], team: dict[str, Any], client_of: ClientOf
) -> None:
    with pytest.raises(Conflict, match="known to be right"):
        make_honeypot(image=image)
    make_mask(image, team["owner"], x=5, y=4)
    make_honeypot(image=image)
    assert image.replicas.count() == len(people) + 1
    annotate(image, people[0], (5, 4))
    annotate(image, people[1], (25, 20))
    compared(image)
    with_truth = Comparison.objects.filter(second=None)
    assert {row.first.username: row.pq for row in with_truth} == {"anna": 1.0, "ben": 0.0}
    page = client_of("reviewer").get(f"/datasets/{image.dataset_id}/agreement/").content.decode()
    assert "PQ of anna over time" in page
    assert right(image.dataset)
    end_honeypot(image=image)
    compared(image)
    assert not Comparison.objects.filter(second=None).exists()
    assert right(image.dataset)


def test_about_one_of_so_many_is_a_honeypot(
    dataset: Dataset, image: Image, people: list[Any], team: dict[str, Any]
) -> None:
    anna = people[0]
    make_mask(image, team["owner"])
    make_honeypot(image=image)
    dataset.honeypot_every, dataset.my_role = 3, "annotator"
    images = Image.objects.visible_to(anna).listed().filter(dataset=dataset)
    submitted = 0
    while due_honeypot(user=anna, dataset=dataset, images=images) is None:
        other = make_image(dataset, anna, name=f"{submitted}.png", seed=submitted + 1)
        submit(other, anna)
        submitted += 1
    assert submitted < 3
    due = due_honeypot(user=anna, dataset=dataset, images=images)
    assert due is not None
    assert due.replica_of == image
    submit(due, anna)
    assert due_honeypot(user=anna, dataset=dataset, images=images) is None
    dataset.honeypot_every = 0
    assert due_honeypot(user=anna, dataset=dataset, images=images) is None


def test_who_comes_later_gets_honeypots_too(
    dataset: Dataset, image: Image, team: dict[str, Any]
) -> None:
    make_mask(image, team["owner"])
    make_honeypot(image=image)
    [dora] = make_annotators(dataset, "dora")
    dataset.honeypot_every, dataset.my_role = 1, "annotator"
    images = Image.objects.visible_to(dora).listed().filter(dataset=dataset)
    due = due_honeypot(user=dora, dataset=dataset, images=images)
    assert due is not None
    assert due.replica_for == dora


def test_comparisons_go_with_their_image(annotated: Image, team: dict[str, Any]) -> None:
    delete_image(user=team["owner"], image=annotated)
    purge_image(image=annotated)
    assert [row["images"] for row in PairScore.objects.totals()] == [0]


def test_a_blind_dataset_tells_reviewers_nothing(annotated: Image, client_of: ClientOf) -> None:
    dataset = annotated.dataset
    Dataset.objects.filter(pk=dataset.pk).update(blind=True)
    for role, code in (("reviewer", 403), ("admin", 200)):
        client = client_of(role)
        for page in (f"/datasets/{dataset.pk}/agreement/", f"/images/{annotated.pk}/agreement/"):
            assert client.get(page).status_code == code
        table = client.get(f"/datasets/{dataset.pk}/progress/people.csv").getvalue().decode()
        assert ("anna" in table) == (code == 200)


def test_the_pages_show_who_agrees(annotated: Image, client_of: ClientOf) -> None:
    reviewer = client_of("reviewer")
    page = reviewer.get(f"/datasets/{annotated.dataset_id}/agreement/").content.decode()
    assert "anna – ben" in page
    page = reviewer.get(f"/images/{annotated.pk}/agreement/").content.decode()
    assert "seen by 2 of 3" in page
    table = f"/datasets/{annotated.dataset_id}/progress/agreement.csv"
    assert "anna,ben,1,0.9167" in reviewer.get(table).getvalue().decode()
    assert client_of("annotator").get(table).getvalue().decode().count("\n") == 1
