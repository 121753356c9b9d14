"""Response headers that no library sets for us, and when a session was last seen."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.apps import apps
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

SECONDS_UNNOTED = 300.0
MOST_SESSIONS_NOTED = 10_000


@sync_and_async_middleware
def cross_origin_isolation(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], Any]:
    """Embed nothing foreign, so that browsers allow WebAssembly threads.

    Static files need the header too (workers are refused without it), hence first in the list.
    """
    if iscoroutinefunction(get_response):

        async def isolate_async(request: HttpRequest) -> HttpResponseBase:
            pending: Awaitable[HttpResponseBase] = get_response(request)
            return _isolated(await pending)

        return isolate_async

    def isolate(request: HttpRequest) -> HttpResponseBase:
        return _isolated(get_response(request))

    return isolate


@sync_and_async_middleware
def last_seen(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Note now and then that a session is in use, from where: one write in five minutes, not each.

    The first request that a process sees of a session only starts its clock.
    """
    noted: dict[str, float] = {}

    def is_due(request: HttpRequest) -> bool:
        key = request.session.session_key
        now = time.monotonic()
        if not key or now - noted.get(key, -SECONDS_UNNOTED) < SECONDS_UNNOTED:
            return False
        is_known = key in noted
        if len(noted) > MOST_SESSIONS_NOTED:
            noted.clear()
        noted[key] = now
        return is_known

    def note(request: HttpRequest) -> None:
        if request.user.is_authenticated:
            sessions = apps.get_model("usersessions", "UserSession")
            sessions.objects.create_from_request(request)

    if iscoroutinefunction(get_response):

        async def see_async(request: HttpRequest) -> HttpResponseBase:
            response: HttpResponseBase = await get_response(request)
            if is_due(request):
                await sync_to_async(note)(request)
            return response

        return see_async

    def see(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = get_response(request)
        if is_due(request):
            note(request)
        return response

    return see


def _isolated(response: HttpResponseBase) -> HttpResponseBase:
    response["Cross-Origin-Embedder-Policy"] = "require-corp"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
