"""The first run makes one administrator and one demo dataset; later runs change nothing."""

import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from annotations.management.commands.load_demo import IMAGES
from annotations.models import Dataset, Image
from sppnet_app.secret_store import get_or_create_secret

DEMO_BYTES = 3 * 1024**2


def run(command: str) -> str:
    output = StringIO()
    call_command(command, stdout=output)
    return output.getvalue()


@pytest.fixture
def secrets_file(settings: Any, tmp_path: Path) -> Path:
    settings.SECRETS_FILE = tmp_path / "secrets.json"
    return settings.SECRETS_FILE


@pytest.mark.django_db
def test_the_first_administrator_gets_a_password_of_their_own(secrets_file: Path) -> None:
    output = run("ensure_admin")
    password = json.loads(secrets_file.read_text())["admin_password"]
    assert password in output
    assert len(password) >= 16
    assert stat.S_IMODE(secrets_file.stat().st_mode) == 0o600
    user = get_user_model().objects.get()
    assert user.check_password(password)
    assert user.is_superuser
    assert run("ensure_admin") == ""


@pytest.mark.django_db
def test_the_demo_is_loaded_once(secrets_file: Path) -> None:
    run("ensure_admin")
    assert "8 images" in run("load_demo")
    assert run("load_demo") == ""
    dataset = Dataset.objects.get()
    assert (dataset.image_count, Image.objects.count()) == (8, 8)
    assert [row.name for row in dataset.classes.all()] == ["Nucleus", "Mitotic", "Uncertain"]
    Dataset.objects.update(deleted_at=dataset.created_at)
    assert run("load_demo") == "", "who deletes the demo does not want it back"


@pytest.mark.django_db
def test_the_demo_needs_an_owner() -> None:
    with pytest.raises(CommandError, match="ensure_admin"):
        run("load_demo")


def test_the_demo_is_small_and_says_its_licence() -> None:
    demo = IMAGES.parent
    assert sum(path.stat().st_size for path in demo.rglob("*.*")) < DEMO_BYTES
    assert "CC0" in (demo / "LICENSE.md").read_text()
    names = {path.name for path in IMAGES.glob("*.png")}
    assert names == {path.name for path in (demo / "labels").glob("*.png")}


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secrets.json"
    assert get_or_create_secret(path, "key", lambda: "first") == "first"
    assert get_or_create_secret(path, "key", lambda: "second") == "first"
    assert get_or_create_secret(path, "other", lambda: "third") == "third"
    assert json.loads(path.read_text()) == {"key": "first", "other": "third"}
