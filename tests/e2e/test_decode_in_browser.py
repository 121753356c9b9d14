"""The browser answers clicks itself: as the server would, and also while the server does not."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.annotation_page import AnnotationPage, demo_dataset, open_demo_image, write_headers
from tests.e2e.held import Held, wait_for_decoder
from tests.e2e.nuclei import changed_pixels, clear_nucleus, deepest_point, labels_of, same
from tests.services import ROOT, App

DEMO = ROOT / "annotations" / "demo" / "images"

NUCLEI = 5


def large_nuclei(name: str) -> list[tuple[float, float]]:
    """Return points inside the largest nuclei of a demo image."""
    labels = labels_of(name)
    order = np.argsort(np.bincount(labels.ravel())[1:])[::-1] + 1
    return [deepest_point(labels == number) for number in order[:NUCLEI]]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["fluorescence_3", "stained_1"])
def test_browser_and_server_give_the_same_masks(signed_in: Page, name: str) -> None:
    page = signed_in
    canvas = open_demo_image(page, name)
    wait_for_decoder(page)
    for point in large_nuclei(name):
        answer = canvas.answer_to(canvas.click(point))
        [click] = answer["clicks"]
        local = page.evaluate("({x, y}) => window.sppnet.preview(x, y)", click)
        if answer["mask"] is None:
            assert local is None
        else:
            assert same(canvas.paste(local), canvas.paste(answer["mask"]))
            # Out of the way of the next click, which its mask or its buttons might catch.
            canvas.reject()
            page.wait_for_function("() => window.sppnet.pendings.length === 0")


@pytest.fixture
def resized(signed_in: Page, request: pytest.FixtureRequest) -> Iterator[tuple[str, float]]:
    """An image in the demo dataset, the network's scale for it, which is not 1."""
    page, scale = signed_in, request.param
    dataset = demo_dataset(page)
    picture = io.BytesIO()
    with Image.open(DEMO / "stained_1.png") as whole:
        whole.convert("RGB").resize([round(side / scale) for side in whole.size]).save(
            picture, "PNG"
        )
    file = {"name": f"resized_{scale}.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    fields = {"dataset": dataset, "file": file, "microns_per_pixel": scale / 4}
    image = page.request.post("/api/images/", multipart=fields, headers=write_headers(page)).json()
    yield image["name"], scale
    page.request.delete(f"/api/images/{image['id']}/", headers=write_headers(page))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("resized", [0.5, 2.0], indirect=True)
def test_browser_and_server_see_an_image_of_another_resolution_alike(
    signed_in: Page, resized: tuple[str, float]
) -> None:
    (name, scale), page = resized, signed_in
    x, y = deepest_point(clear_nucleus(labels_of("stained_1")))
    canvas = open_demo_image(page, name)
    wait_for_decoder(page)
    held = Held(page)
    at = (x / scale, y / scale)
    assert held.agrees(canvas, lambda: canvas.press(at))
    # The mask so far goes back in, enlarged, with a click beside the nucleus.
    beside = canvas.on_screen((at[0] + 14 / scale, at[1] + 14 / scale))
    refine = lambda: page.mouse.click(*beside, button="right")  # noqa: E731
    assert held.agrees(canvas, refine)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("resized", [0.5], indirect=True)
def test_a_person_chooses_at_which_scale_an_image_is_seen(
    signed_in: Page, resized: tuple[str, float]
) -> None:
    name, page = resized[0], signed_in
    canvas = open_demo_image(page, name)
    resolution = page.get_by_test_id("resolution")

    def choose(scale: str) -> None:
        resolution.click()
        page.get_by_test_id("chosen-scale").select_option(scale)
        page.get_by_test_id("resolution-dialog").get_by_role("button", name="Save").click()

    expect(resolution).to_contain_text("seen at 0.5×")
    choose("2×")
    expect(resolution).to_contain_text("seen at 2×")
    # The masks of clicks are of the same place as before.
    wait_for_decoder(page)
    x, y = deepest_point(clear_nucleus(labels_of("stained_1")))
    mask = canvas.paste(canvas.answer_to(canvas.click((2 * x, 2 * y)))["mask"])
    assert mask[int(2 * y), int(2 * x)]
    choose("as the model chooses")
    expect(resolution).to_contain_text("seen at 0.5×")


@pytest.mark.timeout(300)
def test_browser_and_server_find_the_same_in_a_box(signed_in: Page) -> None:
    page = signed_in
    nucleus = clear_nucleus(labels_of("stained_1"))
    canvas = open_demo_image(page, "stained_1")
    wait_for_decoder(page)
    held = Held(page)
    canvas.use("box")
    rows = np.flatnonzero(nucleus.any(axis=1))
    columns = np.flatnonzero(nucleus.any(axis=0))
    left, top, right, bottom = map(float, (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    corners = (left - 1, top - 1), (right + 1, bottom + 1)
    assert held.agrees(canvas, lambda: canvas.stroke(*corners))


@pytest.mark.timeout(300)
def test_a_nucleus_is_outlined_under_the_pointer_and_clicked_without_a_worker(
    signed_in: Page, app: App
) -> None:
    page, worker = signed_in, app.services["interactive"]
    canvas = open_demo_image(page, "fluorescence_2")
    wait_for_decoder(page)
    # Proposals come first: whatever changes now on the canvas is the preview.
    page.wait_for_function("() => window.sppnet.proposals.length > 0", timeout=60_000)
    point = large_nuclei("fluorescence_2")[0]
    untouched = canvas.picture()
    assert _hover(canvas, point, untouched) > 20
    page.get_by_test_id("hover-preview").uncheck()
    assert changed_pixels(untouched, canvas.picture()) == 0

    worker.kill()
    try:
        prompt = canvas.click(point)
        expect(page.get_by_test_id("accept")).to_be_visible()
        [shown] = page.evaluate("() => window.sppnet.pendings")
        assert shown["status"] == "ready"
        assert canvas.get(f"/api/prompts/{prompt}/")["status"] == "queued"
        canvas.accept()
        canvas.expect_saved()
    finally:
        worker.start()
    [kept] = canvas.masks()
    assert kept["prediction"] == prompt
    assert kept["counts"] == shown["shape"]["counts"]
    answer = canvas.answer_to(prompt, 120)
    assert same(canvas.paste(answer["mask"]), canvas.paste(kept))


def _hover(canvas: AnnotationPage, point: tuple[float, float], untouched: bytes) -> int:
    """Return how many pixels of the canvas change while the pointer rests on a nucleus."""
    canvas.page.mouse.move(*canvas.on_screen(point))
    canvas.page.wait_for_timeout(1000)
    return changed_pixels(untouched, canvas.page.get_by_test_id("stage").screenshot())
