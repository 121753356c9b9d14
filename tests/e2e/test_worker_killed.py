"""A click outlives the worker that was to answer it."""

import os
import signal

import psutil
import redis
from playwright.sync_api import Page, expect

from tests.e2e.annotation_page import open_demo_image
from tests.e2e.nuclei import clear_nucleus, deepest_point, iou, labels_of
from tests.services import App, wait_until

IMAGE = "fluorescence_4"


def test_a_click_is_answered_after_its_worker_was_killed(signed_in: Page, app: App) -> None:
    page, worker = signed_in, app.services["interactive"]
    nucleus = clear_nucleus(labels_of(IMAGE))
    canvas = open_demo_image(page, IMAGE)
    notice = page.get_by_test_id("worker-notice")
    expect(notice).to_have_text("", timeout=60_000)
    # Proposals come first: now the click alone is under way.
    page.wait_for_function("() => window.sppnet.proposals.length > 0", timeout=60_000)

    assert worker.process
    # The worker takes the click from the queue, but its pool is frozen and never answers.
    for child in psutil.Process(worker.process.pid).children(recursive=True):
        os.kill(child.pid, signal.SIGSTOP)
    prompt = canvas.click(deepest_point(nucleus))
    with redis.Redis.from_url(app.environment["REDIS_URL"]) as broker:
        wait_until(lambda: broker.hlen("unacked") == 1, "the worker taking the click")
    worker.kill()

    expect(notice).to_contain_text("your click is kept", timeout=45_000)
    assert canvas.get(f"/api/prompts/{prompt}/")["status"] in {"queued", "running"}

    worker.start()
    answer = canvas.answer_to(prompt, seconds=90)
    assert iou(canvas.paste(answer["mask"]), nucleus) >= 0.5
    expect(page.get_by_test_id("accept")).to_be_visible(timeout=30_000)
    expect(notice).to_have_text("", timeout=45_000)
