"""Who you are, and whether anybody is there to answer."""

from typing import Any

import pytest

from annotations.models.dataset import source_of
from ml.models import Checkpoint, Promotion


def test_me(client_of: Any, team: Any) -> None:
    assert client_of("viewer").get("/api/me/").json() == {
        "id": team["viewer"].pk,
        "username": "viewer",
        "is_staff": False,
    }


def test_the_status_names_workers_and_the_active_checkpoint(
    client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = {"interactive": True, "batch": False, "train": False}
    monkeypatch.setattr("annotations.api.account.worker_status", lambda: workers)
    client = client_of("viewer")
    assert client.get("/api/status/").json() == {"workers": workers, "checkpoint": None}
    active = Checkpoint.objects.create(
        name="Starter", sha256="1", file="starter", kind="click", is_active=True
    )
    assert client.get("/api/status/").json()["checkpoint"] == {
        "id": active.pk,
        "name": "Starter",
        "kind": "click",
    }


def test_the_status_names_the_checkpoint_of_a_dataset(client_of: Any, dataset: Any) -> None:
    site = Checkpoint.objects.create(
        name="Starter", sha256="1", file="starter", kind="click", is_active=True
    )
    own = Checkpoint.objects.create(name="Own", sha256="2", file="own", kind="click")
    client, url = client_of("viewer"), f"/api/status/?dataset={dataset.pk}"
    assert client.get(url).json()["checkpoint"]["id"] == site.pk
    Promotion.objects.create(scope=source_of(dataset.pk), checkpoint=own, is_current=True)
    assert client.get(url).json()["checkpoint"]["id"] == own.pk
    assert client.get("/api/status/").json()["checkpoint"]["id"] == site.pk
    assert client_of("stranger").get(url).status_code == 404
