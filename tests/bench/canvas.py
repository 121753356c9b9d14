"""What a frame costs while one pans and zooms over many nuclei, beside a plain 2D canvas.

PYTHONPATH=docker .venv/bin/python -m tests.bench.canvas [--write] [counts…]

Build the frontend first. --write puts the tables into docs/performance.md.
"""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Browser, Page, Route

from tests.bench.frame_costs import Cost, drive, middle
from tests.bench.generated import side_of
from tests.bench.report import write
from tests.bench.visitor import sign_in
from tests.services import ROOT, App, running_app, running_browser

COUNTS = (1_000, 10_000, 50_000)
ROUNDS = 3
STEPS = 12
PATIENCE = 400_000
HIDE = "x"
ZOOM, EMPTY, PAN = "zoom, all in view", "the same, masks hidden", "pan, close"
SIZE = {"width": 1280, "height": 720}
HITS = """([side, count]) => {
  const times = [];
  for (let k = 0; k < count; k++) {
    const [x, y] = [(k * 7919) % side, (k * 104729) % side];
    const start = performance.now();
    for (let again = 0; again < 20; again++) window.sppnet.maskAt(x, y);
    times.push((performance.now() - start) / 20);
  }
  return times.sort((a, b) => a - b)[Math.floor(0.95 * count)];
}"""


class Bench:
    """One image of generated nuclei, in the app and in the baseline."""

    def __init__(self, browser: Browser, app: App, count: int, where: dict[str, int]) -> None:
        self.browser, self.app, self.count = browser, app, count
        self.side = side_of(count)
        self.address = f"/datasets/{where['dataset']}/annotate/{where['image']}/"
        self.where = where
        self.largest_answer = 0

    def ours(self) -> tuple[Page, dict[str, float]]:
        page = self.signed_in()
        page.on("response", self.weigh)
        page.goto(self.address, wait_until="commit")
        page.wait_for_function("() => window.sppnet?.ready")
        shown = page.evaluate("() => performance.now()")
        page.wait_for_function("() => window.sppnet.complete")
        complete = page.evaluate("() => performance.now()")
        assert len(page.evaluate("() => window.sppnet.masks")) == self.count
        assert page.evaluate("() => window.sppnet.drawing") == "webgl"
        return page, {"shown": shown, "complete": complete, **self.after_load(page)}

    def baseline(self) -> tuple[Page, dict[str, float]]:
        page = self.signed_in()
        classes = page.request.get(f"/api/datasets/{self.where['dataset']}/").json()["classes"]
        colors = {row["id"]: row["color"] for row in classes}
        page.route("**/baseline/**", serve_baseline)
        query = {"image": self.where["image"], "width": self.side, "height": self.side}
        values = {key: json.dumps(value) for key, value in {**query, "colors": colors}.items()}
        page.goto(f"/baseline/?{urlencode(values)}", wait_until="commit")
        page.wait_for_function("() => window.sppnet?.complete")
        complete = page.evaluate("() => performance.now()")
        return page, {"shown": complete, "complete": complete, **self.after_load(page)}

    def signed_in(self) -> Page:
        page = sign_in(self.browser, self.app)
        page.set_viewport_size(SIZE)
        page.set_default_timeout(PATIENCE)
        return page

    def weigh(self, response: Any) -> None:
        if "/api/masks/" in response.url:
            size = int(response.header_value("content-length") or 0)
            self.largest_answer = max(self.largest_answer, size)

    def after_load(self, page: Page) -> dict[str, float]:
        session = page.context.new_cdp_session(page)
        session.send("HeapProfiler.collectGarbage")
        heap = session.send("Runtime.getHeapUsage")
        graphics = page.evaluate("() => window.sppnet.graphicsMemory ?? 0")
        hit = page.evaluate(HITS, [self.side, 200])
        memory = (heap["usedSize"] + heap.get("backingStorageSize", 0)) / 1e6
        return {"heap": memory, "graphics": graphics / 1e6, "hit": hit}


def serve_baseline(route: Route) -> None:
    path = route.request.url.split("/baseline/")[1].split("?")[0]
    here = Path(__file__).with_name("baseline.html")
    file = ROOT / "frontend" / "src" / path if path else here
    route.fulfill(path=file, content_type="text/javascript" if path else "text/html")


def pan(page: Page, step: int) -> None:
    turn = 0.3 * (step + 1)
    page.mouse.move(640 + 90 * np.sin(turn), 360 + 60 * np.cos(turn))


