"""A person's own page: tokens, sessions, and what happened to the account."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotations.models import PersonalToken, SecurityEvent, SecurityKind
from annotations.models.append_only import HistoryIsFixed
from annotations.services.purge import empty_trash
from annotations.services.security_log import record_security
from annotations.services.session import device_of
from tests.factories import PASSWORD, make_user

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


def log_in(name: str, agent: str = FIREFOX, password: str = PASSWORD) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post("/accounts/login/", {"login": name, "password": password})
    return client


def kinds(**about: Any) -> list[str]:
    return list(SecurityEvent.objects.filter(**about).order_by("id").values_list("kind", flat=True))


def test_a_token_is_made_and_shown_on_the_page(team: Any) -> None:
    client = log_in("viewer")
    page = client.post("/accounts/tokens/", {"name": "nightly", "scope": "read", "days": "7"})
    assert b'value="sppnet_' in page.content
    assert b"sppnet_" not in client.get("/accounts/").content
    row = PersonalToken.objects.get()
    client.post(f"/accounts/tokens/{row.pk}/revoke/")
    assert not PersonalToken.objects.exists()
    told = kinds(person=team["viewer"])
    assert told[-2:] == [SecurityKind.TOKEN_MADE, SecurityKind.TOKEN_REVOKED]


def test_sessions_are_listed_and_ended_from_elsewhere(team: Any) -> None:
    here, there = log_in("viewer"), log_in("viewer", EDGE)
    page = here.get("/accounts/").content.decode()
    assert "Firefox on Linux" in page
    assert "Edge on Windows" in page
    [path] = [part for part in page.split('"') if part.endswith("/end/") and part[-6].isdigit()]
    here.post(path)
    assert there.get("/api/me/").status_code == 401
    assert here.get("/api/me/").status_code == 200
    assert here.post(path).status_code == 404


def test_all_other_sessions_end_at_once(team: Any) -> None:
    here, *others = (log_in("viewer") for _ in range(3))
    here.post("/accounts/sessions/end/")
    assert [client.get("/api/me/").status_code for client in (here, *others)] == [200, 401, 401]
    assert kinds(person=team["viewer"]).count(SecurityKind.SESSION_ENDED) == 2


def test_a_session_in_use_is_seen_again_after_some_minutes(
    team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from allauth.usersessions.models import UserSession

    now = 1000.0
    monkeypatch.setattr("sppnet_app.middleware.time.monotonic", lambda: now)
    client = log_in("viewer")
    before = UserSession.objects.get().last_seen_at
    client.get("/api/me/")
    assert UserSession.objects.get().last_seen_at == before
    now += 301
    client.get("/api/me/", headers={"User-Agent": EDGE})
    seen = UserSession.objects.get()
    assert seen.last_seen_at > before
    assert seen.user_agent == EDGE


def test_what_happens_to_an_account_is_written_down(team: Any) -> None:
    log_in("Viewer ", password="guess")
    client = log_in("viewer")
    new = "another good passphrase"
    body = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post("/accounts/password/change/", body)
    client.post("/accounts/logout/")
    log_in("nobody at all", password="guess")
    assert kinds(person=team["viewer"]) == [
        SecurityKind.LOGIN_FAILED,
        SecurityKind.LOGIN,
        SecurityKind.PASSWORD_CHANGED,
        SecurityKind.LOGOUT,
    ]
    assert kinds(person=None) == [SecurityKind.LOGIN_FAILED]
    failed = SecurityEvent.objects.filter(kind=SecurityKind.LOGIN_FAILED).last()
    assert failed is not None
    assert (failed.actor, failed.address, failed.agent) == (None, "127.0.0.1", FIREFOX)
    assert PASSWORD not in str(list(SecurityEvent.objects.values()))


def test_a_lock_out_is_written_down(team: Any) -> None:
    for _ in range(8):
        log_in("viewer", password="guess")
    assert SecurityKind.LOCKED_OUT in kinds(person=team["viewer"])


def test_what_is_written_down_stays(team: Any) -> None:
    row = record_security(kind=SecurityKind.LOGIN, person=team["viewer"])
    for rewrite in (row.save, row.delete, SecurityEvent.objects.all().delete):
        with pytest.raises(HistoryIsFixed):
            rewrite()
    team["viewer"].delete()
    kept = SecurityEvent.objects.get(pk=row.pk)
    assert (kept.person, kept.name) == (None, "viewer")


@pytest.mark.parametrize(("days", "kept"), [(365, ["login.done"]), (0, ["login.done"] * 2)])
def test_the_log_is_kept_for_so_many_days(
    team: Any, settings: Any, days: int, kept: list[str]
) -> None:
    settings.SECURITY_LOG_DAYS = days
    for age in (364, 366):
        at = timezone.now() - timedelta(days=age)
        SecurityEvent.objects.create(kind=SecurityKind.LOGIN, person=team["viewer"], at=at)
    empty_trash()
    assert kinds(person=team["viewer"]) == kept


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(make_user("root", is_staff=True))
    return client


def test_administrators_search_the_log(staff: Client, team: Any) -> None:
    record_security(kind=SecurityKind.LOGIN_FAILED, name="mallory")
    record_security(kind=SecurityKind.LOGIN, person=team["viewer"])
    query = {"kind": SecurityKind.LOGIN_FAILED, "name": "Mallory", "since": "2020-01-01"}
    page = staff.get("/security/", query).content.decode()
    assert "mallory" in page
    assert ">viewer<" not in page
    assert "Nothing of the kind" in staff.get("/security/?until=2020-01-01").content.decode()
    assert staff.get("/security/?since=nonsense&before=x").status_code == 200


def test_the_log_is_paged_and_costs_the_same(
    staff: Client, team: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr("annotations.security_views.PAGE_SIZE", 2)
    for number in range(5):
        record_security(kind=SecurityKind.LOGIN_FAILED, name=f"guess {number}")
    with django_assert_num_queries(3):  # session, person, rows
        page = staff.get("/security/?kind=login.failed").content.decode()
    assert ("guess 4" in page, "guess 2" in page) == (True, False)
    [older] = [part for part in page.split('"') if "before=" in part]
    page = staff.get("/security/" + older.replace("&amp;", "&")).content.decode()
    assert ("guess 4" in page, "guess 2" in page) == (False, True)


def test_the_log_as_csv_holds_no_formulas(staff: Client, team: Any) -> None:
    log_in("=1+1", agent="@SUM(A1)", password="guess")
    rows = list(csv.DictReader(io.StringIO(staff.get("/security.csv").content.decode())))
    assert (rows[0]["name"], rows[0]["agent"]) == ("'=1+1", "'@SUM(A1)")
    own = log_in("viewer").get("/accounts/log.csv").content.decode()
    assert "=1+1" not in own
    assert "login.done" in own


@pytest.mark.parametrize(
    ("agent", "device"),
    [(FIREFOX, "Firefox on Linux"), (EDGE, "Edge on Windows"), ("", "an unknown browser")],
)
def test_devices_have_names(agent: str, device: str) -> None:
    assert device_of(agent) == device
