"""Second factors, lost passwords, and the directories of others."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client

from annotations.models import SecurityEvent
from tests.factories import PASSWORD

ROOT = Path(__file__).resolve().parents[2]


def with_password(name: str) -> tuple[Client, Any]:
    client = Client()
    return client, client.post("/accounts/login/", {"login": name, "password": PASSWORD})


@pytest.fixture
def secret(team: Any) -> str:
    """The viewer has an authenticator app with this secret."""
    secret = generate_totp_secret()
    TOTP.activate(team["viewer"], secret)
    return secret


def code_of(secret: str) -> str:
    """What the app shows now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_a_password_alone_does_not_do_where_there_is_a_second_factor(secret: str) -> None:
    client, answer = with_password("viewer")
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/api/me/").status_code == 401
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert b"Incorrect code" in wrong.content
    assert SecurityEvent.objects.filter(kind="factor.failed", name="viewer").exists()
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})["Location"] == "/"
    assert client.get("/api/me/").json()["username"] == "viewer"


def test_a_code_is_good_once(secret: str) -> None:
    code = code_of(secret)
    for status in (302, 200):
        client, _ = with_password("viewer")
        again = client.post("/accounts/2fa/authenticate/", {"code": code})
        assert again.status_code == status


def test_a_recovery_code_does_when_the_phone_is_lost(secret: str, team: Any) -> None:
    code = RecoveryCodes.activate(team["viewer"]).get_unused_codes()[0]
    client, _ = with_password("viewer")
    assert client.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/"
    client, _ = with_password("viewer")
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200


def test_administration_has_no_door_of_its_own(team: Any) -> None:
    team["viewer"].is_staff = team["viewer"].is_superuser = True
    team["viewer"].save()
    assert Client().get("/admin/login/").status_code == 302
    body = {"username": "viewer", "password": PASSWORD}
    client = Client()
    client.post("/admin/login/", body)
    assert client.get("/admin/").status_code == 302


def test_a_lost_password_is_reset_by_mail(team: Any) -> None:
    team["viewer"].email = "viewer@example.org"
    team["viewer"].save()
    client = Client()
    client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert mail.outbox == []
    client.post("/accounts/password/reset/", {"email": "Viewer@example.org"})
    [path] = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    form = client.get(path)["Location"]
    new = "another good passphrase"
    assert (
        b"too common"
        in client.post(form, {"password1": "password", "password2": "password"}).content
    )
    client.post(form, {"password1": new, "password2": new})
    login = Client().post("/accounts/login/", {"login": "viewer@example.org", "password": new})
    assert login["Location"] == "/"
    assert SecurityEvent.objects.filter(kind="password.reset", name="viewer").exists()


class Provider(BaseHTTPRequestHandler):
    """As much of OpenID Connect as a log-in asks for; everybody is Ida."""

    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        ida = {"sub": "42", "preferred_username": "ida", "email": "ida@example.org"}
        self._say(
            {
                "issuer": here,
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token",
                "userinfo_endpoint": f"{here}/userinfo",
                "jwks_uri": f"{here}/keys",
            }
            if self.path.startswith("/.well-known/")
            else ida | {"email_verified": True}
        )

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        claims = {"iss": here, "aud": asked["client_id"][0], "sub": "42", "exp": 2**33}
        token = jwt.encode(claims, "a key that nobody looks at, for lines are private")
        assert asked["code_verifier"]
        self._say({"access_token": "ida's", "token_type": "Bearer", "id_token": token})

    def _say(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def provider(settings: Any, db: None) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    app = {"provider_id": "sso", "name": "Our Institute", "client_id": "sppnet", "secret": "s"}
    app |= {"settings": {"server_url": url}}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    }
    yield url
    server.shutdown()
    server.server_close()


def through(provider: str) -> Client:
    """Log in as Ida does, who is sent to the provider and back."""
    client = Client()
    assert "Continue with Our Institute" in client.get("/accounts/login/").content.decode()
    away = client.post("/accounts/oidc/sso/login/")["Location"]
    assert away.startswith(f"{provider}/authorize?")
    state = parse_qs(urlsplit(away).query)["state"][0]
    client.get("/accounts/oidc/sso/login/callback/", {"code": "c", "state": state})
    return client


def test_the_people_of_a_provider_get_an_account_by_their_first_log_in(
    provider: str, settings: Any
) -> None:
    settings.OIDC_SIGN_UP = True
    for _ in range(2):
        assert through(provider).get("/api/me/").json()["username"] == "ida"
    assert get_user_model().objects.count() == 1


def test_nobody_gets_one_who_is_not_asked_in(provider: str) -> None:
    assert through(provider).get("/api/me/").status_code == 401
    assert not get_user_model().objects.exists()


def settings_with(**environment: str) -> dict[str, Any]:
    """What becomes of the environment, in a process of its own."""
    code = (
        "import json; from sppnet_app.settings import test as s;"
        "names = ('AUTHENTICATION_BACKENDS', 'INSTALLED_APPS', 'SOCIALACCOUNT_PROVIDERS',"
        " 'CONTENT_SECURITY_POLICY', 'LDAP_AUTH_URL', 'LDAP_AUTH_USE_TLS',"
        " 'LDAP_AUTH_USER_FIELDS', 'LDAP_AUTH_FORMAT_USERNAME');"
        "print(json.dumps({name: getattr(s, name, None) for name in names}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        check=True,
        capture_output=True,
    )
    return dict(json.loads(run.stdout))


def test_a_directory_and_a_provider_are_named_in_the_environment() -> None:
    plain = settings_with()
    assert len(plain["AUTHENTICATION_BACKENDS"]) == 2
    assert plain["SOCIALACCOUNT_PROVIDERS"] == {}
    made = settings_with(
        LDAP_URL="ldap://one.example.org:389,ldap://two.example.org:389",
        LDAP_SEARCH_BASE="ou=people,dc=example,dc=org",
        LDAP_USERNAME_FIELD="sAMAccountName",
        LDAP_ACTIVE_DIRECTORY_DOMAIN="example.org",
        OIDC_SERVER_URL="https://login.example.org/realms/lab",
        OIDC_CLIENT_ID="sppnet",
    )
    assert made["AUTHENTICATION_BACKENDS"][-1] == "django_python3_ldap.auth.LDAPBackend"
    assert "django_python3_ldap" in made["INSTALLED_APPS"]
    assert made["LDAP_AUTH_URL"] == ["ldap://one.example.org:389", "ldap://two.example.org:389"]
    assert made["LDAP_AUTH_USE_TLS"] is True
    assert made["LDAP_AUTH_USER_FIELDS"]["username"] == "sAMAccountName"
    assert made["LDAP_AUTH_FORMAT_USERNAME"].endswith("active_directory_principal")
    [app] = made["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert app["settings"]["server_url"] == "https://login.example.org/realms/lab"
    allowed = made["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"]
    assert allowed == ["'self'", "https://login.example.org"]
