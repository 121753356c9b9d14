"""Where the browser cannot decode, or not yet, or not as before: the mask comes all the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect
from safetensors import safe_open
from safetensors.numpy import save_file

from tests.e2e.annotation_page import open_demo_image, write_headers
from tests.e2e.held import Held, wait_for_decoder
from tests.e2e.nuclei import clear_nucleus, deepest_point, labels_of
from tests.services import ROOT, App

STARTER = ROOT / "ml" / "starter" / "sppnet_click.safetensors"
NAME = "fluorescence_3"
# Asks for previews here and there, one after the other, and remembers who gave them.
HOVER = """async ([width, height]) => {
  window.seen = new Set();
  for (let k = 0; !window.enough; k++) {
    await window.sppnet.preview((k * 37) % width, (k * 53) % height);
    window.seen.add(window.sppnet.checkpoint);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}"""


def nuclei(count: int) -> list[tuple[float, float]]:
    """Points inside so many nuclei that stand alone."""
    labels, points = labels_of(NAME).copy(), []
    for _ in range(count):
        nucleus = clear_nucleus(labels)
        labels[nucleus] = 0
        points.append(deepest_point(nucleus))
    return points


def nucleus() -> tuple[float, float]:
    return nuclei(1)[0]


@pytest.mark.timeout(300)
def test_a_download_that_breaks_off_is_made_up_for(signed_in: Page) -> None:
    """While the decoder does not come, the server answers; when it comes, the browser does."""
    page = signed_in
    broken: list[str] = []

    def break_off(route: Route) -> None:
        broken.append(route.request.url)
        if len(broken) == 1:
            route.abort("connectionreset")
        else:
            route.fulfill(status=502)

    page.route("**/decoder/**", break_off)
    with page.expect_request("**/decoder/**", timeout=120_000):
        canvas = open_demo_image(page, NAME)
    canvas.click(nucleus())
    expect(page.get_by_test_id("accept")).to_be_visible(timeout=60_000)
    page.wait_for_function("() => window.sppnet.pendings[0].status === 'ready'")
    assert page.evaluate("() => window.sppnet.decoder") != "ready"
    page.unroute("**/decoder/**")
    wait_for_decoder(page)


@pytest.mark.timeout(300)
def test_without_shared_memory_one_thread_decodes(signed_in: Page) -> None:
    page = signed_in

    def not_isolated(route: Route) -> None:
        answer = route.fetch()
        headers = {k: v for k, v in answer.headers.items() if not k.startswith("cross-origin")}
        route.fulfill(response=answer, headers=headers)

    page.route("**/annotate/**", not_isolated)
    canvas = open_demo_image(page, NAME)
    assert page.evaluate("() => window.crossOriginIsolated") is False
    assert page.evaluate("() => typeof SharedArrayBuffer") == "undefined"
    wait_for_decoder(page)
    assert Held(page).agrees(canvas, lambda: canvas.press(nucleus()))
    assert page.evaluate("() => window.sppnet.engine") == "wasm"


@pytest.fixture
def another_checkpoint(signed_in: Page, app: App, tmp_path: Path) -> Iterator[int]:
    """Weights that are a little off, known but not in use; the former ones are, after the test."""
    page, random = signed_in, np.random.default_rng(0)
    with safe_open(STARTER, "numpy") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        metadata = file.metadata()
    for name, array in weights.items():
        if array.dtype == np.float16 and array.ndim > 1:
            noise = random.normal(1, 0.02, array.shape)
            weights[name] = (array * noise).astype(np.float16)
    save_file(weights, tmp_path / "other.safetensors", metadata)
    form: Any = {"file": tmp_path / "other.safetensors"}
    answer = page.request.post("/api/checkpoints/", multipart=form, headers=write_headers(page))
    assert answer.ok, answer.text()
    [former] = page.request.get("/api/checkpoints/?is_active=true").json()["results"]
    yield answer.json()["id"]
    activate(page, former["id"])


def activate(page: Page, checkpoint: int) -> None:
    path = f"/api/checkpoints/{checkpoint}/activate/"
    answer = page.request.post(path, headers=write_headers(page))
    assert answer.ok, answer.text()


@pytest.mark.timeout(300)
def test_another_checkpoint_takes_over_while_one_is_at_work(
    signed_in: Page, another_checkpoint: int
) -> None:
    """Nobody waits, what is undecided or unsaved stays, and the proposals become the new ones."""
    page = signed_in
    unsaved, undecided, later = nuclei(3)
    canvas = open_demo_image(page, NAME)
    wait_for_decoder(page)
    former = page.evaluate("() => window.sppnet.checkpoint")
    held = Held(page)
    page.route("**/api/masks/**", lambda route: route.abort())
    assert held.agrees(canvas, lambda: canvas.press(unsaved))
    canvas.accept()
    assert held.agrees(canvas, lambda: canvas.press(undecided))
    [pending] = page.evaluate("() => window.sppnet.pendings")
    assert pending["checkpoint"] == former
    page.wait_for_function("() => window.sppnet.proposals.length > 0", timeout=60_000)
    page.evaluate("() => { window.former = JSON.stringify(window.sppnet.proposals); }")

    page.evaluate(f"(size) => {{ void ({HOVER})(size); }}", list(canvas.shape[::-1]))
    activate(page, another_checkpoint)
    page.wait_for_function(f"() => window.seen.has({another_checkpoint})", timeout=120_000)
    seen = page.evaluate("() => { window.enough = true; return [...window.seen]; }")
    # Nobody had to wait in between, and the page was not loaded anew.
    assert seen == [former, another_checkpoint]
    page.wait_for_function(
        "() => window.sppnet.proposals.length && "
        "JSON.stringify(window.sppnet.proposals) !== window.former",
        timeout=60_000,
    )

    assert page.evaluate("() => window.sppnet.pendings") == [pending]
    assert canvas.masks() == []
    canvas.accept()
    page.unroute("**/api/masks/**")
    expect(page.get_by_test_id("save-state")).to_have_text("Saved", timeout=60_000)
    kept = {mask["prediction"]: mask for mask in canvas.masks()}
    assert len(kept) == 2
    assert kept[pending["promptId"]]["counts"] == pending["shape"]["counts"]

    assert held.agrees(canvas, lambda: canvas.press(later))
    [pending] = page.evaluate("() => window.sppnet.pendings")
    assert pending["checkpoint"] == another_checkpoint
    canvas.reject()
