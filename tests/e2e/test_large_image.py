"""An image with thousands of nuclei: all arrive, each can be worked on, with and without WebGL."""

import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Picture
from playwright.sync_api import Page, Response, expect

from tests.e2e.annotation_page import AnnotationPage
from tests.services import ROOT, App

COUNT = 3000
CONTEXT = "document.querySelector('canvas.gl').getContext('webgl2')"
CENTRES = """() => window.sppnet.masks.map(
  ({ id, bbox: [x, y, w, h] }) => [id, x + w / 2, y + h / 2],
)"""


@pytest.fixture
def large_image(signed_in: Page, app: App) -> Iterator[dict[str, int]]:
    made = subprocess.run(
        [sys.executable, "-m", "tests.bench.generated", str(COUNT)],
        env=app.environment,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    where = json.loads(made.stdout.splitlines()[-1])[str(COUNT)]
    yield where
    [token] = [c["value"] for c in signed_in.context.cookies() if c["name"] == "csrftoken"]
    answer = signed_in.request.delete(
        f"/api/datasets/{where['dataset']}/", headers={"X-CSRFToken": token}
    )
    assert answer.ok, answer.text()


def pixels(picture: bytes) -> NDArray[np.float32]:
    return np.asarray(Picture.open(BytesIO(picture)).convert("RGB"), dtype=np.float32)


def test_thousands_of_nuclei_arrive_and_answer_with_and_without_webgl(
    signed_in: Page, large_image: dict[str, int]
) -> None:
    page = signed_in
    sizes: list[int] = []

    def weigh(response: Response) -> None:
        if "/api/masks/" in response.url:
            sizes.append(int(response.header_value("content-length") or 0))

    page.on("response", weigh)
    page.goto(f"/datasets/{large_image['dataset']}/annotate/{large_image['image']}/")
    image = page.request.get(f"/api/images/{large_image['image']}/").json()
    canvas = AnnotationPage(page, image)
    canvas.wait_until_ready()
    expect(page.get_by_test_id("nuclei-count")).to_contain_text(f"{COUNT}")

    page.wait_for_function("() => window.sppnet.complete")
    centres: list[Any] = page.evaluate(CENTRES)
    assert len({id for id, _, _ in centres}) == len(centres) == COUNT
    assert len(sizes) > 5
    assert max(sizes) < 1_000_000

    # Go close to one of them, and work on it.
    id, x, y = centres[COUNT // 2]
    page.mouse.move(*canvas.on_screen((x, y)))
    page.mouse.wheel(0, -900)
    canvas.use("select")
    assert page.evaluate("([x, y]) => window.sppnet.maskAt(x, y)", [x, y]) == id
    page.mouse.click(*canvas.on_screen((x, y)))
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("nuclei-count")).to_contain_text(f"{COUNT - 1}")
    assert id not in [mask[0] for mask in page.evaluate(CENTRES)]
    page.keyboard.press("Control+z")
    expect(page.get_by_test_id("nuclei-count")).to_contain_text(f"{COUNT}")
    canvas.expect_saved()
    assert page.request.get(f"/api/masks/{id}/").ok

    assert page.evaluate("() => window.sppnet.drawing") == "webgl"
    with_webgl = pixels(canvas.picture())
    page.evaluate(f"() => {{ window.lost = {CONTEXT}.getExtension('WEBGL_lose_context'); }}")
    page.evaluate("() => window.lost.loseContext()")
    expect(page.get_by_test_id("no-webgl")).to_be_visible()
    without = pixels(canvas.picture())
    assert np.abs(with_webgl - without).mean() < 3, "the same picture, but for the soft edges"
    page.keyboard.down("x")
    # Twice what soft edges may make: how much it is depends on how much of the view is image.
    assert np.abs(pixels(canvas.picture()) - without).mean() > 6, "there were masks in it"
    page.keyboard.up("x")

    page.evaluate("() => window.lost.restoreContext()")
    expect(page.get_by_test_id("no-webgl")).to_be_hidden()
    assert np.abs(pixels(canvas.picture()) - with_webgl).mean() < 0.5
