"""One page has an image, others see who; nobody is kept from work."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import redis

from annotations.models import Image
from annotations.services import lease
from ml import broker
from tests.factories import make_image, wire_mask


@pytest.fixture
def leases(redis_server: str, settings: Any) -> Iterator[redis.Redis]:
    settings.REDIS_URL = redis_server
    broker.redis_client.cache_clear()
    client = broker.redis_client()
    client.flushdb()
    yield client
    client.close()
    broker.redis_client.cache_clear()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    events: list[tuple[str, Any]] = []
    monkeypatch.setattr(lease, "publish", lambda topic, event, data: events.append((event, data)))
    return events


def path(image: Image) -> str:
    return f"/api/images/{image.pk}/lease/"


def hold(client: Any, image: Image, tab: str, **more: Any) -> Any:
    answer = client.put(path(image), {"tab": tab, **more}, format="json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["known"]
    return answer.json()["lease"]


def test_the_first_page_has_it_and_others_see_who(
    leases: Any, told: Any, client_of: Any, image: Image
) -> None:
    mine, theirs = str(uuid4()), str(uuid4())
    first = hold(client_of("annotator"), image, mine)
    assert (first["tab"], first["name"]) == (mine, "annotator")
    assert hold(client_of("reviewer"), image, theirs) == first
    assert client_of("viewer").get(path(image)).json() == {"known": True, "lease": first}
    assert told == [("lease", {"tab": mine})]


def test_a_renewal_keeps_since_and_prolongs(leases: Any, client_of: Any, image: Image) -> None:
    tab = str(uuid4())
    first = hold(client_of("annotator"), image, tab)
    leases.expire(f"lease:{image.pk}", 5)
    assert hold(client_of("annotator"), image, tab) == first
    assert leases.ttl(f"lease:{image.pk}") > 40


def test_looking_on_prolongs_nothing(leases: Any, client_of: Any, image: Image) -> None:
    hold(client_of("annotator"), image, str(uuid4()))
    leases.expire(f"lease:{image.pk}", 5)
    hold(client_of("reviewer"), image, str(uuid4()))
    client_of("reviewer").get(path(image))
    assert leases.ttl(f"lease:{image.pk}") <= 5


def test_who_falls_silent_loses_it(leases: Any, client_of: Any, image: Image) -> None:
    mine, theirs = str(uuid4()), str(uuid4())
    hold(client_of("annotator"), image, mine)
    leases.delete(f"lease:{image.pk}")  # as its end does
    assert hold(client_of("reviewer"), image, theirs)["tab"] == theirs
    assert hold(client_of("annotator"), image, mine)["tab"] == theirs


def test_a_person_takes_it_from_their_other_page_but_from_nobody_else(
    leases: Any, told: Any, client_of: Any, image: Image
) -> None:
    one, other = str(uuid4()), str(uuid4())
    hold(client_of("annotator"), image, one)
    assert hold(client_of("annotator"), image, other)["tab"] == one
    assert hold(client_of("annotator"), image, other, take=True)["tab"] == other
    assert hold(client_of("reviewer"), image, str(uuid4()), take=True)["tab"] == other
    assert told == [("lease", {"tab": one}), ("lease", {"tab": other})]


def test_only_its_holder_gives_it_back(leases: Any, client_of: Any, image: Image) -> None:
    tab = str(uuid4())
    hold(client_of("annotator"), image, tab)
    assert client_of("reviewer").delete(f"{path(image)}?tab={uuid4()}").status_code == 204
    assert leases.exists(f"lease:{image.pk}")
    assert client_of("annotator").delete(f"{path(image)}?tab={tab}").status_code == 204
    assert not leases.exists(f"lease:{image.pk}")


def test_who_knows_the_holders_page_is_not_its_holder(
    leases: Any, client_of: Any, image: Image
) -> None:
    tab = str(uuid4())
    first = hold(client_of("annotator"), image, tab)
    leases.expire(f"lease:{image.pk}", 5)
    assert hold(client_of("reviewer"), image, tab) == first
    assert leases.ttl(f"lease:{image.pk}") <= 5
    assert client_of("reviewer").delete(f"{path(image)}?tab={tab}").status_code == 204
    assert leases.exists(f"lease:{image.pk}")


def test_the_holder_hears_who_would_like_it(
    leases: Any, told: Any, client_of: Any, image: Image
) -> None:
    assert client_of("reviewer").post(path(image)).status_code == 204
    assert told == [("lease_wanted", {"name": "reviewer"})]


def test_two_that_come_at_once_do_not_both_get_it(
    leases: Any, team: Any, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the write of one, the other writes."""
    mine, theirs = str(uuid4()), str(uuid4())
    parsed = lease._parsed
    rival = json.dumps({"tab": theirs, "user": 1, "name": "rival", "since": "2026-01-01"})

    def look(raw: Any) -> Any:
        if raw is None:
            leases.set(f"lease:{image.pk}", rival)
        return parsed(raw)

    monkeypatch.setattr(lease, "_parsed", look)
    assert lease.hold_lease(user=team["annotator"], image=image, tab=mine).tab == theirs


def test_without_redis_nobody_knows_and_everybody_works(
    settings: Any, client_of: Any, image: Image
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    broker.redis_client.cache_clear()
    client, tab = client_of("annotator"), str(uuid4())
    for answer in (client.get(path(image)), client.put(path(image), {"tab": tab}, format="json")):
        assert answer.json() == {"known": False, "lease": None}
    assert client.delete(f"{path(image)}?tab={tab}").status_code == 204
    assert client.post(path(image)).status_code == 204
    body = {"image": image.pk, "origin": "drawn", "version": 0, **wire_mask()}
    assert client.put(f"/api/masks/{uuid4()}/", body, format="json").status_code == 201
    broker.redis_client.cache_clear()


def test_viewers_look_and_strangers_see_nothing(leases: Any, client_of: Any, image: Image) -> None:
    body = {"tab": str(uuid4())}
    assert client_of("viewer").get(path(image)).status_code == 200
    assert client_of("viewer").put(path(image), body, format="json").status_code == 403
    assert client_of("viewer").post(path(image)).status_code == 403
    assert client_of("stranger").get(path(image)).status_code == 404
    assert client_of("stranger").put(path(image), body, format="json").status_code == 404


def test_who_looks_for_work_learns_where_others_are(
    leases: Any, client_of: Any, image: Image, team: Any
) -> None:
    other = make_image(image.dataset, team["owner"], name="other.png", seed=7)
    hold(client_of("reviewer"), image, str(uuid4()))
    hold(client_of("annotator"), other, str(uuid4()))
    busy = lease.held_by_others(user=team["annotator"], images=[image, other])
    assert busy == {image.pk}
