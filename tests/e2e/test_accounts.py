"""People come, prove who they are in more ways than one, and go: with real keys and real codes."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from playwright.sync_api import Browser, Page, expect

from tests.e2e.annotation_page import AnnotationPage, prefer, write_headers
from tests.e2e.axe import violations
from tests.services import App

PASSWORD = "a long enough passphrase"
IMAGE = "fluorescence_3"


def code_of(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


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


def test_a_passkey_lets_people_in_and_a_password_alone_does_not(
    signed_in: Page, guest: Page
) -> None:
    sign_up(guest, invitation(signed_in, "viewer"), "hal")
    found = {}
    guest.goto("/accounts/")
    guest.get_by_role("link", name="Set up").click()
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Confirm").click()
    secret = guest.get_by_label("Authenticator secret").input_value()
    found["authenticator app"] = violations(guest)
    guest.get_by_label("Authenticator code").fill(code_of(secret))
    guest.get_by_role("button", name="Activate").click()
    guest.wait_for_url("**/2fa/recovery-codes/")
    found["recovery codes"] = violations(guest)

    devices = guest.context.new_cdp_session(guest)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True}
    options |= {"automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    guest.goto("/accounts/2fa/webauthn/add/")
    guest.get_by_label("Name").fill("laptop")
    guest.get_by_label("Passwordless").check()
    found["new passkey"] = violations(guest)
    guest.get_by_role("button", name="Add").click()
    guest.wait_for_url("**/accounts/2fa/")
    guest.get_by_role("link", name="Manage").click()
    found["passkeys"] = violations(guest)
    guest.goto("/accounts/")
    expect(guest.get_by_text("1 key", exact=True)).to_be_visible()
    found["account"] = violations(guest)

    def log_out() -> None:
        guest.get_by_role("button", name="Log out", exact=True).first.click()
        guest.wait_for_url("**/accounts/login/")

    log_out()
    guest.get_by_role("button", name="Use a passkey").click()
    guest.wait_for_url(re.compile(r":\d+/$"))
    guest.goto("/accounts/")
    log_out()
    guest.get_by_label("Username").fill("hal")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Log in").click()
    guest.wait_for_url("**/2fa/authenticate/")
    found["second factor"] = violations(guest)
    assert guest.request.get("/api/me/").status == 401
    guest.get_by_label("Code").fill("000000")
    guest.get_by_role("button", name="Sign In").click()
    expect(guest.get_by_text("Incorrect code")).to_be_visible()
    signed_in.goto("/security/")
    expect(signed_in.get_by_role("row").filter(has_text="hal").first).to_be_visible()
    found["security log"] = violations(signed_in)
    signed_in.goto("/groups/")
    found["groups"] = violations(signed_in)
    assert not any(found.values()), found
