"""The database of a URL, with the options that make each engine safe for concurrent writers."""

from typing import Any

import environ


def database_from_url(url: str) -> dict[str, Any]:
    """Return Django's DATABASES entry for `url` (sqlite:///… or postgres://…)."""
    database: dict[str, Any] = dict(environ.Env.db_url_config(url))
    # To connect takes as long as a short answer; each thread keeps its connection for a while.
    database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # BEGIN IMMEDIATE queues writers at the door; a deferred transaction that upgrades
        # from read to write fails at once instead of waiting.
        options |= {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    return database
