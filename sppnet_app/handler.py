"""Answer each request in one of a few threads, from the first middleware to the view."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class FewThreadsHandler(ASGIHandler):
    """Django's own handler changes threads for each middleware, and has a new one for each request.

    That costs more than most answers do, and a connection to the database with it. Here a request
    stays where it is, and connections stay with the threads. Streams are still told by the event
    loop: they may stay open for hours.
    """

    def __init__(self, **threads: int) -> None:
        """`threads` are how many each kind of request has: see kind_of."""
        super().__init__()
        self.threads = {
            kind: ThreadPoolExecutor(number, thread_name_prefix=kind)
            for kind, number in threads.items()
        }

    def load_middleware(self, is_async: bool = False) -> None:
        """One chain of plain calls, whatever middleware could do besides."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        threads = self.threads[kind_of(request)]
        return await sync_to_async(self._answer, thread_sensitive=False, executor=threads)(request)

    def _answer(self, request: HttpRequest) -> Any:
        # Django's signals around a request are sent from another thread than this one.
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()


def kind_of(request: HttpRequest) -> str:
    """Requests of one kind stand in one line, first come, first served.

    "waiting" are those that may stand in line for the decoder, minutes long: uploads, and single
    channels. "work" is what comes from the annotation page and from scripts, so that nobody's
    click stands behind those who arrive and look at "pages".
    """
    is_upload = request.content_type == "multipart/form-data"
    if is_upload or request.path_info.endswith(("/channels/", "/rendering/")):
        return "waiting"
    is_work = request.path_info.startswith("/api/") or "/annotate/" in request.path_info
    return "work" if is_work else "pages"
