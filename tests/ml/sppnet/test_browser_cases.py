"""The browser decodes as the server does, or somebody is told."""

import json

from tests.ml.sppnet.browser_cases import FILE, cases


def test_the_cases_that_the_browser_is_held_to_are_what_the_server_does() -> None:
    written = json.loads(FILE.read_text())
    assert written == json.loads(json.dumps(cases())), (
        "predict.py changed: python -m tests.ml.sppnet.browser_cases, then let "
        "frontend/src/inference follow"
    )
