"""A whole app for all browser tests, and a real browser for each file of them."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.annotation_page import prefer, write_headers
from tests.services import ROOT, App, running_app, running_browser

RESULTS = ROOT / "test-results"
HAS_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[HAS_FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    data_dir = tmp_path_factory.mktemp("app")
    with running_app(data_dir, ("web", "interactive", "batch")) as app:
        yield app


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, in the way of async tests
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=15_000)
    with running_browser() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser, app: App) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=app.url, viewport={"width": 1280, "height": 720}, accept_downloads=True
    )
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, app: App, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page whose script errors fail the test; a failed test leaves picture and logs behind."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    if request.node.stash.get(HAS_FAILED, False):
        folder = RESULTS / request.node.name
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / "page.png")
        Path(folder / "logs.txt").write_text(app.logs() + "\n".join(errors))
    assert errors == []


@pytest.fixture
def signed_in(page: Page, app: App) -> Iterator[Page]:
    """The page after logging in as the administrator, on the list of datasets, no longer new here.

    All tests share the demo images: the masks that a test makes are deleted after it.
    """
    page.goto("/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(app.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("/")
    prefer(page, tour_seen=True, shortcuts={}, language="")
    yield page
    # A page that is left gives its image back; one that is killed keeps it for 45 seconds.
    page.goto("/")
    page.wait_for_load_state("networkidle")
    for image in page.request.get("/api/images/").json()["results"]:
        for mask in page.request.get(f"/api/masks/?image={image['id']}").json()["results"]:
            deletion = f"/api/masks/{mask['id']}/?version={mask['version']}"
            assert page.request.delete(deletion, headers=write_headers(page)).ok
