"""An annotator as locust plays them: opens an image, listens to its events, clicks now and then.

Started by tests/load/clicks.py, which gives SESSION (a cookie) and IMAGES (JSON).
"""

import json
import os
import random
from itertools import count
from typing import Any
from uuid import uuid4

import gevent
from gevent.event import AsyncResult
from locust import HttpUser, between, task

IMAGES: list[dict[str, Any]] = json.loads(os.environ["IMAGES"])
PATIENCE = 60
_arrivals = count()


class Annotator(HttpUser):
    """Two to five seconds between clicks: to look at the mask, decide, find the next nucleus."""

    wait_time = between(2, 5)

    def on_start(self) -> None:
        self.client.cookies.update(json.loads(os.environ["SESSION"]))
        self.client.headers["X-CSRFToken"] = self.client.cookies["csrftoken"]
        self.image = IMAGES[next(_arrivals) % len(IMAGES)]
        self.waiting: dict[str, AsyncResult] = {}
        self.listener = gevent.spawn(self.listen)
        gevent.sleep(1)

    def on_stop(self) -> None:
        self.listener.kill()

    def listen(self) -> None:
        url = f"/api/images/{self.image['id']}/events/"
        answer = self.client.get(url, stream=True, name="events")
        for line in answer.iter_lines(chunk_size=1):
            if line.startswith(b"data: "):
                told = json.loads(line[6:])
                if told.get("status") in ("done", "failed") and told.get("id") in self.waiting:
                    self.waiting[told["id"]].set(told["status"])

    @task
    def click(self) -> None:
        prompt = str(uuid4())
        self.waiting[prompt] = AsyncResult()
        place = {"x": random.uniform(1, self.image["width"] - 1) // 1 + 0.5}
        place["y"] = random.uniform(1, self.image["height"] - 1) // 1 + 0.5
        click = {"id": str(uuid4()), **place, "positive": True}
        body = {"id": prompt, "image": self.image["id"], "clicks": [click]}
        with self.environment.events.request.measure("click", "mask") as meta:
            self.client.post("/api/prompts/", json=body, name="post")
            status = self.waiting[prompt].get(timeout=PATIENCE)
            meta["response_length"] = 0
            if status != "done":
                raise RuntimeError(f"the prompt ended as {status}")
        del self.waiting[prompt]
