"""Two people on one image, and a server that dies: all their work is there in the end, once."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.annotation_page import (
    AnnotationPage,
    demo_dataset,
    open_demo_image,
    prefer,
    write_headers,
)
from tests.services import ROOT, App, supervise, wait_until

IMAGE = "fluorescence_3"
PASSWORD = "a long enough passphrase"
NEW_PERSON = (
    "from django.contrib.auth import get_user_model as m;"
    f"m().objects.create_user('bea', password={PASSWORD!r})"
)


@pytest.fixture
def bea(browser: Browser, app: App, signed_in: Page) -> Iterator[Page]:
    """A second person at a browser of her own, who may annotate the demo dataset."""
    command = [sys.executable, "manage.py", "shell", "-c", NEW_PERSON]
    subprocess.run(command, cwd=ROOT, env=app.environment, check=True, capture_output=True)
    dataset = demo_dataset(signed_in)
    member = {"dataset": dataset, "username": "bea", "role": "annotator"}
    headers = write_headers(signed_in)
    assert signed_in.request.post("/api/members/", data=member, headers=headers).ok
    context = browser.new_context(base_url=app.url, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Username").fill("bea")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("/")
    prefer(page, tour_seen=True)
    yield page
    context.close()


def draw(canvas: AnnotationPage, *points: tuple[float, float]) -> None:
    canvas.use("brush")
    canvas.stroke(*points)
    canvas.page.keyboard.press("Escape")


def wait_for_masks(canvas: AnnotationPage, count: int) -> None:
    canvas.page.wait_for_function(f"() => window.sppnet.masks.length === {count}", timeout=30_000)


def test_what_two_people_do_to_one_nucleus_is_kept(signed_in: Page, bea: Page) -> None:
    one = open_demo_image(signed_in, IMAGE)
    expect(signed_in.get_by_test_id("lease-banner")).to_be_hidden()
    signed_in.wait_for_function("() => window.sppnet.lease === 'mine'")
    two = open_demo_image(bea, IMAGE)
    banner = bea.get_by_test_id("lease-banner")
    expect(banner).to_contain_text("admin has been working on this image")
    bea.get_by_test_id("lease-beside").click()

    draw(one, (40, 40), (70, 40))
    wait_for_masks(two, 1)
    draw(two, (40, 120), (70, 120))
    wait_for_masks(one, 2)

    # The line breaks: both go on with the same nucleus.
    bea.context.set_offline(True)
    draw(two, (55, 40), (55, 75))
    expect(bea.get_by_test_id("save-state")).to_contain_text("Offline: 1 change")
    draw(one, (55, 40), (90, 40))
    one.expect_saved()
    bea.context.set_offline(False)
    two.expect_saved()
    wait_for_masks(two, 3)
    wait_for_masks(one, 3)
    for page in (signed_in, bea):
        expect(page.get_by_test_id("conflicts")).to_contain_text("1 conflict")
    masks = one.masks()
    assert len(masks) == 3
    assert sorted(m["author"] for m in masks if m["conflict_with"]) == [
        bea.evaluate("() => window.sppnet.user")
    ]

    bea.get_by_test_id("conflict-copy").click()
    two.expect_saved()
    wait_for_masks(one, 2)
    expect(signed_in.get_by_test_id("conflicts")).to_be_hidden()
    [disputed] = [m for m in one.masks() if m["bbox"][1] < 100]
    assert disputed["bbox"][3] > disputed["bbox"][2], "hers goes down, his to the right"


def test_work_outlives_the_server_and_the_tab(signed_in: Page, app: App) -> None:
    canvas = open_demo_image(signed_in, IMAGE)
    draw(canvas, (40, 200), (70, 200))
    canvas.expect_saved()
    [before] = canvas.masks()

    web = app.services["web"]
    web.kill()
    draw(canvas, (120, 200), (150, 200))
    draw(canvas, (55, 200), (55, 230))
    state = signed_in.get_by_test_id("save-state")
    expect(state).to_contain_text("Offline: 2 changes kept", timeout=30_000)
    address = signed_in.url
    tab = signed_in.context.new_page()
    signed_in.goto("about:blank")

    web.start()
    wait_until(lambda: supervise.page_answers(f"{app.url}/accounts/login/"), "the log-in page")
    tab.goto(address)
    again = AnnotationPage(tab, canvas.image)
    again.wait_until_ready()
    again.expect_saved()
    wait_for_masks(again, 2)
    after = {mask["id"]: mask for mask in again.masks()}
    assert len(after) == 2
    assert after[before["id"]]["bbox"][3] > before["bbox"][3]
    tab.keyboard.press("Control+z")
    again.expect_saved()
    assert {m["id"]: m["bbox"] for m in again.masks()}[before["id"]] == before["bbox"]
    tab.close()
