"""Administrators see every table, at a constant cost."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Dataset, Export, Image
from annotations.services.export import create_export, run_export
from annotations.services.prompt import PlacedClick, place_clicks
from tests.factories import make_image, make_mask, make_user

MODELS = sorted(model.__name__.lower() for model in apps.get_app_config("annotations").get_models())


@pytest.fixture
def administrator(db: None) -> Client:
    client = Client()
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


def test_every_table_is_there() -> None:
    registered = {model._meta.label for model in admin.site._registry}
    assert {model._meta.label for model in apps.get_app_config("annotations").get_models()} <= (
        registered
    )


@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_the_same_however_long(
    administrator: Client, image: Image, team: Any, model: str
) -> None:
    def fill(seed: int) -> None:
        another = make_image(image.dataset, team["owner"], name=f"{seed}.png", seed=seed)
        make_mask(another, team["owner"])
        click = PlacedClick(uuid4(), 1, 1, True)
        place_clicks(user=team["owner"], image=another, id=uuid4(), clicks=[click])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert administrator.get(f"/admin/annotations/{model}/?q=a").status_code == 200
            assert administrator.get(f"/admin/annotations/{model}/").status_code == 200
        return len(captured)

    fill(1)
    few = queries()
    for seed in (2, 3, 4):
        fill(seed)
    assert queries() == few


@pytest.mark.django_db(transaction=True)
def test_deleting_keeps_files_and_counters_right(
    administrator: Client, image: Image, team: Any, media: Path
) -> None:
    mask = make_mask(image, team["owner"])
    administrator.post(f"/admin/annotations/mask/{mask.pk}/delete/", {"post": "yes"})
    mask.refresh_from_db()
    image.refresh_from_db()
    assert mask.deleted_at
    assert image.mask_count == 0
    administrator.post(f"/admin/annotations/image/{image.pk}/delete/", {"post": "yes"})
    image.dataset.refresh_from_db()
    assert image.dataset.image_count == 0
    assert Image.trash.exists()
    administrator.post(f"/admin/annotations/image/{image.pk}/delete/", {"post": "yes"})
    assert not Image.with_trash.exists()
    make_image(image.dataset, team["owner"])
    for _ in ("to the trash", "for good"):
        administrator.post(
            "/admin/annotations/dataset/",
            {"action": "delete_selected", "_selected_action": image.dataset_id, "post": "yes"},
        )
    assert not Dataset.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", ["export", "dataset"])
def test_deleting_an_export_takes_its_file_along(
    administrator: Client, dataset: Dataset, team: Any, media: Path, model: str
) -> None:
    export = create_export(user=team["owner"], dataset=dataset, format="coco_rle")
    run_export(export_id=export.pk)
    assert [path for path in media.rglob("*") if path.is_file()]
    pk = export.pk if model == "export" else dataset.pk
    for _ in range(2 if model == "dataset" else 1):
        administrator.post(f"/admin/annotations/{model}/{pk}/delete/", {"post": "yes"})
    assert not Export.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_a_change_by_an_administrator_makes_older_ones_stale(
    administrator: Client, dataset: Dataset
) -> None:
    row = dataset.classes.get()
    url = f"/admin/annotations/labelclass/{row.pk}/change/"
    body = {"dataset": dataset.pk, "name": "Mitosis", "color": row.color, "position": 0}
    assert administrator.post(url, body | {"version": 1}).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.version) == ("Mitosis", 2)

    members = [
        {"id": member.pk, "dataset": dataset.pk, "user": member.user_id, "role": "viewer"}
        for member in dataset.memberships.exclude(role="owner")
    ]
    inlines = {"memberships": members, "classes": []}
    url = f"/admin/annotations/dataset/{dataset.pk}/change/"
    shown = administrator.get(url).context["adminform"].form.initial
    fields = {
        name: value for name, value in shown.items() if value is not None and value is not False
    }
    for prefix, rows in inlines.items():
        fields |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
        for number, each in enumerate(rows):
            fields |= {f"{prefix}-{number}-{name}": value for name, value in each.items()}
    assert administrator.post(url, fields).status_code == 302
    versions = dict(dataset.memberships.values_list("user__username", "version"))
    assert versions == {"owner": 1, "admin": 2, "annotator": 2, "reviewer": 2, "viewer": 1}
    dataset.refresh_from_db()
    assert dataset.version == 2


@pytest.mark.django_db
def test_people_are_kept_out(client_of: Any) -> None:
    assert client_of("owner").get("/admin/").status_code == 302
