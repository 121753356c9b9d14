"""Response headers that no library sets for us."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware


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


def _isolated(response: HttpResponseBase) -> HttpResponseBase:
    response["Cross-Origin-Embedder-Policy"] = "require-corp"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
