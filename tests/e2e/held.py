"""What the browser answers by itself, and what the server says to the same question."""

from collections.abc import Callable

from playwright.sync_api import Page, Route

from tests.e2e.annotation_page import AnnotationPage, asks_for_a_nucleus
from tests.e2e.nuclei import same


def wait_for_decoder(page: Page) -> None:
    page.wait_for_function("() => window.sppnet.decoder === 'ready'", timeout=120_000)


class Held:
    """Questions are kept from the server until the browser has answered them itself."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.questions: list[Route] = []
        page.route("**/api/prompts/", self.hold)

    def hold(self, route: Route) -> None:
        asked = route.request.post_data_json or {}
        if asked.get("clicks") or asked.get("box"):
            self.questions.append(route)
        else:
            route.continue_()

    def agrees(self, canvas: AnnotationPage, ask: Callable[[], object]) -> bool:
        """Whether the browser's answer to what `ask` does on the canvas is the server's."""
        ask()
        self.page.wait_for_function(
            "() => window.sppnet.pendings[0]?.provisional && window.sppnet.pendings[0].shape"
        )
        [local] = self.page.evaluate("() => window.sppnet.pendings")
        with self.page.expect_response(asks_for_a_nucleus):
            self.questions.pop().continue_()
        answer = canvas.answer_to(local["promptId"])
        self.page.wait_for_function("() => !window.sppnet.pendings[0].provisional")
        return same(canvas.paste(local["shape"]), canvas.paste(answer["mask"]))
