"""Whom a request speaks for."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.authentication import SessionScheme
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.request import Request

from annotations.models import PersonalToken
from annotations.services.personal_token import find_token

HEADER = "X-Signed-In-As"


class OtherAccount(exceptions.PermissionDenied):
    default_detail = "This browser is signed in as somebody else by now."
    default_code = "other_account"


class PersonalSession(SessionAuthentication):
    """A session, which a page may bind to the person for whom it was loaded.

    A page outlives its session: somebody else may sign in in another tab of the same browser, and
    what the page then sends must not become theirs.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        found: tuple[Any, None] | None = super().authenticate(request)
        expected = request.headers.get(HEADER)
        if found and expected and expected != str(found[0].pk):
            raise OtherAccount
        return found


class PersonalTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …` of a person, who is then what the token's scope allows."""

    def authenticate_credentials(self, key: str) -> tuple[Any, PersonalToken]:
        token = find_token(key)
        if token is None:
            raise exceptions.AuthenticationFailed(
                _("This token is not valid: it has expired, was revoked, or is mistyped.")
            )
        token.user.token_scope = token.scope  # type: ignore[attr-defined]
        return token.user, token


class PersonalSessionScheme(SessionScheme):
    """The same cookie, to the API's schema."""

    target_class: Any = PersonalSession
