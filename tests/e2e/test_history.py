"""What happened to a nucleus is told, looked at, and taken back, by the page alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotation_page import AnnotationPage, open_demo_image
from tests.services import ROOT

SHOTS = ROOT / "test-results" / "history"


def shot(page: Page, name: str) -> None:
    """Left behind for who wants to look."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def expect_area(canvas: AnnotationPage, area: int) -> None:
    canvas.page.wait_for_function(
        "area => window.sppnet.masks.length === 1 && window.sppnet.masks[0].area === area", arg=area
    )


@pytest.mark.timeout(180)
def test_a_nucleus_is_drawn_fixed_deleted_and_brought_back(signed_in: Page) -> None:
    page = signed_in
    canvas = open_demo_image(page, "fluorescence_1")
    middle = (canvas.image["width"] / 2, canvas.image["height"] / 2)
    canvas.use("brush")
    canvas.stroke(middle, (middle[0] + 20, middle[1]))
    canvas.expect_saved()
    drawn = canvas.masks()[0]["area"]
    canvas.stroke((middle[0] + 20, middle[1]), (middle[0] + 50, middle[1]))
    canvas.expect_saved()
    fixed = canvas.masks()[0]["area"]
    assert fixed > drawn

    page.keyboard.press("Shift+H")
    lines = page.get_by_test_id("history-list").locator("li[data-event]")
    expect(page.get_by_test_id("history-about")).to_contain_text("admin drew a nucleus")
    expect(lines).to_have_count(2)
    lines.last.get_by_test_id("history-look").click()
    expect(page.get_by_test_id("compare-right")).to_be_visible()
    shot(page, "nucleus_light")
    page.emulate_media(color_scheme="dark")
    shot(page, "nucleus_dark")
    page.emulate_media(color_scheme="light")

    lines.last.get_by_test_id("history-restore").click()
    expect_area(canvas, drawn)
    canvas.expect_saved()
    expect(lines).to_have_count(3)
    expect(lines.first).to_contain_text("admin restored a nucleus")
    page.keyboard.press("Control+z")
    expect_area(canvas, fixed)
    canvas.expect_saved()

    lines.first.get_by_test_id("history-look").click()
    lines.first.get_by_test_id("history-look").click()
    page.keyboard.press("Delete")
    page.wait_for_function("() => window.sppnet.masks.length === 0")
    canvas.expect_saved()
    expect(lines.first).to_contain_text("admin deleted a nucleus")
    before = page.get_by_test_id("history-list").locator("li", has_text="drew a nucleus").first
    before.get_by_test_id("history-look").click()
    shot(page, "image_light")
    page.emulate_media(color_scheme="dark")
    shot(page, "image_dark")
    before.get_by_test_id("history-restore-all").click()
    expect_area(canvas, drawn)
    expect(lines.first).to_contain_text("admin went back to")
    page.get_by_test_id("toast").get_by_role("button", name="Undo").click()
    page.wait_for_function("() => window.sppnet.masks.length === 0")
    assert canvas.masks() == []
