"""Personal access tokens: shown once, good for what their scope says, until they expire."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from annotations.models import PersonalToken, Role, Scope, SecurityEvent
from annotations.permissions import Verb, abilities, verbs_of
from annotations.services.personal_token import MOST_TOKENS, find_token, make_token

URL = "/api/tokens/"


def by_token(token: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Token {token}"})


def test_a_token_is_shown_once_and_kept_as_a_hash(client_of: Any) -> None:
    answer = client_of("viewer").post(URL, {"name": "nightly", "scope": "read", "days": 30})
    assert answer.status_code == 201
    token = answer.json()["token"]
    [listed] = client_of("viewer").get(URL).json()["results"]
    assert (listed["name"], listed["scope"], listed["last_used_at"]) == ("nightly", "read", None)
    assert timedelta(days=29) < PersonalToken.objects.get().expires_at - timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM annotations_personaltoken")
        assert token not in str(cursor.fetchall())
    assert token not in str(list(SecurityEvent.objects.values()))


def test_its_use_is_noted_at_most_once_a_minute(team: Any, django_assert_num_queries: Any) -> None:
    row, token = make_token(user=team["viewer"], name="script")
    assert by_token(token).get("/api/me/").json()["username"] == "viewer"
    row.refresh_from_db()
    assert row.last_used_at
    with django_assert_num_queries(1):
        assert find_token(token) == row


def test_it_ends_by_its_date_by_its_person_and_by_theirs(team: Any, client_of: Any) -> None:
    row, token = make_token(user=team["viewer"], name="script", days=1)
    PersonalToken.objects.update(expires_at=timezone.now())
    expired = by_token(token).get("/api/me/")
    assert (expired.status_code, expired.json()["code"]) == (401, "authentication_failed")
    PersonalToken.objects.update(expires_at=None)
    team["viewer"].is_active = False
    team["viewer"].save()
    assert by_token(token).get("/api/me/").status_code == 401
    team["viewer"].is_active = True
    team["viewer"].save()
    assert by_token(token).get("/api/me/").status_code == 200
    assert client_of("owner").delete(f"{URL}{row.pk}/").status_code == 404
    assert client_of("viewer").delete(f"{URL}{row.pk}/").status_code == 204
    assert by_token(token).get("/api/me/").status_code == 401


def test_a_token_makes_no_tokens(team: Any) -> None:
    _, token = make_token(user=team["owner"], name="script", scope=Scope.MANAGE)
    assert by_token(token).post(URL, {"name": "more"}).status_code == 403
    assert by_token(token).get(URL).status_code == 403


def test_a_token_that_reads_changes_no_preferences(team: Any) -> None:
    _, token = make_token(user=team["owner"], name="script")
    refused = by_token(token).patch("/api/preferences/", {"tour_seen": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope")
    assert by_token(token).get("/api/preferences/").status_code == 200


def test_a_token_never_exceeds_its_person(team: Any, dataset: Any) -> None:
    _, token = make_token(user=team["viewer"], name="script", scope=Scope.MANAGE)
    refused = by_token(token).delete(f"/api/datasets/{dataset.pk}/")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_administering_takes_a_token_to_manage(db: None, django_user_model: Any) -> None:
    staff = django_user_model.objects.create_user("staff", is_staff=True)
    for scope, status in ((Scope.ANNOTATE, 403), (Scope.MANAGE, 200)):
        _, token = make_token(user=staff, name="script", scope=scope)
        assert by_token(token).get("/api/training-runs/").status_code == status


def test_nobody_hoards_tokens(client_of: Any, team: Any) -> None:
    for _ in range(MOST_TOKENS):
        make_token(user=team["viewer"], name="script")
    answer = client_of("viewer").post(URL, {"name": "one more"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_tokens")


def test_scopes_follow_the_table_of_roles() -> None:
    assert verbs_of(Scope.MANAGE) == set(Verb)
    reading = {name for name, may_do in abilities(Role.VIEWER).items() if may_do}
    assert {verb.name.lower() for verb in verbs_of(Scope.READ)} == reading
    assert Verb.ANNOTATE in verbs_of(Scope.ANNOTATE)
    assert not verbs_of(Scope.ANNOTATE) & {Verb.MANAGE, Verb.OWN, Verb.DELETE_IMAGE}


@pytest.mark.parametrize(
    "body", [{"name": ""}, {"name": "a", "scope": "all"}, {"name": "a", "days": 0}]
)
def test_a_token_that_makes_no_sense_is_refused(client_of: Any, body: dict[str, Any]) -> None:
    assert client_of("viewer").post(URL, body).json()["code"] == "invalid"
