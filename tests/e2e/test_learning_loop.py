"""Nuclei make a model: accept, train, watch, compare, promote, click, roll back."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import procfile
import pytest
from playwright.sync_api import Page, expect

from ml import rle
from tests.e2e.annotation_page import AnnotationPage, write_headers
from tests.e2e.nuclei import clear_nucleus, deepest_point, labels_of
from tests.services import ROOT, App, Service

DEMO = ROOT / "annotations" / "demo" / "images"
TO_LEARN, TO_JUDGE, TO_CLICK = "fluorescence_3", "fluorescence_4", "fluorescence_1"
# On a busy machine the trainer alone takes a minute to load.
PATIENCE = 300_000


@pytest.fixture
def train_worker(app: App) -> Iterator[None]:
    command = procfile.commands(host="127.0.0.1", port=0)["train"]
    worker = Service("train", command, app.environment, app.data_dir / "train.log")
    app.services["train"] = worker
    worker.start()
    yield
    worker.stop()
    del app.services["train"]


class Scripted:
    """What a person has done before: the API with the page's session."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def post(self, path: str, **options: Any) -> Any:
        answer = self.page.request.post(path, headers=write_headers(self.page), **options)
        assert answer.ok, answer.text()
        return answer.json()

    def upload(self, dataset: int, name: str) -> dict[str, Any]:
        file = {
            "name": f"{name}.png",
            "mimeType": "image/png",
            "buffer": (DEMO / f"{name}.png").read_bytes(),
        }
        form = {"dataset": str(dataset), "file": file}
        image: dict[str, Any] = self.post("/api/images/", multipart=form)
        return image

    def annotate_wholly(self, image: dict[str, Any], name: str) -> None:
        labels = labels_of(name)
        for number in range(1, int(labels.max()) + 1):
            bbox, counts = rle.encode(labels == number)
            body = {"image": image["id"], "version": 0, "bbox": bbox, "counts": counts}
            path = f"/api/masks/00000000-0000-4000-8000-{number:012d}/"
            answer = self.page.request.put(
                path, headers=write_headers(self.page), data=body | {"origin": "drawn"}
            )
            assert answer.ok, answer.text()
        now = self.page.request.get(f"/api/images/{image['id']}/").json()
        self.post(f"/api/images/{image['id']}/submit/", data={"version": now["version"]})


def open_image(page: Page, image: dict[str, Any]) -> AnnotationPage:
    page.goto(f"/datasets/{image['dataset']}/annotate/{image['id']}/")
    canvas = AnnotationPage(page, image)
    canvas.wait_until_ready()
    return canvas


@pytest.mark.timeout(900)
def test_what_people_accept_is_learned_judged_promoted_and_taken_back(
    signed_in: Page, train_worker: None
) -> None:
    page, script = signed_in, Scripted(signed_in)
    dataset = script.post("/api/datasets/", data={"name": "Loop"})["id"]
    judged, learned = (script.upload(dataset, name) for name in (TO_JUDGE, TO_LEARN))
    script.annotate_wholly(judged, TO_JUDGE)

    # Hold a slide out, accept what the model proposes on the other one.
    page.goto(f"/datasets/{dataset}/held-out/")
    page.get_by_label(f"Hold {TO_JUDGE}.png out").check()
    page.get_by_role("button", name="Hold out").click()
    page.get_by_role("dialog").get_by_role("button", name="Hold out").click()
    expect(page.get_by_text("1 image more is held out")).to_be_visible()
    canvas = open_image(page, learned)
    page.wait_for_function("() => window.sppnet.proposals.length > 0", timeout=PATIENCE)
    page.keyboard.press("Control+Shift+A")
    expect(page.get_by_test_id("save-state")).to_have_text("Saved", timeout=PATIENCE)
    assert canvas.masks()

    # Train for an epoch, and watch.
    page.goto("/models/")
    page.get_by_label("Dataset").select_option(str(dataset))
    page.get_by_label("Minutes").fill("1")
    page.get_by_text("More limits").click()
    page.get_by_label("Epochs").fill("1")
    page.get_by_role("button", name="Retrain").click()
    expect(page.get_by_text("Training is queued")).to_be_visible()
    page.get_by_role("link", name="Run ").first.click()
    expect(page.get_by_text("IoU after one click, while training")).to_be_visible()
    expect(page.locator(".badge.done")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Epoch", exact=True)).to_be_visible()

    # Compare, and promote: one epoch on one image need not pass the gate.
    page.get_by_role("link", name="passed").click()
    expect(page.get_by_role("row", name="AJI")).to_be_visible()
    pictures = page.locator(".pair img")
    assert pictures.count() == 2
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 0
    page.get_by_role("link", name="Promote…").click()
    page.get_by_label("Where it is to answer clicks").select_option(str(dataset))
    page.get_by_label("Reason").fill("to see what it does")
    page.get_by_role("button", name="Promote", exact=True).click()
    expect(page.get_by_text("answers clicks from now on.")).to_be_visible()

    # A click is answered by the new checkpoint; once rolled back, by the former one.
    run = page.request.get("/api/training-runs/").json()["results"][0]
    image = script.upload(dataset, TO_CLICK)
    answer = click(page, image)
    assert answer["checkpoint"] == run["checkpoint_to"]
    page.goto("/models/")
    page.get_by_role("button", name="Roll back").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("The checkpoint of the whole site answers clicks")).to_be_visible()
    x, y = deepest_point(clear_nucleus(labels_of(TO_CLICK)))
    place = {"id": str(uuid4()), "x": x, "y": y, "positive": True}
    again = {"id": str(uuid4()), "image": image["id"], "clicks": [place]}
    asked = script.post("/api/prompts/", data=again)["id"]
    assert AnnotationPage(page, image).answer_to(asked, 120)["checkpoint"] == run["checkpoint_from"]


def click(page: Page, image: dict[str, Any]) -> dict[str, Any]:
    """Click a nucleus of the image and return the answer, unless there is none."""
    canvas = open_image(page, image)
    answer = canvas.answer_to(canvas.click(deepest_point(clear_nucleus(labels_of(TO_CLICK)))), 120)
    assert answer["mask"] is not None
    return answer
