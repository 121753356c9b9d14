"""The page that says how a dataset is coming along, and its tables."""

import csv
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotations.models import Dataset, Image, Mask
from annotations.services.label_class import create_class
from annotations.services.replica import make_replicas
from annotations.table_response import TableResponse
from tests.factories import make_image, make_mask
from tests.replicas import make_annotators

ClientOf = Callable[[str], APIClient]


def table(client: APIClient, dataset: Dataset, name: str, query: str = "") -> list[list[str]]:
    answer = client.get(f"/datasets/{dataset.pk}/progress/{name}.csv{query}")
    assert answer.status_code == 200
    return list(csv.reader(answer.getvalue().decode().splitlines()))


@pytest.fixture
def worked(dataset: Dataset, image: Image, team: dict[str, Any]) -> Dataset:
    """Two nuclei of the annotator, one of the reviewer, on one of two images."""
    make_mask(image, team["annotator"])
    make_mask(image, team["annotator"], x=20)
    make_mask(image, team["reviewer"], x=30)
    make_image(dataset, team["owner"], name="b.png", seed=1)
    return dataset


def test_who_oversees_sees_everybody(worked: Dataset, client_of: ClientOf) -> None:
    for role in ("owner", "admin", "reviewer"):
        client = client_of(role)
        page = client.get(f"/datasets/{worked.pk}/progress/").content.decode()
        assert "People" in page
        made = {row[0]: row[2] for row in table(client, worked, "people")[1:]}
        assert made == {"annotator": "2", "reviewer": "1"}


def test_others_see_themselves(worked: Dataset, team: dict[str, Any], client_of: ClientOf) -> None:
    client = client_of("annotator")
    query = f"?person={team['reviewer'].pk}"
    page = client.get(f"/datasets/{worked.pk}/progress/{query}").content.decode()
    assert "Your progress" in page
    assert "reviewer</a>" not in page
    for name in ("people", "days"):
        rows = table(client, worked, name, query)[1:]
        assert len(rows) == 1
        assert "annotator" in rows[0]
    assert table(client, worked, "classes")[1:] == [["Nucleus", "0"], ["", "2"]]


def test_one_person_can_be_looked_at(
    worked: Dataset, team: dict[str, Any], client_of: ClientOf
) -> None:
    client = client_of("owner")
    pk = team["reviewer"].pk
    assert (
        "Progress of reviewer"
        in client.get(f"/datasets/{worked.pk}/progress/?person={pk}").content.decode()
    )
    assert [row[2] for row in table(client, worked, "people", f"?person={pk}")[1:]] == ["1"]


@pytest.mark.parametrize("person", ["987654321", "x", "9" * 30])
def test_nobody_else_can(worked: Dataset, client_of: ClientOf, person: str) -> None:
    assert (
        client_of("owner").get(f"/datasets/{worked.pk}/progress/?person={person}").status_code
        == 404
    )


def test_the_people_of_other_datasets_are_unknown(
    worked: Dataset, team: dict[str, Any], client_of: ClientOf
) -> None:
    address = f"/datasets/{worked.pk}/progress/?person={team['stranger'].pk}"
    assert client_of("owner").get(address).status_code == 404


def test_states_and_days_are_told(worked: Dataset, client_of: ClientOf) -> None:
    client = client_of("owner")
    states = dict(table(client, worked, "images")[1:])
    assert (states["new"], states["in_progress"]) == ("1", "1")
    days = table(client, worked, "days")
    made = days[0].index("made")
    assert sorted((row[1], row[made]) for row in days[1:]) == [
        ("annotator", "2"),
        ("reviewer", "1"),
    ]


def test_each_image_is_told_with_whom_it_is(
    worked: Dataset, team: dict[str, Any], client_of: ClientOf
) -> None:
    name = Image.objects.earliest("pk").name
    Image.objects.filter(name="b.png").update(assignee=team["reviewer"], due_on=date(2026, 12, 1))
    rows = [
        ["image", "status", "assignee", "annotator", "reviewer", "due", "nuclei"],
        [name, "in_progress", "annotator", "", "", "", "3"],
        ["b.png", "new", "reviewer", "", "", "2026-12-01", "0"],
    ]
    assert "image-list.csv" in client_of("owner").get(f"/datasets/{worked.pk}/progress/").text
    for role in ("owner", "annotator", "viewer"):
        assert table(client_of(role), worked, "image-list") == rows, role
    Dataset.objects.update(blind=True)
    assert table(client_of("owner"), worked, "image-list") == rows
    rows[1][2] = "somebody else"
    assert table(client_of("reviewer"), worked, "image-list") == rows


def test_images_are_told_as_far_as_one_sees_them(
    worked: Dataset, team: dict[str, Any], client_of: ClientOf
) -> None:
    """A replica is an image like any other to who annotates it, and no further one to others."""
    original = Image.objects.get(name="b.png")
    make_replicas(image=original, people=[team["annotator"]])
    make_annotators(worked, "anna")
    told = {
        role: [row[0] for row in table(client_of(role), worked, "image-list")[1:]]
        for role in ("owner", "viewer", "annotator")
    }
    assert {tuple(names) for names in told.values()} == {("cells.png", "b.png")}
    anna = APIClient()
    anna.force_login(get_user_model().objects.get(username="anna"))
    assert [row[0] for row in table(anna, worked, "image-list")[1:]] == ["cells.png"]


def test_images_are_told_page_by_page(
    worked: Dataset, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = table(client_of("owner"), worked, "image-list")
    monkeypatch.setattr("annotations.services.progress_tables.IMAGES_A_PAGE", 1)
    monkeypatch.setattr("annotations.table_response.ROWS_A_PIECE", 1)
    address = f"/datasets/{worked.pk}/progress/image-list.csv"
    pieces = list(client_of("owner").get(address).streaming_content)
    assert len(pieces) == len(whole) == 3
    assert b"".join(pieces) == client_of("owner").get(address).getvalue()

    async def pieces_under_asgi() -> list[bytes]:
        return [piece async for piece in TableResponse(iter(whole), name="a.csv")]

    assert async_to_sync(pieces_under_asgi)() == pieces


def test_an_empty_dataset_has_a_page(dataset: Dataset, client_of: ClientOf) -> None:
    page = client_of("owner").get(f"/datasets/{dataset.pk}/progress/")
    assert "There are no images yet" in page.content.decode()
    assert client_of("owner").get(f"/datasets/{dataset.pk}/progress/nothing.csv").status_code == 404


def test_a_name_is_no_formula(worked: Dataset, client_of: ClientOf) -> None:
    create_class(user=worked.created_by, dataset=worked, name="=1+1", color="#000000")
    assert ["'=1+1", "0"] in table(client_of("owner"), worked, "classes")


def test_no_query_reads_images_or_masks(worked: Dataset, client_of: ClientOf) -> None:
    client = client_of("owner")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(f"/datasets/{worked.pk}/progress/")
    tables = (Image._meta.db_table, Mask._meta.db_table)
    read = [
        query["sql"]
        for query in queries
        if any(f'FROM "{name}"' in query["sql"] for name in tables)
    ]
    assert not read
