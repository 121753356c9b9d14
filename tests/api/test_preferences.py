"""How a person likes to work: theirs alone, changed piece by piece."""

from typing import Any

import pytest
from rest_framework.test import APIClient

URL = "/api/preferences/"
NONE = {"language": "", "shortcuts": {}, "tour_seen": False, "email_notices": True}


def test_whoever_chose_nothing_has_the_defaults(client_of: Any) -> None:
    assert client_of("viewer").get(URL).json() == NONE


def test_what_is_changed_stays_and_the_rest_is_left_alone(client_of: Any) -> None:
    client = client_of("viewer")
    assert client.patch(URL, {"shortcuts": {"tool.brush": ["D"]}}).status_code == 200
    assert client.patch(URL, {"tour_seen": True}).json() == {
        "language": "",
        "shortcuts": {"tool.brush": ["D"]},
        "tour_seen": True,
        "email_notices": True,
    }
    assert client.get(URL).json()["shortcuts"] == {"tool.brush": ["D"]}
    assert client.patch(URL, {"shortcuts": {}}).json()["shortcuts"] == {}


def test_keys_are_kept_as_they_are_pressed(client_of: Any) -> None:
    shortcuts = {"tool.brush": ["Alt+ "], "tool.eraser": ["\u00a0"]}
    assert client_of("viewer").patch(URL, {"shortcuts": shortcuts}).status_code == 200
    assert client_of("viewer").get(URL).json()["shortcuts"] == shortcuts


def test_they_are_one_s_own(client_of: Any, team: Any) -> None:
    client_of("owner").patch(URL, {"language": "de", "user": team["viewer"].pk})
    assert client_of("viewer").get(URL).json() == NONE
    assert client_of("owner").get(URL).json()["language"] == "de"


def test_nobody_has_none(db: None) -> None:
    assert APIClient().get(URL).status_code == 401
    assert APIClient().patch(URL, {"tour_seen": True}).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"language": "xx"},
        {"shortcuts": ["P"]},
        {"shortcuts": {"tool.brush": "P"}},
        {"shortcuts": {"tool.brush": [1] * 5}},
        {"shortcuts": {"tool.brush": ["x" * 41]}},
        {"shortcuts": {"x" * 61: ["P"]}},
        {"shortcuts": {f"id.{n}": ["P"] for n in range(301)}},
        {"tour_seen": "perhaps"},
    ],
)
def test_nonsense_is_refused(client_of: Any, changes: dict[str, Any]) -> None:
    answer = client_of("viewer").patch(URL, changes)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert client_of("viewer").get(URL).json() == NONE
