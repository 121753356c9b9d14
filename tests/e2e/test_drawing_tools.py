"""Box, lasso, polygon, corners and knife: drawn, undone, redone, and there after a reload."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotation_page import AnnotationPage, asks_for_a_nucleus, open_demo_image
from tests.e2e.nuclei import clear_nucleus, iou, labels_of

IMAGE = "fluorescence_3"
Point = tuple[float, float]


def shapes(page: Page) -> dict[str, Any]:
    """Mask id -> (bbox, run lengths), as the page has them."""
    masks = page.evaluate("() => window.sppnet.masks")
    return {mask["id"]: (mask["bbox"], mask["counts"]) for mask in masks}


def areas(page: Page) -> list[int]:
    return [int(mask["area"]) for mask in page.evaluate("() => window.sppnet.masks")]


def square(x: float, y: float, side: float) -> list[Point]:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


@pytest.mark.timeout(300)
def test_what_is_drawn_with_every_tool_survives_undo_redo_and_a_reload(signed_in: Page) -> None:
    page = signed_in
    nucleus = clear_nucleus(labels_of(IMAGE))
    canvas = open_demo_image(page, IMAGE)

    _box(canvas, nucleus)
    assert len(areas(page)) == 1

    page.keyboard.press("l")
    canvas.stroke(*square(110, 160, 20))
    assert areas(page)[1] == pytest.approx(400, abs=45)
    page.keyboard.down("Shift")
    canvas.stroke(*square(125, 160, 20))
    page.keyboard.up("Shift")
    page.keyboard.down("Alt")
    canvas.stroke(*square(105, 155, 10))
    page.keyboard.up("Alt")
    assert areas(page)[1] == pytest.approx(700 - 25, abs=60)

    page.get_by_test_id("tool-lasso").hover()
    canvas.use("polygon")
    for corner in [*square(160, 160, 24)[:3], (150, 190)]:
        page.mouse.click(*canvas.on_screen(corner))
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    assert areas(page)[2] == pytest.approx(24 * 24 / 2, abs=40)

    page.keyboard.press("j")
    before = shapes(page)
    x, y, w, _ = page.evaluate("() => window.sppnet.masks[2].bbox")
    canvas.stroke((x + w, y), (x + w, y))
    assert shapes(page) == before
    canvas.stroke((x + w, y), (x + w + 8, y - 8))
    assert areas(page)[2] > 24 * 24 / 2 + 40

    whole = areas(page)[1]
    page.keyboard.press("k")
    canvas.stroke((128, 150), (128, 190))
    expect(page.get_by_test_id("nuclei-count")).to_contain_text("4")
    assert areas(page)[1] + areas(page)[3] == whole

    drawn = shapes(page)
    for _ in range(6):
        page.keyboard.press("Control+z")
    assert len(shapes(page)) == 1
    for _ in range(6):
        page.keyboard.press("Control+Shift+z")
    assert shapes(page) == drawn

    page.keyboard.press("b")
    size = page.get_by_test_id("brush-size")
    narrow = int(size.input_value())
    page.keyboard.down("Alt")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Alt")
    expect(size).not_to_have_value(str(narrow))
    assert int(size.input_value()) > narrow

    canvas.expect_saved()
    saved = {mask["id"]: (mask["bbox"], mask["counts"]) for mask in canvas.masks()}
    assert saved == drawn
    page.reload()
    canvas.wait_until_ready()
    expect(page.get_by_test_id("nuclei-count")).to_contain_text("4")
    assert shapes(page) == drawn


def _box(canvas: AnnotationPage, nucleus: Any) -> None:
    """Find the nucleus by a box, refine that by a background click, and accept."""
    page = canvas.page
    rows, columns = nucleus.any(axis=1).nonzero()[0], nucleus.any(axis=0).nonzero()[0]
    left, top = float(columns[0]) - 1, float(rows[0]) - 1
    right, bottom = float(columns[-1]) + 2, float(rows[-1]) + 2
    canvas.use("box")
    with page.expect_response(asks_for_a_nucleus) as asked:
        canvas.stroke((left, top), (right, bottom))
    answer = canvas.answer_to(asked.value.json()["id"])
    assert answer["box"] == pytest.approx([left, top, right, bottom], abs=1)
    assert iou(canvas.paste(answer["mask"]), nucleus) >= 0.5
    expect(page.get_by_test_id("accept")).to_be_visible()

    page.keyboard.down("Alt")
    with page.expect_response(asks_for_a_nucleus) as asked:
        canvas.press((right + 4, bottom + 4))
    page.keyboard.up("Alt")
    refined = canvas.answer_to(asked.value.json()["id"])
    assert refined["box"] == answer["box"]
    assert [click["positive"] for click in refined["clicks"]] == [False]
    canvas.accept()
