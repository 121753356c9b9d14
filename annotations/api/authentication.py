"""Whom a request speaks for."""

from typing import Any

from drf_spectacular.authentication import SessionScheme
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

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


class PersonalSessionScheme(SessionScheme):
    """The same cookie, to the API's schema."""

    target_class: Any = PersonalSession
