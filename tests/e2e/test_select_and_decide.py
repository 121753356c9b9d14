"""Many nuclei at once: decide about proposals, select, merge, give a class, and click fast."""

import math
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.annotation_page import AnnotationPage, open_demo_image
from tests.e2e.nuclei import clear_nucleus, deepest_point, labels_of

IMAGE = "fluorescence_3"


def offers(page: Page) -> list[dict[str, Any]]:
    return list(page.evaluate("() => window.sppnet.proposals"))


def point_at(canvas: AnnotationPage, wire: dict[str, Any]) -> None:
    canvas.page.mouse.move(*canvas.on_screen(deepest_point(canvas.paste(wire))))


def click_on(canvas: AnnotationPage, wire: dict[str, Any]) -> None:
    canvas.page.mouse.click(*canvas.on_screen(deepest_point(canvas.paste(wire))))


def distance_from_middle(canvas: AnnotationPage, wire: dict[str, Any]) -> float:
    x, y = deepest_point(canvas.paste(wire))
    return math.hypot(x - canvas.image["width"] / 2, y - canvas.image["height"] / 2)


def expect_masks(page: Page, count: int) -> None:
    page.wait_for_function("count => window.sppnet.masks.length === count", arg=count)


def test_many_nuclei_are_decided_selected_merged_and_clicked_fast(signed_in: Page) -> None:
    page = signed_in
    canvas = open_demo_image(page, IMAGE)
    page.wait_for_function("() => window.sppnet.proposals.length > 3", timeout=120_000)
    every = sorted(offers(page), key=lambda offer: distance_from_middle(canvas, offer))
    rejected, accepted = every[0], every[1]

    point_at(canvas, rejected)
    page.keyboard.press("t")
    page.wait_for_function("n => window.sppnet.proposals.length === n", arg=len(every) - 1)
    page.reload()
    canvas.wait_until_ready()
    page.wait_for_function("n => window.sppnet.proposals.length === n", arg=len(every) - 1)
    assert rejected["counts"] not in [offer["counts"] for offer in offers(page)]

    point_at(canvas, accepted)
    page.keyboard.press("a")
    expect_masks(page, 1)
    page.keyboard.press("Control+Shift+A")
    page.wait_for_function("() => window.sppnet.proposals.length === 0")
    canvas.expect_saved()
    masks = canvas.masks()
    assert len(masks) == len(every) - 1
    assert {mask["origin"] for mask in masks} == {"accepted"}
    # Those in the middle lie under no panel.
    masks.sort(key=lambda mask: distance_from_middle(canvas, mask))

    canvas.use("select")
    click_on(canvas, masks[0])
    page.keyboard.down("Shift")
    click_on(canvas, masks[1])
    page.keyboard.up("Shift")
    expect(page.get_by_test_id("selected-count")).to_have_text("2 selected")
    page.keyboard.press("u")
    expect_masks(page, len(masks) - 1)
    canvas.expect_saved()
    [merged] = [mask for mask in canvas.masks() if mask["id"] == masks[0]["id"]]
    one, other = (canvas.paste(mask) for mask in masks[:2])
    assert (canvas.paste(merged) == (one | other)).all()
    page.keyboard.press("Control+z")
    expect_masks(page, len(masks))

    right, bottom, top = canvas.image["width"] - 1, canvas.image["height"] - 1, 60
    canvas.stroke((right, bottom), (1, top))
    middles = [(x + w / 2, y + h / 2) for x, y, w, h in (mask["bbox"] for mask in masks)]
    inside = [(x, y) for x, y in middles if 1 < x < right and top < y < bottom]
    expect(page.get_by_test_id("selected-count")).to_have_text(f"{len(inside)} selected")
    page.keyboard.press("Control+a")
    expect(page.get_by_test_id("selected-count")).to_have_text(f"{len(masks)} selected")
    page.keyboard.press("2")
    canvas.expect_saved()
    classes = {mask["label_class"] for mask in canvas.masks()}
    assert len(classes) == 1
    assert None not in classes
    page.keyboard.press("Delete")
    expect_masks(page, 0)
    canvas.expect_saved()
    assert canvas.masks() == []

    page.get_by_test_id("proposal-score").fill("0")
    page.get_by_test_id("show-proposals").uncheck()
    canvas.use("point")
    page.keyboard.press("f")
    prompt = canvas.click(deepest_point(clear_nucleus(labels_of(IMAGE))))
    expect_masks(page, 1)
    canvas.expect_saved()
    [fast] = canvas.masks()
    assert (fast["origin"], fast["prediction"]) == ("accepted", prompt)
    page.keyboard.press("Control+z")
    expect_masks(page, 0)
    assert page.evaluate("() => window.sppnet.pendings") == []
    canvas.expect_saved()
    assert canvas.masks() == []
    page.keyboard.press("f")
    page.get_by_test_id("show-proposals").check()
    page.get_by_test_id("proposal-score").fill("0.5")

    page.keyboard.press("n")
    page.wait_for_function("id => window.sppnet.imageId !== id", arg=canvas.image["id"])
