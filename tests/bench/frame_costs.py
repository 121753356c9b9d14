"""What frames cost the page's main thread, as Chromium itself counts it."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

RECORD = """() => {
  let last = 0;
  const look = (time) => {
    if (last) window.frameTimes.push(time - last);
    last = time;
    window.frameRequest = requestAnimationFrame(look);
  };
  window.frameTimes = [];
  window.frameRequest = requestAnimationFrame(look);
}"""
STOP = "() => { cancelAnimationFrame(window.frameRequest); return window.frameTimes; }"
PLACE = "() => { const { x, y } = window.sppnet.imageToScreen(7, 9); return `${x} ${y}`; }"
# The frame in which the view moves draws it; with the next one that is over.
DRAWN = """async (before) => {
  const place = () => { const { x, y } = window.sppnet.imageToScreen(7, 9); return `${x} ${y}`; };
  const frame = () => new Promise(requestAnimationFrame);
  for (let k = 0; k < 200 && place() === before; k++) await frame();
  await frame();
  await frame();
}"""


@dataclass
class Cost:
    """Of one drive: milliseconds for each step of it, and between frames."""

    main_thread: float
    script: float
    frame_times: list[float]

    def frame(self, percent: float) -> float:
        """A percentile of the times between frames."""
        times = sorted(self.frame_times)
        return times[min(len(times) - 1, int(len(times) * percent / 100))]


def drive(page: Page, steps: int, move: Callable[[Page, int], None]) -> Cost:
    """Do the steps, each drawn before the next, and say what they cost.

    Counted is processor time of the main thread: what else the machine does does not matter.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> dict[str, float]:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] * 1000 for metric in metrics}

    page.evaluate(RECORD)
    before = spent()
    for step in range(steps):
        place = page.evaluate(PLACE)
        move(page, step)
        page.evaluate(DRAWN, place)
    after = spent()
    frame_times = page.evaluate(STOP)
    session.detach()
    task, script = (
        (after[name] - before[name]) / steps for name in ("TaskDuration", "ScriptDuration")
    )
    return Cost(task, script, frame_times)


def middle(costs: list[Cost]) -> Cost:
    """The median of several drives."""
    return Cost(
        statistics.median(cost.main_thread for cost in costs),
        statistics.median(cost.script for cost in costs),
        [time for cost in costs for time in cost.frame_times],
    )