def zoom(page: Page, step: int) -> None:
    page.mouse.wheel(0, -60 if step % 4 < 2 else 60)


def drives(page: Page) -> dict[str, Cost]:
    """Zoom with everything in view, the same without masks, and pan among nuclei of 60 pixels."""
    costs = {}
    page.mouse.move(640, 360)
    costs[ZOOM] = drive(page, STEPS, zoom)
    page.keyboard.down(HIDE)
    costs[EMPTY] = drive(page, STEPS, zoom)
    page.keyboard.up(HIDE)
    scale = page.evaluate(
        "() => window.sppnet.imageToScreen(1, 0).x - window.sppnet.imageToScreen(0, 0).x"
    )
    closer = np.log(3 / scale) / 0.0016
    page.mouse.wheel(0, -closer)
    page.wait_for_timeout(600)
    page.mouse.move(640, 420)
    page.mouse.down(button="middle")
    costs[PAN] = drive(page, STEPS, pan)
    page.mouse.move(640, 420)
    page.mouse.up(button="middle")
    page.mouse.wheel(0, closer)
    page.wait_for_timeout(600)
    return costs


def measure(bench: Bench) -> dict[str, Any]:
    """Both pages, by turns: what disturbs one disturbs the other."""
    pages, loads = {}, {}
    pages["ours"], loads["ours"] = bench.ours()
    pages["baseline"], loads["baseline"] = bench.baseline()
    costs: dict[tuple[str, str], list[Cost]] = defaultdict(list)
    for _ in range(ROUNDS):
        for name, page in pages.items():
            page.bring_to_front()
            for what, cost in drives(page).items():
                costs[name, what].append(cost)
    for page in pages.values():
        page.context.close()
    return {
        "count": bench.count,
        "loads": loads,
        "costs": {key: middle(found) for key, found in costs.items()},
        "largest": bench.largest_answer,
    }


def tables(results: list[dict[str, Any]]) -> str:
    lines = [
        "| Nuclei | Movement | Main thread, here | baseline | ratio "
        "| Script, here | baseline | ratio | Frames p50 / p95, here | baseline |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        for what in (ZOOM, EMPTY, PAN):
            here, there = (result["costs"][name, what] for name in ("ours", "baseline"))
            cells = [
                f"{result['count']:,}",
                what,
                f"{here.main_thread:.1f} ms",
                f"{there.main_thread:.1f} ms",
                f"{there.main_thread / here.main_thread:.1f} ×",
                f"{here.script:.2f} ms",
                f"{there.script:.2f} ms",
                f"{there.script / here.script:.1f} ×",
                *(f"{cost.frame(50):.0f} / {cost.frame(95):.0f} ms" for cost in (here, there)),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "| Nuclei | | First shown | All there | JS heap | Graphics memory | Hit test, p95 |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        for name, load in result["loads"].items():
            cells = [
                f"{result['count']:,}",
                "here" if name == "ours" else name,
                f"{load['shown'] / 1000:.1f} s",
                f"{load['complete'] / 1000:.1f} s",
                f"{load['heap']:.0f} MB",
                f"{load['graphics']:.0f} MB" if load["graphics"] else "–",
                f"{load['hit'] * 1000:.0f} µs",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "| Nuclei | Masks alone, main thread, here | baseline | ratio |",
        "| ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        here, there = (
            result["costs"][name, ZOOM].main_thread - result["costs"][name, EMPTY].main_thread
            for name in ("ours", "baseline")
        )
        # What is lost in the noise counts as a fifth of a millisecond.
        ratio = there / max(here, 0.2)
        lines.append(f"| {result['count']:,} | {here:.1f} ms | {there:.1f} ms | {ratio:.0f} × |")
    largest = max(result["largest"] for result in results)
    return "\n".join([*lines, "", f"The largest answer with masks had {largest / 1000:.0f} kB."])


def main() -> None:
    counts = [int(text) for text in sys.argv[1:] if text.isdigit()] or list(COUNTS)
    results = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder), ("web",)) as app,
        running_browser() as browser,
    ):
        for count in counts:
            command = [sys.executable, "-m", "tests.bench.generated", str(count)]
            made = subprocess.run(
                command, env=app.environment, cwd=ROOT, check=True, capture_output=True, text=True
            )
            where = json.loads(made.stdout.splitlines()[-1])[str(count)]
            results.append(measure(Bench(browser, app, count, where)))
            print(tables(results[-1:]), flush=True)
            if "--write" in sys.argv:
                write("canvas", tables(results))


if __name__ == "__main__":
    main()
