"""Who you are, and whether anybody is there to answer."""

from typing import Any

import pytest

from ml.models import Checkpoint


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
