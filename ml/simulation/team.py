"""A team at work through the API: annotates images, has the network learn from them, and again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import cv2
import numpy as np
from numpy.typing import NDArray

from ml import rle
from ml.simulation.annotator import Click, Mask, Outcome, annotate
from ml.simulation.api_client import ApiClient
from ml.sppnet.datasets import Sample
from ml.sppnet.evaluate import MIN_AREA
from ml.sppnet.instances import compact

ANSWER_SECONDS = 300


@dataclass(frozen=True)
class Measured:
    """What nuclei took on average, before a round (0) and after each; `images` were learned."""

    round: int
    images: int
    nuclei: int
    clicks: float
    edits: float
    iou1: float
    checkpoint: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def mean_of(outcomes: Sequence[Outcome], *, round: int, images: int, checkpoint: str) -> Measured:
    """Averages over nuclei."""
    return Measured(
        round,
        images,
        len(outcomes),
        float(np.mean([each.clicks for each in outcomes])),
        float(np.mean([each.edits for each in outcomes])),
        float(np.mean([each.first_iou for each in outcomes])),
        checkpoint,
    )


class Team:
    """Works in a new dataset of its own. The person needs to administer the site."""

    def __init__(self, api: ApiClient, name: str) -> None:
        self._api = api
        self.dataset = api.post("/api/datasets/", {"name": name})["id"]

    def upload(self, sample: Sample) -> dict[str, Any]:
        """Put an image into the dataset; its JSON, once the network has looked at it: only then is
        known at which scale it is seen."""
        _, png = cv2.imencode(".png", cv2.cvtColor(sample.pixels, cv2.COLOR_RGB2BGR))
        file = io.BytesIO(png.tobytes())
        file.name = f"{sample.name}.png"
        image: dict[str, Any] = self._api.upload(
            "/api/images/", {"dataset": self.dataset, "file": file}
        )
        return dict(
            self._api.wait_for(
                f"/api/images/{image['id']}/",
                lambda image: image["encoding"] in ("ready", "failed"),
                ANSWER_SECONDS,
            )
        )

    def try_out(
        self, image: dict[str, Any], sample: Sample, most: int, rng: np.random.Generator
    ) -> list[Outcome]:
        """Annotate up to `most` nuclei without keeping anything."""
        truths = nuclei_of(sample)
        chosen = rng.permutation(len(truths))[:most]
        return [self._annotate(image, truths[i])[0] for i in chosen]

    def annotate(self, image: dict[str, Any], sample: Sample) -> list[Outcome]:
        """Annotate every nucleus, keep the masks, and submit the image."""
        outcomes = []
        for truth in nuclei_of(sample):
            outcome, prediction = self._annotate(image, truth)
            outcomes.append(outcome)
            kept = "accepted" if outcome.edits == 0 else "fixed"
            self._keep(image, outcome.mask, kept, prediction)
        self._submit(image)
        return outcomes

    def draw(self, image: dict[str, Any], sample: Sample) -> None:
        """Outline every nucleus as it is, without the network, and submit the image."""
        for truth in nuclei_of(sample):
            self._keep(image, truth, "drawn", None)
        self._submit(image)

    def hold_out(self, names: list[str]) -> None:
        self._api.post(f"/api/datasets/{self.dataset}/held-out/", {"groups": names})

    def learn(self, minutes: int) -> dict[str, Any]:
        """Train, and wait until the result is judged; the run's JSON. Raises RuntimeError."""
        run = self._api.post("/api/training-runs/", {"dataset": self.dataset, "minutes": minutes})
        seconds = minutes * 60 + 3600
        ended = self._api.wait_for(
            f"/api/training-runs/{run['id']}/",
            lambda run: run["status"] not in ("queued", "running"),
            seconds,
            every=2,
        )
        if ended["status"] != "done":
            raise RuntimeError(f"Training run {run['id']} {ended['status']}: {ended['error']}")
        return dict(ended)

    def judgement_of(self, run: dict[str, Any]) -> dict[str, Any]:
        """How its result was judged. Raises RuntimeError if it was not."""
        judged = self._api.get("/api/judgements/", run=run["id"])["results"]
        if not judged or judged[0]["passed"] is None:
            raise RuntimeError(f"The result of training run {run['id']} was not judged.")
        return dict(judged[0])

    def promote(self, checkpoint: int, reason: str) -> None:
        place = {"dataset": self.dataset, "reason": reason}
        self._api.post(f"/api/checkpoints/{checkpoint}/activate/", place)

    def _annotate(self, image: dict[str, Any], truth: Mask) -> tuple[Outcome, str]:
        asked = ""

        def ask(clicks: list[Click], prior: Mask | None) -> Mask:
            nonlocal asked
            asked = str(uuid4())
            body: dict[str, Any] = {
                "id": asked,
                "image": image["id"],
                "clicks": [
                    {"id": str(uuid4()), "x": x, "y": y, "positive": on} for x, y, on in clicks
                ],
            }
            if prior is not None and prior.any():
                bbox, counts = rle.encode(prior)
                body["mask"] = {"bbox": bbox, "counts": counts}
            self._api.post("/api/prompts/", body)
            return self._answer(asked, truth.shape)

        return annotate(truth, ask), asked

    def _answer(self, prompt: str, shape: tuple[int, ...]) -> Mask:
        state = self._api.wait_for(
            f"/api/prompts/{prompt}/",
            lambda state: state["status"] in ("done", "failed"),
            ANSWER_SECONDS,
        )
        if state["status"] == "failed":
            raise RuntimeError(f"A click was not answered: {state['error']}")
        wire = state["mask"]
        if wire is None:
            return np.zeros(shape, bool)
        return rle.paste(wire["bbox"], wire["counts"], shape[0], shape[1])

    def _keep(self, image: dict[str, Any], mask: Mask, origin: str, prediction: str | None) -> None:
        bbox, counts = rle.encode(mask)
        body = {"image": image["id"], "version": 0, "bbox": bbox, "counts": counts}
        body |= {"origin": origin, "prediction": prediction}
        self._api.put(f"/api/masks/{uuid4()}/", body)

    def _submit(self, image: dict[str, Any]) -> None:
        now = self._api.get(f"/api/images/{image['id']}/")
        self._api.post(f"/api/images/{image['id']}/submit/", {"version": now["version"]})


def nuclei_of(sample: Sample) -> list[Mask]:
    """Its nuclei, H×W bool each, without the fragments at the image's edge."""
    labels: NDArray[np.int32] = compact(sample.labels.astype(np.int32), MIN_AREA)
    return [labels == number for number in range(1, labels.max() + 1)]
