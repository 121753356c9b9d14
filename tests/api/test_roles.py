"""Every endpoint × every role, strangers, administrators and nobody at all.

The expectations come from annotations/permissions.py, the requests from tests/api/endpoints.py.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone
from rest_framework.test import APIClient

from annotations.api.urls import router
from annotations.models import Dataset, Role, Scope
from annotations.permissions import may, verbs_of
from annotations.services.personal_token import make_token
from tests.api.endpoints import ENDPOINTS, Door, Endpoint
from tests.api.world import Ids, World, make_world
from tests.conftest import STRANGER

pytestmark = pytest.mark.django_db

SCOPED = [e for e in ENDPOINTS if isinstance(e.door, tuple)]
OWN = [e for e in ENDPOINTS if e.door is Door.ONES_OWN]
LISTS = [e for e in ENDPOINTS if e.door is Door.LIST]
# Those that name no verb are for reading, or for nobody who is here by a token.
BY_TOKEN = [e for e in ENDPOINTS if e.is_api and (e.scope or isinstance(e.door, tuple))]
MEMBERS = tuple(Role.values)
# Django's own pages, which ask for an administrator by themselves.
ELSEWHERE = ("admin/",)
# Of django-allauth's pages, those for people who are on their way in.
WAYS_IN = (
    "accounts/login/",
    "accounts/logout/",
    "accounts/inactive/",
    "accounts/signup/",
    "accounts/confirm-email/",
    "accounts/password/reset/",
    "accounts/2fa/authenticate/",
    "accounts/2fa/webauthn/login/",
    "accounts/3rdparty/login/cancelled/",
    "accounts/3rdparty/signup/",
    "accounts/oidc/",
)


@pytest.fixture(scope="module", autouse=True)
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Made once: there are hundreds of tests here, and none of them leaves anything behind."""
    media_root = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), media_root, transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def media() -> None:
    """Not a folder for each test: the world's images stay where they are."""


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Redis: streams end at once, nobody is sent a message, workers are away."""

    async def subscribe(*topics: str) -> AsyncIterator[None]:
        for nothing in ():
            yield nothing

    for module in ("events", "training_events"):
        monkeypatch.setattr(f"annotations.api.{module}.subscribe", subscribe)
    monkeypatch.setattr("annotations.services.lease.publish", lambda *args: None)


@contextmanager
def nothing_lasting() -> Iterator[None]:
    """Take back what happens inside, so that the next person finds the world as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(
    endpoint: Endpoint, ids: Ids, user: Any = None, *, token: str | None = None
) -> HttpResponseBase:
    client = APIClient(headers={"Authorization": f"Token {token}"} if token else {})
    if user is not None:
        client.force_login(user)
    send = getattr(client, endpoint.method.lower())
    options: dict[str, Any] = {}
    if endpoint.method != "GET":
        body = endpoint.body(ids) if endpoint.body else {}
        options = {"data": body, "format": endpoint.format}
    with nothing_lasting():
        answer: Any = send(endpoint.path.format_map(ids), **options)
        if answer.streaming and not answer.is_async:
            list(answer.streaming_content)  # which closes the file
    return answer


def said(answer: Any) -> Any:
    """What an answer tells; a page says less, and its forms differ from one time to the next."""
    return answer.json() if "json" in answer["Content-Type"] else ""


@pytest.mark.parametrize("endpoint", SCOPED, ids=str)
def test_a_role_may_do_what_the_table_says(endpoint: Endpoint, world: World) -> None:
    for role in MEMBERS:
        answer = ask(endpoint, world.ids, world.team[role])
        if role in endpoint.hidden_from:
            nothing = ask(endpoint, world.missing, world.team[role])
            assert (answer.status_code, said(answer)) == (404, said(nothing)), (role, answer)
            continue
        allowed = may(role, *endpoint.door)  # type: ignore[misc]
        assert answer.status_code == (endpoint.success if allowed else 403), (role, answer)
        if not allowed and endpoint.is_api:
            assert said(answer)["code"] == "not_allowed"


