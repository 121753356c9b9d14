"""Two hundred people open the same dataset at once, on a real server.

PYTHONPATH=docker .venv/bin/python -m tests.bench.crowd [--write] [people]

Starts the app with its web server alone, on the database that make run would use, lets locust play
the people (tests/load/opening.py) for a minute, and fails if any request does. --write puts the
table into docs/performance.md.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.pages import write_between
from tests.services import ROOT, App, running_app

PEOPLE = 200
IMAGES = 2_000
SECONDS = 60
ARRIVING_A_SECOND = 20

# Runs within the app's environment: makes the dataset and a session for each person.
PREPARE = """
import json, sys
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from annotations.models import Dataset

people, images = int(sys.argv[1]), int(sys.argv[2])
call_command("make_load_data", images=images, masks_per_image=10, people=people, stdout=sys.stderr)
sessions = []
for user in get_user_model().objects.filter(username__startswith="load-"):
    client = Client()
    client.force_login(user)
    sessions.append(client.cookies["sessionid"].value)
print(json.dumps({"dataset": Dataset.objects.latest("pk").pk, "sessions": sessions}))
"""


def main() -> None:
    people = next((int(each) for each in sys.argv[1:] if each.isdecimal()), PEOPLE)
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder), ("web",)) as app:
        rows = crowd(app, people, Path(folder))
    table = table_of(rows)
    print(table)
    failures = sum(row["num_failures"] for row in rows)
    print(f"{failures} of {sum(row['num_requests'] for row in rows)} requests failed")
    if "--write" in sys.argv:
        write_between("crowd", table)
    sys.exit(bool(failures))


def crowd(app: App, people: int, folder: Path) -> list[dict[str, Any]]:
    """Let them in, and return what locust says of each kind of request."""
    command = [sys.executable, "-c", PREPARE, str(people), str(IMAGES)]
    made = subprocess.run(
        command, cwd=ROOT, env=app.environment, check=True, stdout=subprocess.PIPE
    )
    world = json.loads(made.stdout)
    sessions = folder / "sessions.json"
    sessions.write_text(json.dumps(world["sessions"]))
    locust = [sys.executable, "-m", "locust", "-f", "tests/load/opening.py", "--headless", "--json"]
    locust += ["-u", str(people), "-r", str(ARRIVING_A_SECOND), "-t", f"{SECONDS}s"]
    environment = {**os.environ, "PEOPLE": str(sessions), "DATASET": str(world["dataset"])}
    done = subprocess.run(
        [*locust, "--host", app.url], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def table_of(rows: list[dict[str, Any]]) -> str:
    lines = [
        "| asked for | requests | failed | p50 | p95 |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for row in sorted(rows, key=lambda row: row["name"]):
        p50, p95 = (percentile(row, share) for share in (0.5, 0.95))
        lines.append(
            f"| `{row['name']}` | {row['num_requests']} | {row['num_failures']} "
            f"| {p50:.0f} ms | {p95:.0f} ms |"
        )
    return "\n".join(lines)


def percentile(row: dict[str, Any], share: float) -> float:
    """Of the response times, which locust counts in rounded milliseconds."""
    left = share * row["num_requests"]
    times = sorted((float(time), number) for time, number in row["response_times"].items())
    for time, number in times:
        left -= number
        if left <= 0:
            return time
    return times[-1][0] if times else 0.0


if __name__ == "__main__":
    main()
