"""What other tools were caught with."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from rest_framework.test import APIClient

from annotations.models import Dataset
from annotations.services.personal_token import make_token
from tests.factories import PASSWORD

ROOT = Path(__file__).resolve().parents[2]


def test_the_web_application_starts_without_torch() -> None:
    code = (
        "import sys, sppnet_app.asgi\n"
        "from django.urls import get_resolver\n"
        "get_resolver().url_patterns\n"
        "sys.exit('torch' in sys.modules)"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "sppnet_app.settings.test", "PATH": ""}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)


def test_a_session_alone_writes_nothing_without_the_csrf_token(team: Any) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(team["owner"])
    answer = client.post("/api/datasets/", {"name": "Forged"})
    assert answer.status_code == 403
    assert not Dataset.objects.exists()


def test_pages_write_nothing_without_the_csrf_token(team: Any, dataset: Dataset) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(team["owner"])
    assert client.post(f"/datasets/{dataset.pk}/delete/").status_code == 403


def test_pages_write_nothing_by_get(client_of: Any, dataset: Dataset) -> None:
    for page in ("delete", "edit", "members/add", "classes"):
        assert client_of("owner").get(f"/datasets/{dataset.pk}/{page}/").status_code == 405
    client = client_of("owner")
    client.get("/accounts/logout/")
    assert client.get("/api/me/").status_code == 200


def test_a_token_opens_the_api(team: Any, dataset: Dataset) -> None:
    _, token = make_token(user=team["viewer"], name="script")
    client = APIClient(headers={"Authorization": f"Token {token}"})
    assert client.get("/api/me/").json()["username"] == "viewer"
    assert client.get(f"/api/datasets/{dataset.pk}/").json()["role"] == "viewer"


def test_a_wrong_token_is_refused(team: Any) -> None:
    make_token(user=team["owner"], name="script")
    client = APIClient(headers={"Authorization": "Token guess"})
    answer = client.get("/api/me/")
    assert (answer.status_code, set(answer.json())) == (401, {"code", "detail"})


def test_guessing_passwords_locks_the_door(team: Any) -> None:
    path = "/accounts/login/"
    client = Client()
    for spelling in ["owner", "OWNER", " Owner", "owner"] * 2:
        answer = client.post(path, {"login": spelling, "password": "guess"})
    assert answer.status_code == 429
    right = client.post(path, {"login": "owner", "password": PASSWORD})
    assert right.status_code == 429
    assert b"Too many wrong passwords" in right.content


@pytest.mark.django_db
def test_nobody_signs_up_on_their_own() -> None:
    body = {"username": "me", "email": "me@example.org"}
    body |= {"password1": PASSWORD, "password2": PASSWORD}
    for path in ("/accounts/signup/", "/accounts/register/", "/api/users/", "/api/register/"):
        Client().post(path, body)
    assert not get_user_model().objects.exists()
    assert b"by invitation" in Client().get("/accounts/signup/").content


@pytest.mark.parametrize("path", ["/", "/datasets/1/", "/datasets/1/annotate/1/", "/workers/"])
@pytest.mark.django_db
def test_pages_ask_who_you_are(path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")


@pytest.mark.django_db
def test_logging_in_does_not_lead_elsewhere(team: Any) -> None:
    body = {"login": "owner", "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post("/accounts/login/", body)["Location"] == "/"


@pytest.mark.django_db
def test_every_answer_has_the_headers_of_isolation() -> None:
    for path in ("/accounts/login/", "/static/annotations/site.css", "/api/me/"):
        answer = Client().get(path)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Embedder-Policy"] == "require-corp"
        if answer.streaming:
            list(answer.streaming_content)  # which closes the file, and leaves the database open
    page = Client().get("/accounts/login/")
    policy = page["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "unsafe-inline" not in policy
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_uploads_have_no_address_of_their_own() -> None:
    assert Client().get("/media/images/").status_code == 404


def test_the_schema_has_no_warnings(tmp_path: Path) -> None:
    from django.core.management import call_command

    schema = tmp_path / "schema.yml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(schema))
    assert "/api/masks/{id}/" in schema.read_text()


def test_malformed_json_is_answered_in_the_envelope(client_of: Any) -> None:
    answer = client_of("owner").post("/api/datasets/", data="{", content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "parse_error"


def test_an_unknown_method_or_type_is_answered_in_the_envelope(client_of: Any) -> None:
    client = client_of("owner")
    assert client.put("/api/datasets/", {}).json()["code"] == "method_not_allowed"
    answer = client.post("/api/datasets/", "<a/>", content_type="text/xml")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
