"""From click to painted mask in a real browser: decoded there, and by way of the server.

PYTHONPATH=docker .venv/bin/python -m tests.bench.instant [--write] [--quick]

Build the frontend first. --write puts the tables into docs/performance.md; --quick clicks half as
often and says less. Both ways are measured by turns in one run, on pages that differ in nothing but
whether they get a decoder.
"""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page

from tests.bench.report import write
from tests.bench.visitor import sign_in
from tests.services import ROOT, App, running_app, running_browser, wait_until

NUCLEI = 10_100
COUNTS = (0, 1_000, 10_000)
HERE, SERVED = "decoded in the browser", "answered by the server"
RESTED, AT_ONCE = "the pointer rests for 150 ms, the finger for 80 ms", "neither rests"
REST, HOLD = 150, 80
TARGETS = 16
COLD_VISITS = 3
SIZE = {"width": 1280, "height": 720}
# From letting go of the button until the frame is over that shows
# one more pending mask.
STOPWATCH = """() => {
  const shown = () => window.sppnet.pendings.filter((pending) => pending.shape).length;
  window.painted = [];
  addEventListener('pointerup', (event) => {
    const look = () => {
      if (!shown()) requestAnimationFrame(look);
      else requestAnimationFrame(() => window.painted.push(performance.now() - event.timeStamp));
    };
    requestAnimationFrame(look);
  }, true);
}"""
PREVIEWS = """async ([left, top, right, bottom]) => {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < 4000) {
    const place = [left + ((count * 7) % (right - left)), top + ((count * 5) % (bottom - top))];
    await window.sppnet.preview(...place);
    count += 1;
  }
  return count / 4;
}"""


@dataclass
class Times:
    """Milliseconds of clicks by (way, manner), and of cold visits; previews a second."""

    clicks: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    cold: list[float] = field(default_factory=list)
    decoder: list[float] = field(default_factory=list)
    previews: float = 0.0


class Bench:
    """One image of generated nuclei, some of them with masks; those in its middle without."""

    def __init__(self, browser: Browser, app: App, where: dict[str, Any]) -> None:
        self.browser, self.app = browser, app
        self.address = f"/datasets/{where['dataset']}/annotate/{where['image']}/"
        self.targets = where["free"][:TARGETS]

    def opened(self, way: str) -> Page:
        page = sign_in(self.browser, self.app)
        page.set_viewport_size(SIZE)
        if way == SERVED:
            page.route("**/decoder/**", lambda route: route.abort())
        page.goto(self.address, wait_until="commit")
        page.wait_for_function("() => window.sppnet?.complete")
        if way == HERE:
            page.wait_for_function("() => window.sppnet.decoder === 'ready'")
        # What the page fetches for later is there, too, and the proposals.
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(3000)
        self.zoom_in(page)
        page.evaluate(STOPWATCH)
        return page

    def zoom_in(self, page: Page) -> None:
        """Show the image's middle, a pixel of it as two of the screen."""
        scale = page.evaluate(
            "() => window.sppnet.imageToScreen(1, 0).x - window.sppnet.imageToScreen(0, 0).x"
        )
        page.mouse.move(*self.on_screen(page, np.mean(self.targets, axis=0)))
        page.mouse.wheel(0, -np.log(2 / scale) / 0.0016)
        page.wait_for_timeout(1500)

    def on_screen(self, page: Page, point: Any) -> tuple[float, float]:
        at = page.evaluate("([x, y]) => window.sppnet.imageToScreen(x, y)", [*map(float, point)])
        return at["x"], at["y"]

    def click(self, page: Page, target: Any, manner: str) -> float:
        """Ask for a nucleus and put the answer away; milliseconds until it was painted."""
        x, y = self.on_screen(page, target)
        rests = manner == RESTED
        page.mouse.move(x - 40, y - 25)
        page.wait_for_timeout(400)
        page.mouse.move(x, y, steps=5)
        page.wait_for_timeout(REST if rests else 0)
        page.mouse.down()
        page.wait_for_timeout(HOLD if rests else 0)
        page.mouse.up()
        page.wait_for_function("() => window.painted.length > 0")
        time = page.evaluate("() => window.painted.pop()")
        # The server has the last word everywhere: it is not in the way of the next click.
        page.wait_for_function("() => !window.sppnet.pendings.some((one) => one.provisional)")
        page.keyboard.press("Delete")
        page.wait_for_function("() => window.sppnet.pendings.length === 0")
        return float(time)

    def cold(self) -> tuple[float, float]:
        """Visit with an empty cache and click as soon as there is something to click on:
        (milliseconds to the first mask, until the browser decodes itself)."""
        page = sign_in(self.browser, self.app)
        page.set_viewport_size(SIZE)
        page.goto(self.address, wait_until="commit")
        page.wait_for_function("() => window.sppnet?.ready")
        page.mouse.click(*self.on_screen(page, self.targets[0]))
        page.wait_for_function("() => window.sppnet.pendings.some((one) => one.shape)")
        first = page.evaluate("() => performance.now()")
        page.wait_for_function("() => window.sppnet.decoder === 'ready'")
        ready = page.evaluate("() => performance.now()")
        page.keyboard.press("Delete")
        page.context.close()
        return first, ready

    def measure(self, rounds: int, visits: int) -> Times:
        times = Times()
        for _ in range(visits):
            first, ready = self.cold()
            times.cold.append(first)
            times.decoder.append(ready)
        pages = {way: self.opened(way) for way in (HERE, SERVED)}
        for _ in range(rounds):
            for target in self.targets:
                for manner in (RESTED, AT_ONCE):
                    for way, page in pages.items():
                        page.bring_to_front()
                        times.clicks[way, manner].append(self.click(page, target, manner))
        pages[HERE].bring_to_front()
        (left, top), (right, bottom) = np.min(self.targets, axis=0), np.max(self.targets, axis=0)
        area = [*map(int, (left, top, right, bottom))]
        times.previews = pages[HERE].evaluate(PREVIEWS, area)
        for page in pages.values():
            page.context.close()
        return times


