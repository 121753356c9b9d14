"""What the annotation page loads: little before it is shown, compressed, and kept for ever."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db
MOST_SCRIPT = 200_000
YEAR = 365 * 24 * 3600


@pytest.fixture
def manifest() -> dict[str, Any]:
    path = Path(settings.DJANGO_VITE["default"]["manifest_path"])
    if not path.exists():
        pytest.skip("the frontend is not built: npm run build, in frontend/")
    return dict(json.loads(path.read_text()))


def sent(client: Client, url: str, encoding: str) -> Any:
    answer = client.get(url, headers={"Accept-Encoding": encoding})
    assert answer.status_code == 200
    assert answer["Content-Encoding"] == encoding
    return answer


def length(answer: Any) -> int:
    return len(answer.getvalue())


def shown_with(manifest: dict[str, Any]) -> set[str]:
    """Return the scripts that the page asks for at once; the decoder's are a worker's, later."""
    chunks, found = ["src/main.js"], set()
    while chunks:
        chunk = manifest[chunks.pop()]
        if chunk["file"] not in found:
            found.add(chunk["file"])
            chunks += [*chunk.get("imports", []), *chunk.get("dynamicImports", [])]
    return found


def test_the_page_is_shown_with_little_script(client: Client, manifest: dict[str, Any]) -> None:
    scripts = [f"/static/{name}" for name in shown_with(manifest)]
    assert len(scripts) > 1
    scripts.append("/words/de/0.js")
    assert sum(length(sent(client, url, "gzip")) for url in scripts) < MOST_SCRIPT


def test_built_files_are_compressed_and_kept_for_ever(
    client: Client, manifest: dict[str, Any]
) -> None:
    files = {manifest["src/main.js"]["file"]}
    files |= {f"assets/{path.name}" for path in (settings.FRONTEND_DIST / "assets").glob("*.wasm")}
    assert len(files) > 1
    for name in files:
        answer = sent(client, f"/static/{name}", "br")
        assert "immutable" in answer["Cache-Control"]
        assert f"max-age={10 * YEAR}" in answer["Cache-Control"]
        assert length(answer) < (settings.FRONTEND_DIST / name).stat().st_size / 2
        # Workers and their WebAssembly are refused without it.
        assert answer["Cross-Origin-Embedder-Policy"] == "require-corp"


def test_other_files_are_asked_for_again(client: Client) -> None:
    answer = client.get("/static/annotations/site.css")
    assert "immutable" not in answer["Cache-Control"]
    answer.close()
