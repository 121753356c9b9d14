"""People come, prove who they are in more ways than one, and go: with real keys and real codes."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.annotation_page import AnnotationPage, prefer, write_headers
from tests.e2e.axe import violations
from tests.services import App

PASSWORD = "a long enough passphrase"
IMAGE = "fluorescence_3"


@pytest.fixture
def guest(browser: Browser, app: App) -> Iterator[Page]:
    """Somebody at a browser of their own. Passkeys want a name, not a number."""
    url = app.url.replace("127.0.0.1", "localhost")
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 720})
    yield context.new_page()
    context.close()


def invitation(page: Page, role: str) -> str:
    """Make one on the page of members and return the path of its link."""
    page.get_by_role("link", name="Demo nuclei").first.click()
    page.get_by_role("link", name="Manage, invite").click()
    form = page.get_by_role("region", name="Invitations")
    form.get_by_label("Role").select_option(role)
    form.get_by_role("button", name="Invite", exact=True).click()
    return urlsplit(page.get_by_label("Link of the invitation").input_value()).path


def sign_up(page: Page, path: str, name: str) -> dict[str, dict[str, list[Any]]]:
    """By an invitation; return what axe finds on the way."""
    page.goto(path)
    found = {"join": violations(page)}
    page.get_by_role("link", name="Make an account").click()
    found["sign up"] = violations(page)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Email").fill(f"{name}@example.org")
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    page.get_by_role("button", name="Sign Up").click()
    page.wait_for_url("**/datasets/*/")
    return found


def test_a_member_who_is_removed_mid_work_loses_nothing(signed_in: Page, guest: Page) -> None:
    admin = signed_in
    path = invitation(admin, "annotator")
    found = {"members": violations(admin)}
    found |= sign_up(guest, path, "gwen")
    assert not any(found.values()), found
    prefer(guest, tour_seen=True)
    guest.get_by_role("link", name=IMAGE).first.click()
    guest.wait_for_url("**/annotate/*/")
    image = guest.request.get(f"/api/images/{guest.url.rstrip('/').rsplit('/', 1)[-1]}/").json()
    canvas = AnnotationPage(guest, image)
    canvas.wait_until_ready()

    [member] = [
        row
        for row in admin.request.get(f"/api/members/?dataset={image['dataset']}").json()["results"]
        if row["username"] == "gwen"
    ]
    headers = write_headers(admin)
    assert admin.request.delete(f"/api/members/{member['id']}/", headers=headers).ok
    canvas.use("brush")
    canvas.stroke((40, 40), (60, 40))
    state = guest.get_by_test_id("save-state")
    expect(state).to_contain_text("1 change not saved, kept")
    expect(guest.get_by_test_id("toast").first).to_contain_text("not a member of this dataset")

    body = {"dataset": image["dataset"], "username": "gwen", "role": "annotator"}
    assert admin.request.post("/api/members/", data=body, headers=headers).ok
    guest.reload()
    canvas.wait_until_ready()
    expect(state).to_contain_text("1 change not saved, kept")
    guest.get_by_test_id("save-retry").click()
    canvas.expect_saved()
    assert len(canvas.masks()) == 1
