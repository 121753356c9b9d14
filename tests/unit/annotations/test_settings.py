"""The database of an environment variable, and what production refuses to start without."""

import subprocess
import sys
from pathlib import Path

from sppnet_app.settings.databases import database_from_url

ROOT = Path(__file__).resolve().parents[3]


def test_sqlite_queues_its_writers() -> None:
    options = database_from_url("sqlite:////tmp/db.sqlite3")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert "journal_mode=WAL" in options["init_command"]


def test_postgres_is_taken_from_the_url() -> None:
    database = database_from_url("postgres://user:secret@db:5433/nuclei")
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", 5433, "nuclei")


def test_production_names_what_is_missing(tmp_path: Path) -> None:
    environment = {
        "DJANGO_SETTINGS_MODULE": "sppnet_app.settings.prod",
        "DATA_DIR": str(tmp_path),
        "PATH": "",
    }
    command = [sys.executable, "-m", "django", "check"]
    outcome = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert outcome.returncode != 0
    assert "SECRET_KEY" in outcome.stderr


def test_one_machine_answers_itself_under_whatever_names_others_know_it(tmp_path: Path) -> None:
    """The supervisor asks at 127.0.0.1 whether the page is served, and so do people."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "sppnet_app.settings.dev",
        "ALLOWED_HOSTS": "microscope.example",
        "DATA_DIR": str(tmp_path),
        "PATH": "",
    }
    code = "from django.conf import settings; print(*settings.ALLOWED_HOSTS)"
    command = [sys.executable, "-c", code]
    outcome = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert {"microscope.example", "127.0.0.1", "localhost"} <= set(outcome.stdout.split())
