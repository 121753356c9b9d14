"""Managers hold slides out for judging; the set only grows."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from annotations.exceptions import BadInput, Conflict
from annotations.models import Dataset, Event, Image
from annotations.services.held_out import (
    change_pattern,
    check_pattern,
    group_of,
    hold_out,
    regroup_images,
)
from tests.factories import make_image

Clients = Callable[[str], APIClient]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    sent: list[Any] = []
    monkeypatch.setattr(
        "annotations.services.held_out.enqueue", lambda *message, queue: sent.append(message)
    )
    return sent


@pytest.fixture
def slides(dataset: Dataset, team: dict[str, Any]) -> list[Image]:
    """Two tiles of slide a, one of slide b."""
    names = ["a_1.png", "a_2.png", "b_1.png"]
    return [
        make_image(dataset, team["owner"], name=name, seed=seed) for seed, name in enumerate(names)
    ]


def groups() -> list[str]:
    return list(Image.objects.order_by("pk").values_list("group", flat=True))


@pytest.mark.parametrize(
    ("pattern", "name", "group"),
    [
        ("", "a_1.png", "a_1.png"),
        ("{group}_*", "a_1.png", "a"),
        ("{group}_*", "a_1_2.png", "a"),
        ("scan (*) {group}.tif", "scan (x) p7.tif", "p7"),
        ("*-{group}-*", "x-p7-3.png", "p7"),
        ("{group}_*", "other.png", "other.png"),
    ],
)
def test_a_name_tells_its_group(pattern: str, name: str, group: str) -> None:
    assert group_of(name, pattern) == group


@pytest.mark.parametrize("pattern", ["tile", "{group}{group}", "*{group}**"])
def test_a_pattern_that_says_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(BadInput, match="once and"):
        check_pattern(pattern)


@given(st.text(max_size=255), st.text("ab.*+?()[]{group}\\", max_size=20))
def test_any_pattern_gives_every_image_a_group(name: str, pattern: str) -> None:
    try:
        check_pattern(pattern)
    except BadInput:
        return
    group = group_of(name, pattern)
    assert group in name
    assert group or not name


def test_images_are_grouped_anew_until_some_are_held_out(
    dataset: Dataset,
    team: dict[str, Any],
    slides: list[Image],
    sent: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    assert groups() == ["a_1.png", "a_2.png", "b_1.png"]
    with django_capture_on_commit_callbacks(execute=True):
        change_pattern(user=team["owner"], dataset=dataset, pattern="{group}_*")
    assert sent == [("annotations.regroup_images", [dataset.pk])]
    regroup_images(dataset_id=dataset.pk)
    assert groups() == ["a", "a", "b"]
    hold_out(user=team["owner"], dataset=dataset, groups=["a"])
    with pytest.raises(Conflict, match="held out already"):
        change_pattern(user=team["owner"], dataset=dataset, pattern="")
    dataset.refresh_from_db()
    new = make_image(dataset, team["owner"], name="a_3.png", seed=9)
    assert (new.group, new.held_out) == ("a", True)
    assert not Image.objects.get(name="b_1.png").held_out


def test_the_set_grows_and_says_who_made_it_grow(
    client_of: Clients, dataset: Dataset, slides: list[Image]
) -> None:
    url = f"/api/datasets/{dataset.pk}/held-out/"
    client = client_of("owner")
    assert client.post(url, {"groups": ["a_1.png"]}).json() == {"images": 1}
    assert client.post(url, {"groups": ["a_1.png"]}).json() == {"images": 0}
    wrong = client.post(url, {"groups": ["b_1.png", "nobody"]})
    assert (wrong.status_code, "“nobody”" in wrong.json()["detail"]) == (400, True)
    assert [(g["group"], g["held_out"]) for g in client.get(url).json()["groups"]] == [
        ("a_1.png", 1),
        ("a_2.png", 0),
        ("b_1.png", 0),
    ]
    rest = client.get(f"{url}?after=a_2.png").json()
    assert ([g["group"] for g in rest["groups"]], rest["next_after"]) == (["b_1.png"], None)
    told = Event.objects.filter(kind="dataset.changed", data__held_out=["a_1.png"])
    assert told.count() == 1


def test_the_page_shows_groups_and_holds_them_out(
    client: Any,
    team: dict[str, Any],
    dataset: Dataset,
    slides: list[Image],
    sent: list[Any],
    django_assert_max_num_queries: Any,
) -> None:
    url = f"/datasets/{dataset.pk}/held-out/"
    client.force_login(team["owner"])
    with django_assert_max_num_queries(8):
        assert client.get(url).content.decode().count('type="checkbox"') == 3
    page = client.post(f"{url}pattern/", {"group_pattern": "tile"}, follow=True)
    assert "A pattern holds {group} once" in page.content.decode()
    page = client.post(f"{url}pattern/", {"group_pattern": "{group}_*"}, follow=True)
    assert "grouped anew" in page.content.decode()
    assert "Choose the groups" in client.post(url, follow=True).content.decode()
    page = client.post(url, {"group": ["a_1.png"]}, follow=True).content.decode()
    assert "1 image more is held out" in page
    assert page.count('type="checkbox"') == 2
    assert "stays as it is" in page
