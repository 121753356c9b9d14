"""axe finds nothing on any page, and a nucleus is annotated without touching the mouse."""

import math
import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotation_page import Point, asks_for_a_nucleus, open_demo_image
from tests.e2e.axe import violations
from tests.e2e.nuclei import clear_nucleus, deepest_point, labels_of
from tests.services import ROOT, App

IMAGE = "fluorescence_3"
NEWCOMER = ("newcomer", "a long enough passphrase")


@pytest.fixture
def newcomer(app: App, page: Page) -> Page:
    """The page of a person who is here for the first time, before they log in."""
    name, password = NEWCOMER
    create = (
        "from django.contrib.auth import get_user_model as users; "
        f"users().objects.filter(username='{name}').delete(); "
        f"users().objects.create_user('{name}', password='{password}')"
    )
    command = [sys.executable, "manage.py", "shell", "-c", create]
    subprocess.run(command, cwd=ROOT, env=app.environment, check=True, capture_output=True)
    return page


def log_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_axe_finds_nothing_for_a_newcomer(newcomer: Page) -> None:
    page = newcomer
    found = {}
    page.goto("/")
    found["log in"] = violations(page)
    log_in(page, NEWCOMER[0], "a wrong guess")
    expect(page.get_by_role("alert")).to_be_visible()
    found["a wrong password"] = violations(page)
    log_in(page, *NEWCOMER)
    expect(page.get_by_text("No datasets yet")).to_be_visible()
    page.locator("summary").filter(has_text="Language").click()
    found["no datasets, languages open"] = violations(page)
    page.get_by_label("Name").fill("My first")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("No images yet")).to_be_visible()
    page.get_by_text("Settings").click()
    found["no images, settings open"] = violations(page)
    page.get_by_role("button", name="Delete this dataset").click()
    found["a question"] = violations(page)
    page.get_by_role("button", name="Cancel").click()
    page.goto("/notices/")
    found["notices"] = violations(page)
    page.goto("/nowhere/")
    found["nothing here"] = violations(page)
    assert not any(found.values()), found


def test_axe_finds_nothing_for_a_team(signed_in: Page) -> None:
    page = signed_in
    found = {"datasets": violations(page)}
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", name="Checkpoints")).to_be_visible()
    found["models"] = violations(page)
    page.get_by_role("link", name="Datasets").click()
    page.get_by_role("link", name="Demo nuclei").first.click()
    page.wait_for_load_state()  # the script that exports is there
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_role("link", name="Download").first).to_be_visible(timeout=60_000)
    found["images, exports"] = violations(page)
    # Other tests take the first export that they find.
    page.get_by_role("button", name="Remove this export").click()
    expect(page.get_by_role("link", name="Download")).to_have_count(0)
    page.get_by_role("combobox", name="Status").select_option("new")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.get_by_role("link", name="Show all")).to_be_visible()
    page.get_by_text("Assign images").click()
    found["filtered"] = violations(page)
    page.get_by_role("link", name="Progress", exact=True).click()
    page.get_by_text("As a table").click()
    found["progress"] = violations(page)
    page.get_by_role("link", name="Agreement", exact=True).click()
    expect(page.get_by_role("heading", name="Agreement")).to_be_visible()
    found["agreement"] = violations(page)
    assert not any(found.values()), found


def test_axe_finds_nothing_on_the_annotation_page(signed_in: Page) -> None:
    page = signed_in
    canvas = open_demo_image(page, IMAGE)
    found = {"no masks": violations(page)}
    canvas.use("brush")
    canvas.stroke((40, 40), (60, 40))
    canvas.stroke((90, 90), (110, 90))
    canvas.expect_saved()
    found["a mask selected"] = violations(page)
    for fold in page.locator("details > summary").all():
        if fold.is_visible():
            fold.click()
    found["every panel unfolded"] = violations(page)
    page.get_by_test_id("help").click()
    found["keys"] = violations(page)
    page.get_by_test_id("edit-keys").click()
    found["keys being changed"] = violations(page)
    page.keyboard.press("Escape")
    page.get_by_test_id("help").click()
    page.get_by_test_id("show-tour").click()
    found["the tour"] = violations(page)
    page.get_by_test_id("tour-skip").click()
    expect(page.get_by_test_id("stage")).to_be_focused()
    assert not any(found.values()), found


def test_a_nucleus_is_annotated_from_the_keyboard_alone(signed_in: Page) -> None:
    page = signed_in
    press = page.keyboard.press
    tab_to(page, "link", "Demo nuclei")
    press("Enter")
    page.wait_for_url("**/datasets/*/")
    tab_to(page, "link", IMAGE)
    press("Enter")
    page.wait_for_function("() => window.sppnet?.ready")
    first = page.evaluate("() => window.sppnet.imageId")

    press("c")
    walk_to(page, deepest_point(clear_nucleus(labels_of(IMAGE))))
    with page.expect_response(asks_for_a_nucleus):
        press("Enter")
    expect(page.get_by_test_id("accept")).to_be_visible(timeout=60_000)
    press("Enter")
    expect(page.get_by_test_id("nuclei-count")).to_contain_text("1")
    expect(page.get_by_test_id("save-state")).to_have_text("Saved")
    press("n")
    page.wait_for_function("(first) => window.sppnet.imageId !== first", arg=first)
    page.wait_for_function("() => window.sppnet.ready")


def walk_to(page: Page, target: Point) -> None:
    """Move the crosshair there by the arrow keys, reading the coordinates in the status bar."""
    for axis, (less, more) in enumerate([("ArrowLeft", "ArrowRight"), ("ArrowUp", "ArrowDown")]):
        gap = math.inf
        while True:
            words = page.get_by_test_id("coordinates").inner_text()
            here = [int(number) for number in re.findall(r"[xy] (\d+)", words)]
            nearer = abs(target[axis] - here[axis])
            if nearer >= gap:
                break
            gap = nearer
            page.keyboard.press(more if target[axis] > here[axis] else less)


def tab_to(page: Page, role: str, name: str) -> None:
    """Press Tab until the focus is on it, as a person without a mouse does; it must be visible."""
    wanted = page.get_by_role(role, name=re.compile(name)).first  # type: ignore[arg-type]
    wanted.wait_for()
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            outline = "node => getComputedStyle(node, node.matches('h2 a') ? '::after' : null)"
            assert wanted.evaluate(f"{outline}.outlineStyle") != "none"
            return
    raise AssertionError(f"Tab does not reach the {role} {name}")