def p(times: list[float], share: float) -> float:
    return float(np.percentile(times, share))


def tables(results: dict[int, Times]) -> str:
    lines = [
        "| From letting go to the painted mask | Masks on the image | here p50 / p95 "
        "| server p50 / p95 | ratio p50 | ratio p95 | clicks |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for manner in (RESTED, AT_ONCE):
        pooled: dict[str, list[float]] = defaultdict(list)
        for count, times in results.items():
            both = {way: times.clicks[way, manner] for way in (HERE, SERVED)}
            for way, found in both.items():
                pooled[way] += found
            lines.append(_row(manner, f"{count:,}", both))
        lines.append(_row(manner, "all", pooled))
    least, most = results[min(results)], results[max(results)]
    growth = [
        np.median(most.clicks[HERE, manner]) / np.median(least.clicks[HERE, manner])
        for manner in (RESTED, AT_ONCE)
    ]
    lines += [
        "",
        f"A click with {max(results):,} masks against one with {min(results):,}, medians, in the "
        f"browser: {growth[0]:.2f} × where pointer and finger rest, {growth[1]:.2f} × where "
        "neither does.",
        "",
        "| Masks on the image | Cold page to first mask | until the browser decodes "
        "| Previews a second |",
        "| ---: | ---: | ---: | ---: |",
    ]
    for count, times in results.items():
        cold, decoder = (np.median(found) / 1000 for found in (times.cold, times.decoder))
        lines.append(f"| {count:,} | {cold:.1f} s | {decoder:.1f} s | {times.previews:.0f} |")
    return "\n".join(lines)


def _row(manner: str, count: str, both: dict[str, list[float]]) -> str:
    cells = [manner, count]
    cells += [f"{p(both[way], 50):.0f} / {p(both[way], 95):.0f} ms" for way in (HERE, SERVED)]
    cells += [f"{p(both[HERE], share) / p(both[SERVED], share):.2f}" for share in (50, 95)]
    return f"| {' | '.join(cells)} | {len(both[HERE])} |"


def generated(app: App) -> dict[int, dict[str, Any]]:
    """Make the images: the same picture each time, with more and more masks on it."""
    made = {}
    for count in COUNTS:
        command = [sys.executable, "-m", "tests.bench.generated", f"{count}", "--of", f"{NUCLEI}"]
        done = subprocess.run(
            command, env=app.environment, cwd=ROOT, check=True, capture_output=True, text=True
        )
        made[count] = json.loads(done.stdout.splitlines()[-1])[str(count)]
    return made


def main() -> None:
    quick = "--quick" in sys.argv
    results: dict[int, Times] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder), ("web", "interactive", "batch")) as app,
        running_browser() as browser,
    ):
        made = generated(app)
        page = sign_in(browser, app)
        image = f"/api/images/{made[0]['image']}/"
        wait_until(
            lambda: page.request.get(image).json()["encoding"] == "ready", "the encoding", 900
        )
        page.context.close()
        for count, where in made.items():
            bench = Bench(browser, app, where)
            rounds, visits = (1, 1) if quick else (2, COLD_VISITS)
            results[count] = bench.measure(rounds, visits)
            print(tables(results), flush=True)
            if "--write" in sys.argv:
                write("instant", tables(results))


if __name__ == "__main__":
    main()
