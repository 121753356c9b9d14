"""What a person does to see better changes the picture, and nothing else."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotation_page import AnnotationPage, open_demo_image
from tests.e2e.nuclei import changed_pixels, deepest_point, labels_of
from tests.e2e.test_decode_in_browser import wait_for_decoder

IMAGE = "stained_1"


@pytest.mark.timeout(300)
def test_adjusting_and_comparing_change_the_picture_alone(signed_in: Page) -> None:
    page = signed_in
    canvas = open_demo_image(page, IMAGE)
    wait_for_decoder(page)
    labels = labels_of(IMAGE)
    point = deepest_point(labels == labels[labels > 0].max())
    stored = page.request.get(canvas.image["pixels_url"]).body()
    answer = preview(page, point)
    assert answer is not None
    page.get_by_test_id("show-proposals").uncheck()
    untouched = canvas.picture()

    page.keyboard.press("Shift+V")
    page.get_by_test_id("stain").select_option("haematoxylin")
    unmixed = canvas.picture()
    assert changed_pixels(untouched, unmixed) > 10_000
    page.get_by_test_id("gamma").press("End")
    assert changed_pixels(unmixed, canvas.picture()) > 10_000
    assert preview(page, point) == answer
    assert page.request.get(canvas.image["pixels_url"]).body() == stored

    page.reload()
    canvas.wait_until_ready()
    assert changed_pixels(untouched, canvas.picture()) > 10_000
    page.get_by_test_id("reset-adjustments").click()
    assert changed_pixels(untouched, canvas.picture()) == 0

    wipe_over_the_new_mask(canvas)
    canvas.expect_saved()
    assert len(canvas.masks()) == 1


def preview(page: Page, point: tuple[float, float]) -> object:
    """What a click would give, once the decoder has what it needs."""
    wait_for_decoder(page)
    return page.evaluate("([x, y]) => window.sppnet.preview(x, y)", list(point))


def wipe_over_the_new_mask(canvas: AnnotationPage) -> None:
    """Paint a mask, and take it from sight by comparing with the masks at opening."""
    page, (height, width) = canvas.page, canvas.shape
    canvas.use("brush")
    canvas.stroke((width * 0.4, height / 2), (width * 0.6, height / 2))
    expect(page.get_by_test_id("nuclei-count")).to_have_text("1 nucleus")
    canvas.use("pan")
    page.keyboard.press("Shift+D")
    grip = page.get_by_test_id("compare-grip")
    grip.press("End")
    all_of_it = canvas.picture()
    grip.press("Home")
    expect(grip).to_have_attribute("aria-valuenow", "0")
    assert changed_pixels(all_of_it, canvas.picture()) > 200
    page.keyboard.press("Shift+D")
    expect(page.get_by_test_id("compare-right")).to_be_visible()
    page.keyboard.press("Shift+D")
    expect(page.get_by_test_id("compare-right")).to_be_hidden()
