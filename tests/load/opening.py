"""What each of many people does who open the same dataset at once: for locust.

tests/bench/crowd.py starts it. PEOPLE names a file with a list of session keys, one a person.
"""

import json
import os
from itertools import count
from pathlib import Path

from locust import HttpUser, between, task

SESSIONS = json.loads(Path(os.environ["PEOPLE"]).read_text())
DATASET = int(os.environ["DATASET"])
numbers = count()


class Annotator(HttpUser):
    """Opens the dataset, takes the next image, looks at it."""

    wait_time = between(0.5, 2)

    def on_start(self) -> None:
        self.client.cookies.set("sessionid", SESSIONS[next(numbers) % len(SESSIONS)])
        # The page that one posts from brings the token. Who is not signed in would be sent away.
        page = self.client.get(f"/datasets/{DATASET}/", name="/datasets/…/", allow_redirects=False)
        assert page.status_code == 200, "the session is not known"

    @task(3)
    def open_dataset(self) -> None:
        self.client.get(f"/datasets/{DATASET}/", name="/datasets/…/")

    @task
    def look_at_progress(self) -> None:
        self.client.get(f"/datasets/{DATASET}/progress/", name="/datasets/…/progress/")

    @task(3)
    def annotate_next(self) -> None:
        headers = {"X-CSRFToken": self.client.cookies.get("csrftoken", "")}
        answer = self.client.post(
            "/api/images/next/",
            json={"dataset": DATASET},
            headers=headers,
            name="POST /api/images/next/",
        )
        if answer.status_code != 200:
            return
        image = answer.json()["id"]
        page = f"/datasets/{DATASET}/annotate/{image}/"
        self.client.get(page, name="/datasets/…/annotate/…/")
        self.client.get(f"/api/images/{image}/", name="/api/images/…/")
        self.client.get(f"/api/masks/?image={image}", name="/api/masks/?image=…")
