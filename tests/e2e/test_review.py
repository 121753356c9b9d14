"""An annotator and a reviewer, each at a browser: there, back with a comment, accepted."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.annotation_page import AnnotationPage, prefer, write_headers
from tests.e2e.axe import violations
from tests.factories import png_bytes
from tests.services import ROOT, App

PASSWORD = "a long enough passphrase"
PEOPLE = {"ann": "annotator", "rev": "reviewer"}
NEW_PEOPLE = (
    "from django.contrib.auth import get_user_model as m;"
    f"[m().objects.create_user(name, password={PASSWORD!r}) for name in {list(PEOPLE)!r}"
    " if not m().objects.filter(username=name).exists()]"
)


@dataclass
class Team:
    """An image of a dataset that asks for reviews, and who works on it."""

    image: dict[str, Any]
    ann: Page
    rev: Page

    def open(self, page: Page) -> AnnotationPage:
        page.goto(f"/datasets/{self.image['dataset']}/annotate/{self.image['id']}/")
        canvas = AnnotationPage(page, self.image)
        canvas.wait_until_ready()
        return canvas


def ask(page: Page, method: str, path: str, **options: Any) -> Any:
    answer = page.request.fetch(path, method=method, headers=write_headers(page), **options)
    assert answer.ok, answer.text()
    return answer.json() if answer.body() else None


@pytest.fixture
def team(browser: Browser, app: App, signed_in: Page) -> Iterator[Team]:
    command = [sys.executable, "manage.py", "shell", "-c", NEW_PEOPLE]
    subprocess.run(command, cwd=ROOT, env=app.environment, check=True, capture_output=True)
    settings = {"name": "Reviewed", "review_required": True, "instructions": "Outline **all**."}
    dataset = ask(signed_in, "POST", "/api/datasets/", data=settings)["id"]
    for name, role in PEOPLE.items():
        member = {"dataset": dataset, "username": name, "role": role}
        ask(signed_in, "POST", "/api/members/", data=member)
    picture = {"name": "one.png", "mimeType": "image/png", "buffer": png_bytes(320, 240)}
    form = {"dataset": str(dataset), "file": picture}
    image = ask(signed_in, "POST", "/api/images/", multipart=form)
    pages = {name: sign_in(browser, app, name) for name in PEOPLE}
    yield Team(image, **pages)
    for page in pages.values():
        page.context.close()
    # What is accepted keeps its masks, so all of it goes.
    ask(signed_in, "DELETE", f"/api/datasets/{dataset}/")


def sign_in(browser: Browser, app: App, name: str) -> Page:
    context = browser.new_context(base_url=app.url, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("/")
    prefer(page, tour_seen=True)
    return page


def draw(canvas: AnnotationPage, *points: tuple[float, float]) -> None:
    canvas.use("brush")
    canvas.stroke(*points)
    canvas.page.keyboard.press("Escape")


def test_there_and_back_and_accepted(team: Team) -> None:
    ann, rev = team.ann, team.rev
    drawn = team.open(ann)
    expect(ann.get_by_test_id("instructions")).to_contain_text("Instructions")
    draw(drawn, (60, 60), (90, 60))
    draw(drawn, (200, 150), (230, 150))
    drawn.expect_saved()
    reviewed = team.open(rev)
    expect(rev.get_by_test_id("start-review")).to_be_hidden()
    ann.keyboard.press("m")
    expect(ann.get_by_test_id("image-status")).to_have_text("Submitted")
    expect(ann.get_by_test_id("flow-banner")).to_contain_text("waits for its review")
    expect(ann.get_by_test_id("tool-brush")).to_be_disabled()

    # The reviewer's page has heard of it by itself.
    rev.get_by_test_id("start-review").click()
    expect(ann.get_by_test_id("flow-banner")).to_contain_text("rev is reviewing this image")
    expect(rev.get_by_test_id("review-progress")).to_have_text("0 of 2 nuclei judged")
    rev.keyboard.press(".")
    rev.keyboard.press("q")
    expect(rev.get_by_test_id("review-progress")).to_have_text("1 of 2 nuclei judged")
    rev.keyboard.press("Shift+R")
    rev.get_by_test_id("comment-text").fill("Too thin, @an")
    rev.get_by_test_id("comments").get_by_role("option", name="ann").click()
    rev.get_by_test_id("comment-text-send").click()
    expect(rev.get_by_test_id("comment-marker")).to_be_visible()
    assert violations(rev) == {}
    rev.keyboard.press("Control+Shift+Enter")
    expect(rev.get_by_test_id("return-note")).to_have_value("1 nucleus needs another look.")
    rev.get_by_test_id("return-confirm").click()
    expect(rev.get_by_test_id("image-status")).to_have_text("Returned")

    expect(ann.get_by_test_id("flow-banner")).to_contain_text("1 nucleus needs another look.")
    notices = drawn.get("/api/notices/")["results"]
    assert {notice["kind"] for notice in notices} == {"mentioned", "returned"}
    ann.get_by_test_id("comment-marker").click()
    expect(ann.get_by_test_id("comments")).to_contain_text("Too thin, @ann")
    ann.get_by_test_id("resolve").click()
    draw(drawn, (200, 158), (230, 158))
    drawn.expect_saved()
    expect(ann.get_by_test_id("image-status")).to_have_text("In progress")
    ann.keyboard.press("m")
    expect(ann.get_by_test_id("image-status")).to_have_text("Submitted")

    rev.get_by_test_id("start-review").click()
    expect(rev.get_by_test_id("review-progress")).to_have_text("1 of 2 nuclei judged")
    rev.keyboard.press(".")
    rev.keyboard.press("q")
    expect(rev.get_by_test_id("review-progress")).to_have_text("2 of 2 nuclei judged")
    rev.keyboard.press("Control+Enter")
    expect(ann.get_by_test_id("image-status")).to_have_text("Accepted")
    row = reviewed.get(f"/api/images/{team.image['id']}/")
    assert (row["annotator"]["name"], row["reviewer"]["name"]) == ("ann", "rev")


def test_a_notice_leads_to_what_was_said(team: Team) -> None:
    """Its thread is open, and its place in view."""
    ann, rev = team.ann, team.rev
    team.open(rev)
    comment = {"image": team.image["id"], "text": "Is this one, @ann?", "x": 40, "y": 200}
    ask(rev, "PUT", f"/api/comments/{uuid4()}/", data=comment)
    drawn = team.open(ann)
    expect(ann.get_by_test_id("bell")).to_have_attribute("title", "Notices, 1 unread")
    assert violations(ann) == {}
    ann.get_by_test_id("bell").click()
    ann.get_by_role("link", name="rev has mentioned you").click()
    drawn.wait_until_ready()
    expect(ann.get_by_test_id("comments").locator(".thread.open")).to_contain_text("Is this one")
    expect(ann.get_by_test_id("comment-marker")).to_be_in_viewport()
    expect(ann.get_by_test_id("bell")).to_have_attribute("title", "Notices")


def test_what_comes_too_late_is_kept_and_said(team: Team) -> None:
    """The line breaks, the image is handed in elsewhere: nothing is lost, and the page says why."""
    canvas = team.open(team.ann)
    team.ann.context.set_offline(True)
    draw(canvas, (60, 60), (90, 60))
    expect(team.ann.get_by_test_id("save-state")).to_contain_text("Offline: 1 change")
    ask(team.rev, "POST", f"/api/images/{team.image['id']}/submit/", data={"version": 1})
    team.ann.context.set_offline(False)
    state = team.ann.get_by_test_id("save-state")
    expect(state).to_contain_text("Needs attention: 1 change not saved, kept")
    assert "submitted" in (team.ann.locator(".save-state").get_attribute("title") or "")
    ask(team.rev, "POST", f"/api/images/{team.image['id']}/reopen/", data={"version": 2})
    team.ann.get_by_test_id("save-retry").click()
    canvas.expect_saved()
    assert len(canvas.masks()) == 1