@pytest.mark.parametrize("endpoint", BY_TOKEN, ids=str)
def test_a_token_may_what_its_scope_covers(endpoint: Endpoint, world: World) -> None:
    """Asked with the owner's token, so that no role is in its way."""
    verb = endpoint.scope or endpoint.door[1]  # type: ignore[index]
    for scope in Scope:
        with nothing_lasting():
            _, token = make_token(user=world.team["owner"], name="script", scope=scope)
            answer = ask(endpoint, world.ids, token=token)
        covered = verb in verbs_of(scope)
        assert answer.status_code == (endpoint.success if covered else 403), (scope, answer)
        if not covered:
            assert said(answer)["code"] == "scope"


@pytest.mark.parametrize("endpoint", [*SCOPED, *OWN], ids=str)
def test_nothing_exists_for_strangers(endpoint: Endpoint, world: World) -> None:
    """Nor does the answer tell a row of others from one that never was."""
    people = [STRANGER, "staff"]
    if endpoint.door is Door.ONES_OWN:
        people += [role for role in MEMBERS if role != Role.OWNER]
    for person in people:
        answer = ask(endpoint, world.ids, world.team[person])
        assert answer.status_code == 404, (person, answer)
        nothing = ask(endpoint, world.missing, world.team[person])
        assert (nothing.status_code, said(nothing)) == (404, said(answer))


@pytest.mark.parametrize("endpoint", SCOPED, ids=str)
def test_ids_of_other_datasets_open_nothing(endpoint: Endpoint, world: World) -> None:
    """Each id of the request in turn is one of a dataset that its sender knows nothing of."""
    asked = world.ids
    ask(endpoint, asked, world.team["owner"])
    for name in asked.used & set(world.foreign):
        answer = ask(endpoint, world.with_foreign(name), world.team["owner"])
        assert answer.status_code in (400, 404, 409), (name, answer)


@pytest.mark.parametrize("endpoint", SCOPED, ids=str)
def test_a_deleted_dataset_exists_for_no_one(endpoint: Endpoint, world: World) -> None:
    with nothing_lasting():
        Dataset.objects.update(deleted_at=timezone.now())
        if "trashed_dataset" in endpoint.path:
            pytest.skip("for an owner it is in the trash")
        assert ask(endpoint, world.ids, world.team["owner"]).status_code == 404


@pytest.mark.parametrize("endpoint", OWN, ids=str)
def test_ones_own_is_ones_own(endpoint: Endpoint, world: World) -> None:
    assert ask(endpoint, world.ids, world.team["owner"]).status_code == endpoint.success


@pytest.mark.parametrize(
    "endpoint", [e for e in ENDPOINTS if e.door in (Door.SIGNED_IN, Door.LIST)], ids=str
)
def test_some_things_are_for_everybody(endpoint: Endpoint, world: World) -> None:
    for person in (*MEMBERS, STRANGER, "staff"):
        assert ask(endpoint, world.ids, world.team[person]).status_code == endpoint.success


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.door is Door.STAFF], ids=str)
def test_the_site_is_for_administrators(endpoint: Endpoint, world: World) -> None:
    assert ask(endpoint, world.ids, world.team["staff"]).status_code == endpoint.success
    for person in (*MEMBERS, STRANGER):
        for ids in (world.ids, world.missing):
            assert ask(endpoint, ids, world.team[person]).status_code == 403, person


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_nobody_is_asked_who_they_are(endpoint: Endpoint, world: World) -> None:
    answer = ask(endpoint, world.ids)
    if endpoint.door is Door.ANYONE:
        assert answer.status_code == endpoint.success
    elif endpoint.is_api:
        assert answer.status_code == 401
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("endpoint", LISTS, ids=str)
def test_lists_and_their_filters_leak_nothing(endpoint: Endpoint, world: World) -> None:
    def rows(person: str, query: str = "") -> Any:
        client = APIClient()
        client.force_login(world.team[person])
        answer = client.get(endpoint.path + query)
        assert answer.status_code == 200
        return [row["id"] for row in answer.json()["results"]]

    needed, names = _filters(endpoint)
    query = f"?{needed}={world.own[needed]}" if needed else ""
    mine = rows("viewer", query)
    assert mine
    assert rows(STRANGER, query) == rows("staff", query) == []
    for name in names:
        assert rows("viewer", f"?{name}={world.own[name]}") == mine
        assert rows(STRANGER, f"?{name}={world.own[name]}") == []
        assert rows("owner", f"?{name}={world.foreign[name]}") == []


