"""Pictures of the annotation page for the docs, of the real app: docs/images/page_*.webp.

PYTHONPATH=docker .venv/bin/python -m tests.screenshots
"""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.bench.visitor import sign_in
from tests.e2e.annotation_page import AnnotationPage, open_demo_image, prefer
from tests.e2e.nuclei import deepest_point, labels_of
from tests.services import ROOT, App, running_app, running_browser

FOLDER = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 800}

Scene = Callable[[AnnotationPage], None]


def nucleus(canvas: AnnotationPage, rank: int) -> tuple[float, float]:
    """The middle of one of the nuclei that people have outlined, rank 0 being the first."""
    labels = labels_of(canvas.image["name"].removesuffix(".png"))
    return deepest_point(labels == sorted(set(labels.ravel()) - {0})[rank])


def pending(canvas: AnnotationPage) -> None:
    canvas.click(nucleus(canvas, 5))
    canvas.page.get_by_test_id("accept").wait_for()


def hover(canvas: AnnotationPage) -> None:
    canvas.page.wait_for_function("() => window.sppnet.decoder === 'ready'")
    canvas.page.mouse.move(*canvas.on_screen(nucleus(canvas, 8)), steps=4)


def selection(canvas: AnnotationPage) -> None:
    canvas.page.keyboard.press("Shift+A")
    canvas.use("select")
    canvas.page.keyboard.press("Control+A")


def polygon(canvas: AnnotationPage) -> None:
    canvas.page.keyboard.press("Y")
    x, y = nucleus(canvas, 3)
    for dx, dy in ((-9, -7), (4, -11), (11, 0), (5, 10)):
        canvas.page.mouse.click(*canvas.on_screen((x + dx, y + dy)))
    canvas.page.mouse.move(*canvas.on_screen((x - 6, y + 8)))


def stain(canvas: AnnotationPage) -> None:
    canvas.page.keyboard.press("Shift+A")
    canvas.page.keyboard.press("Shift+V")
    canvas.page.get_by_test_id("stain").select_option("haematoxylin")
    canvas.page.keyboard.press("Shift+C")
    canvas.page.keyboard.press("Shift+C")


def swipe(canvas: AnnotationPage) -> None:
    canvas.page.keyboard.press("Shift+A")
    canvas.page.keyboard.press("Shift+D")


def keys(canvas: AnnotationPage) -> None:
    canvas.page.keyboard.press("?")


def offline(canvas: AnnotationPage) -> None:
    pending(canvas)
    canvas.page.context.set_offline(True)
    canvas.accept()
    canvas.page.wait_for_timeout(3000)


def beside(canvas: AnnotationPage) -> None:
    """The same person in another tab, who has the image now."""
    other = canvas.page.context.new_page()
    dark = canvas.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    other.emulate_media(color_scheme="dark" if dark else "light")
    other.goto(canvas.page.url)
    other.wait_for_function("() => window.sppnet?.ready")
    canvas.page.bring_to_front()
    other.get_by_test_id("lease-banner").wait_for()
    canvas.page.wait_for_timeout(500)
    canvas.page = other


def resolution(canvas: AnnotationPage) -> None:
    canvas.page.get_by_test_id("resolution").click()


def tour(canvas: AnnotationPage) -> None:
    prefer(canvas.page, tour_seen=False)
    canvas.page.reload()
    canvas.wait_until_ready()


# name: (demo image, scene)
SCENES: dict[str, tuple[str, Scene]] = {
    "proposals": ("stained_4", hover),
    "pending": ("fluorescence_2", pending),
    "selection": ("stained_3", selection),
    "polygon": ("stained_1", polygon),
    "stain": ("stained_4", stain),
    "swipe": ("fluorescence_3", swipe),
    "keys": ("fluorescence_1", keys),
    "offline": ("fluorescence_4", offline),
    "lease": ("stained_2", beside),
    "resolution": ("stained_1", resolution),
    "tour": ("stained_2", tour),
}


def shoot(page: Page, name: str, scheme: str) -> None:
    page.wait_for_timeout(900)  # what fades in is there, and the last frame drawn
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.save(FOLDER / f"page_{name}_{scheme}.webp", quality=82, method=6)


def take_all(app: App, browser: Browser, scheme: str) -> None:
    for name, (image, scene) in SCENES.items():
        page = sign_in(browser, app)
        page.set_viewport_size(SIZE)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        prefer(page, tour_seen=True)
        canvas = open_demo_image(page, image)
        page.wait_for_function("() => window.sppnet.proposals.length > 0")
        scene(canvas)
        shoot(canvas.page, name, scheme)
        page.context.close()
        print(f"{name}, {scheme}", flush=True)


def main() -> None:
    for scheme in ("light", "dark"):
        with (
            tempfile.TemporaryDirectory() as folder,
            running_app(Path(folder), ("web", "interactive", "batch")) as app,
            running_browser() as browser,
        ):
            take_all(app, browser, scheme)


if __name__ == "__main__":
    main()
