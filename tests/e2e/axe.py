"""What axe-core finds on a page, light and dark."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.services import ROOT

SOURCE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) => ({
        id, help, nodes: nodes.map((node) => node.target.join(" ") + ": " + node.failureSummary),
    }));
}"""


@cache
def source() -> str:
    return SOURCE.read_text()


def violations(page: Page) -> dict[str, list[Any]]:
    """Colour scheme -> what breaks a rule of accessibility in it; empty when nothing does."""
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate(source())
        found[scheme] = page.evaluate(RUN)
    page.emulate_media(color_scheme="light")
    return {scheme: each for scheme, each in found.items() if each}
