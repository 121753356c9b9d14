"""Response headers that no library sets for us, and when a session was last seen."""

import time
from collections.abc import Callable

from django.apps import apps
from django.http import HttpRequest
from django.http.response import HttpResponseBase

SECONDS_UNNOTED = 300.0
MOST_SESSIONS_NOTED = 10_000


Answer = Callable[[HttpRequest], HttpResponseBase]


def cross_origin_isolation(get_response: Answer) -> Answer:
    """Embed nothing foreign, so that browsers allow WebAssembly threads.

    Static files need the header too (workers are refused without it), hence first in the list.
    """

    def isolate(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Cross-Origin-Embedder-Policy"] = "require-corp"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    return isolate


def last_seen(get_response: Answer) -> Answer:
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

    def see(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if is_due(request) and request.user.is_authenticated:
            sessions = apps.get_model("usersessions", "UserSession")
            sessions.objects.create_from_request(request)
        return response

    return see
