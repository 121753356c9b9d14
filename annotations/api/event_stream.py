"""Server-sent events: who may listen, and the answer that stays open."""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.request import Request

from annotations.api.authentication import PersonalTokenAuthentication
from annotations.api.errors import envelope, status_of
from annotations.exceptions import DomainError

AUTHENTICATORS = (PersonalTokenAuthentication, SessionAuthentication)

T = TypeVar("T")


async def stream(
    request: HttpRequest,
    enter: Callable[[Any], T],
    tell: Callable[[Any, T], AsyncIterator[str]],
) -> HttpResponseBase:
    """Answer GET with what `tell` yields to a person whom `enter` has let in.

    `enter` may raise a DomainError; what it returns, `tell` is given.
    """
    if request.method != "GET":
        body = {"code": "method_not_allowed", "detail": "Use GET."}
        return JsonResponse(body, status=405, headers={"Allow": "GET"})
    try:
        person, subject = await sync_to_async(_let_in)(request, enter)
    except DomainError as error:
        return JsonResponse(envelope(error), status=status_of(error))
    except APIException as error:
        body = {"code": error.default_code, "detail": str(error.detail)}
        return JsonResponse(body, status=401)
    response = StreamingHttpResponse(tell(person, subject), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def hang_up() -> None:
    """Close this thread's connections to the database: of a stream, which may stay open for hours,
    each would be one that nobody else has."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def _let_in(request: HttpRequest, enter: Callable[[Any], T]) -> tuple[Any, T]:
    person = Request(request, authenticators=[kind() for kind in AUTHENTICATORS]).user
    if not person.is_authenticated:
        raise NotAuthenticated
    return person, enter(person)
