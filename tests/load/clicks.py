"""Clicks of many annotators at once on a real server with its workers, and encoding for them.

PYTHONPATH=docker .venv/bin/python -m tests.load.clicks [--write] [--quick]
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import requests

from ml.sppnet.benchmark.pictures import picture
from ml.sppnet.benchmark.report import table, write
from tests.services import ROOT, App, running_app, wait_until

PAGE = ROOT / "docs" / "performance.md"
ANNOTATORS = (1, 5, 20, 50)
SECONDS = {1: 40, 5: 25, 20: 25, 50: 25}
UPLOADS = 6


def log_in(app: App) -> requests.Session:
    session = requests.Session()
    page = f"{app.url}/accounts/login/"
    session.get(page)
    form = {"login": "admin", "username": "admin", "password": app.password}
    token = {"csrfmiddlewaretoken": session.cookies["csrftoken"]}
    session.post(page, form | token, headers={"Referer": page}).raise_for_status()
    session.headers["X-CSRFToken"] = session.cookies["csrftoken"]
    session.headers["Referer"] = app.url
    return session


def images_of(app: App, session: requests.Session) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.get(f"{app.url}/api/images/").json()["results"]
    return found


def prepared(app: App, session: requests.Session) -> list[dict[str, Any]]:
    """The demo images when each is encoded, and the workers run on the engines they have chosen."""
    if os.environ["SPPNET_ENGINE"] == "auto":
        wait_until(lambda: list(app.data_dir.glob("engines/*/choice-*.json")), "engines", 900)
    wait_until(
        lambda: all(image["encoding"] == "ready" for image in images_of(app, session)),
        "the encodings",
        900,
    )
    time.sleep(10)
    return images_of(app, session)


def clicked(
    app: App, session: requests.Session, images: list[dict[str, Any]], annotators: int, seconds: int
) -> dict[str, Any]:
    """locust's statistics of the clicks, and the seconds that they are of."""
    environment = os.environ | {
        "SESSION": json.dumps(session.cookies.get_dict()),
        "IMAGES": json.dumps([{k: i[k] for k in ("id", "width", "height")} for i in images]),
    }
    command = [
        *(sys.executable, "-W", "ignore", "-m", "locust", "-f", "tests/load/annotator.py"),
        *("--headless", "--json", "--only-summary", "--host", app.url, "--stop-timeout", "10"),
        *("--users", str(annotators), "--spawn-rate", "10", "--run-time", f"{seconds}s"),
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    rows = json.loads(done.stdout[done.stdout.index("[") :])
    return {**next(row for row in rows if row["name"] == "mask"), "seconds": seconds}


def percentile(row: dict[str, Any], share: float) -> float:
    """Of locust's histogram {milliseconds: how often}."""
    times = sorted((float(time), often) for time, often in row["response_times"].items())
    wanted = share * sum(often for _, often in times)
    for milliseconds, often in times:
        wanted -= often
        if wanted <= 0:
            return milliseconds
    return times[-1][0]


def encoding(app: App, session: requests.Session) -> str:
    """Upload images of 1000 × 1000 px and wait until all are encoded."""
    dataset = session.get(f"{app.url}/api/datasets/").json()["results"][0]["id"]
    files = []
    for number in range(UPLOADS):
        _, content = cv2.imencode(".png", picture(1000, number + 50)[..., ::-1])
        files.append(content.tobytes())
    began = time.monotonic()
    for number, content in enumerate(files):
        answer = session.post(
            f"{app.url}/api/images/",
            data={"dataset": dataset},
            files={"file": (f"generated-{number}.png", content, "image/png")},
        )
        answer.raise_for_status()
    wait_until(
        lambda: all(image["encoding"] == "ready" for image in images_of(app, session)),
        "the encodings",
        900,
    )
    seconds = (time.monotonic() - began) / UPLOADS
    return (
        f"To upload and encode an image of 1000 × 1000 px and name its nuclei takes {seconds:.1f} s"
        f" ({UPLOADS} in a row, one batch worker)."
    )


def report(rows: dict[int, dict[str, Any]]) -> str:
    alone = percentile(rows[min(rows)], 0.5)
    return table(
        ["Annotators", "Clicks", "Clicks a second", "p50", "p95", "p50 against one", "Failures"],
        [
            [
                annotators,
                row["num_requests"],
                f"{row['num_requests'] / row['seconds']:.1f}",
                f"{percentile(row, 0.5):.0f} ms",
                f"{percentile(row, 0.95):.0f} ms",
                f"{percentile(row, 0.5) / alone:.2f} ×",
                row["num_failures"],
            ]
            for annotators, row in rows.items()
        ],
    )


def main() -> None:
    quick = "--quick" in sys.argv
    os.environ["SPPNET_ENGINE"] = "torch" if quick else "auto"
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder), ("web", "interactive", "batch")) as app,
    ):
        session = log_in(app)
        images = prepared(app, session)
        rows = {
            annotators: clicked(
                app, session, images, annotators, 15 if quick else SECONDS[annotators]
            )
            for annotators in (ANNOTATORS[:2] if quick else ANNOTATORS)
        }
        text = f"{report(rows)}\n\n{encoding(app, session)}"
    print(text)
    if "--write" in sys.argv:
        write(PAGE, "server", text)


if __name__ == "__main__":
    main()
