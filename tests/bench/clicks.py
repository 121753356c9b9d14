"""How long a click takes until its mask is painted, in a real browser: decoded there, or served.

PYTHONPATH=docker .venv/bin/python -m tests.bench.clicks
"""

import statistics
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from tests.e2e.annotation_page import AnnotationPage, open_demo_image, prefer
from tests.e2e.nuclei import deepest_point, labels_of
from tests.services import App, running_app, running_browser

IMAGES = ("fluorescence_2", "stained_1", "fluorescence_3")
CLICKS = 12
# From letting go of the button to the frame in which one more mask is pending.
STOPWATCH = """() => {
  const shown = () => window.sppnet.pendings.filter((pending) => pending.shape).length;
  window.painted = [];
  addEventListener('pointerup', () => {
    const start = performance.now();
    const before = shown();
    const look = () => {
      if (shown() > before) window.painted.push(performance.now() - start);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, true);
}"""
PREVIEWS = """async ([width, height]) => {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < 4000) {
    await window.sppnet.preview((count * 7) % width, (count * 5) % height);
    count += 1;
  }
  return count / 4;
}"""


def sign_in(browser: Browser, app: App) -> Page:
    page = browser.new_context(base_url=app.url).new_page()
    page.set_default_timeout(120_000)
    page.goto("/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(app.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("/")
    prefer(page, tour_seen=True)
    return page


def opened(page: Page, name: str, local: bool) -> AnnotationPage:
    """Open a demo image and wait until nothing else is under way."""
    page.goto("/")
    canvas = open_demo_image(page, name)
    page.wait_for_function("() => window.sppnet.proposals.length > 0")
    if local:
        page.wait_for_function("() => window.sppnet.decoder === 'ready'")
    page.evaluate(STOPWATCH)
    return canvas


def clicked(canvas: AnnotationPage, name: str, rest: int) -> list[float]:
    """Click nuclei one by one, the pointer resting on each for ``rest`` ms before: milliseconds."""
    labels = labels_of(name)
    order = np.argsort(np.bincount(labels.ravel())[1:])[::-1][:CLICKS] + 1
    for number in order:
        at = canvas.on_screen(deepest_point(labels == number))
        canvas.page.mouse.move(*at)
        canvas.page.wait_for_timeout(rest)
        canvas.page.mouse.click(*at)
        canvas.page.wait_for_timeout(1200)
    return list(canvas.page.evaluate("() => window.painted"))


def report(what: str, times: list[float]) -> None:
    p50, p95 = statistics.median(times), float(np.percentile(times, 95))
    print(f"{what:<44} p50 {p50:5.0f} ms   p95 {p95:5.0f} ms   n = {len(times)}", flush=True)


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder), ("web", "interactive", "batch")) as app,
        running_browser() as browser,
    ):
        page = sign_in(browser, app)
        rates, rested, at_once, served = [], [], [], []
        for name in IMAGES:
            canvas = opened(page, name, local=True)
            size = [canvas.image["width"], canvas.image["height"]]
            rates.append(page.evaluate(PREVIEWS, size))
            rested += clicked(canvas, name, rest=400)
        page.context.close()
        page = sign_in(browser, app)
        for name in IMAGES:
            at_once += clicked(opened(page, name, local=True), name, rest=0)
        page.context.close()
        page = sign_in(browser, app)
        page.route("**/decoder/", lambda route: route.abort())
        for name in IMAGES:
            served += clicked(opened(page, name, local=False), name, rest=400)
        print(f"hover previews per second: {statistics.median(rates):.0f}")
        report("click → mask, the pointer had rested there", rested)
        report("click → mask, the pointer had just arrived", at_once)
        report("click → mask, answered by the server", served)


if __name__ == "__main__":
    main()