def _filters(endpoint: Endpoint) -> tuple[str | None, list[str]]:
    """(the filter that must be there, all that name a row) of a list."""
    view = resolve(endpoint.path).func.cls  # type: ignore[attr-defined]
    filterset = getattr(view, "filterset_class", None)
    known = filterset.base_filters if filterset else {}
    names = [name for name in ("dataset", "image", "mask") if name in known]
    required = [name for name in names if known[name].extra.get("required")]
    return (required or [None])[0], names


def _patterns(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, route)
        elif not route.startswith(ELSEWHERE):
            yield route, pattern.callback


def _is_of_allauth(view: Callable[..., Any]) -> bool:
    return view.__module__.startswith("allauth.")


def test_every_endpoint_is_tried(world: World) -> None:
    """Whoever adds a URL says in tests/api/endpoints.py who may use it."""
    tried: dict[str, set[str]] = {}
    examples = {}
    for endpoint in ENDPOINTS:
        path = endpoint.path.format_map(world.ids)
        route = resolve(path.split("?")[0]).route
        tried.setdefault(route, set()).add(endpoint.method)
        examples[route] = path
    patterns = _patterns(get_resolver().url_patterns)
    routes = {route for route, view in patterns if not _is_of_allauth(view)}
    assert routes - set(tried) == set(), "add these to tests/api/endpoints.py"
    for route, methods in tried.items():
        assert methods == _methods(examples[route], world), route


def _methods(path: str, world: World) -> set[str]:
    """What may be sent to `path`, by its own refusal of something else."""
    for person in ("staff", None):  # whoever is logged in does not get to the log-in page
        client = APIClient()
        if person:
            client.force_login(world.team[person])
        answer = client.generic("PROPFIND", path)
        if answer.status_code == 405:
            methods = set(answer["Allow"].split(", ")) - {"HEAD", "OPTIONS"}
            # To Django's forms a PUT is a POST.
            return methods if path.startswith("/api/") else methods - {"PUT"}
    raise AssertionError(f"{path} takes any method: say which, with require_http_methods")


def test_the_router_knows_no_resource_that_the_walk_does_not() -> None:
    """The walk above goes by URLs; a resource is as good as its routes."""
    assert {prefix for prefix, _, _ in router.registry} <= {
        endpoint.path.split("/")[2] for endpoint in ENDPOINTS if endpoint.is_api
    }


def test_pages_about_an_account_ask_who_you_are(world: World) -> None:
    """But for the ways in; which of allauth's pages those are is said above, one by one."""
    for route, view in _patterns(get_resolver().url_patterns):
        path = re.sub(r"<int:pk>|\(\?P.*?\)", "1", route).replace("^", "").replace("$", "")
        if _is_of_allauth(view) and not path.startswith(WAYS_IN):
            for send in (Client().get, Client().post):
                answer = send(f"/{path}")
                assert answer.status_code == 302, path
                assert answer["Location"].startswith("/accounts/login/?next="), path


def test_administration_is_for_administrators(world: World) -> None:
    for person in (*MEMBERS, STRANGER):
        client = APIClient()
        client.force_login(world.team[person])
        assert client.get("/admin/").status_code == 302
