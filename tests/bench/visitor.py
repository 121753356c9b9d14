"""Somebody who is logged in and no longer new here, in a browser of their own."""

from playwright.sync_api import Browser, Page

from tests.e2e.annotation_page import prefer
from tests.services import App


def sign_in(browser: Browser, app: App) -> Page:
    """Return a page with nothing in its cache but the page on which one logs in."""
    page = browser.new_context(base_url=app.url).new_page()
    page.set_default_timeout(120_000)
    page.goto("/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(app.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("/")
    prefer(page, tour_seen=True)
    return page
