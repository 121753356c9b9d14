"""The annotation page as a person uses it, and as the API sees what came of it."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, Response, expect

from tests.e2e.nuclei import pasted

Point = tuple[float, float]


class AnnotationPage:
    """The canvas on one image. Points are (x, y) in image pixels, masks H×W bool."""

    def __init__(self, page: Page, image: dict[str, Any]) -> None:
        self.page = page
        self.image = image
        self.shape = (image["height"], image["width"])

    def wait_until_ready(self) -> None:
        self.page.wait_for_function("() => window.sppnet?.ready")

    def on_screen(self, point: Point) -> Point:
        at = self.page.evaluate("([x, y]) => window.sppnet.imageToScreen(x, y)", list(point))
        return at["x"], at["y"]

    def use(self, tool: str) -> None:
        self.page.get_by_test_id(f"tool-{tool}").click()

    def click(self, point: Point) -> str:
        """Click with the tool in hand and return the id of the prompt that this sends."""
        with self.page.expect_response(asks_for_a_nucleus) as response:
            self.press(point)
        assert response.value.ok, response.value.text()
        return str(response.value.json()["id"])

    def press(self, point: Point) -> None:
        """Click as a hand does, which arrives before it presses."""
        at = self.on_screen(point)
        self.page.mouse.move(*at)
        self.page.wait_for_timeout(250)
        self.page.mouse.click(*at)

    def stroke(self, *points: Point) -> None:
        """Draw from point to point with the button held."""
        self.page.mouse.move(*self.on_screen(points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.on_screen(point), steps=8)
        self.page.mouse.up()

    def accept(self) -> None:
        self.page.get_by_test_id("accept").click()

    def reject(self) -> None:
        self.page.get_by_test_id("reject").click()

    def expect_saved(self) -> None:
        expect(self.page.get_by_test_id("save-state")).to_have_text("Saved")

    def picture(self) -> bytes:
        """A screenshot of the canvas, the pointer out of the way."""
        self.page.mouse.move(2, 2)
        self.page.wait_for_timeout(300)  # the last frame is drawn
        return self.page.get_by_test_id("stage").screenshot()

    def get(self, path: str) -> Any:
        answer = self.page.request.get(path)
        assert answer.ok, answer.text()
        return answer.json()

    def answer_to(self, prompt: str, seconds: float = 60) -> dict[str, Any]:
        """Return the prompt as the API shows it once it is answered."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.get(f"/api/prompts/{prompt}/")
            if state["status"] in {"done", "failed"}:
                assert state["status"] == "done", state["error"]
                return dict(state)
            time.sleep(0.2)
        raise TimeoutError(f"the click was not answered within {seconds:.0f} s: {state}")

    def masks(self) -> list[dict[str, Any]]:
        return list(self.get(f"/api/masks/?image={self.image['id']}")["results"])

    def paste(self, wire: dict[str, Any]) -> NDArray[np.bool_]:
        return pasted(wire, self.shape)


def asks_for_a_nucleus(response: Response) -> bool:
    """Tell it from the page's own question, which is for all nuclei: no clicks, and no box."""
    request = response.request
    if request.method != "POST" or not request.url.endswith("/api/prompts/"):
        return False
    asked = request.post_data_json or {}
    return bool(asked.get("clicks") or asked.get("box"))


def write_headers(page: Page) -> dict[str, str]:
    """What a write by `page.request` needs."""
    [token] = [c["value"] for c in page.context.cookies() if c["name"] == "csrftoken"]
    return {"X-CSRFToken": token}


def prefer(page: Page, **preferences: Any) -> None:
    """Set preferences of whoever is logged in; `tour_seen` keeps the tour out of the way."""
    answer = page.request.patch("/api/preferences/", data=preferences, headers=write_headers(page))
    assert answer.ok, answer.text()


def demo_dataset(page: Page) -> int:
    """The id of the demo dataset, whatever other tests have made beside it."""
    datasets = page.request.get("/api/datasets/").json()["results"]
    return next(row["id"] for row in datasets if row["name"].startswith("Demo"))


def open_demo_image(page: Page, name: str) -> AnnotationPage:
    """From the list of datasets, go to the demo image `name` by clicking, as a person would."""
    page.get_by_role("link", name="Demo nuclei").first.click()
    page.get_by_role("link", name=name).first.click()
    page.wait_for_url("**/annotate/*/")
    image_id = int(page.url.rstrip("/").rsplit("/", 1)[-1])
    image = page.request.get(f"/api/images/{image_id}/").json()
    opened = AnnotationPage(page, image)
    opened.wait_until_ready()
    return opened
