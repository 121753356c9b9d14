"""Files of images, sent only to those who may see them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from annotations.exceptions import NotFound


class DiskFileResponse(FileResponse):
    """A file read in a thread, piece by piece: Django alone would load all of it under ASGI."""

    block_size = 1024**2

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = iter(self)
        read = sync_to_async(lambda: next(pieces, b""), thread_sensitive=False)
        while piece := await read():
            yield piece


def content_response(
    request: HttpRequest, path: Path, *, etag: str, content_type: str, **options: Any
) -> HttpResponseBase:
    """Send the file at `path`, or 304 if the browser has it. `etag` names content for ever.

    Raises NotFound if the file is gone.
    """
    try:
        return kept_response(
            request,
            lambda: DiskFileResponse(path.open("rb"), content_type=content_type, **options),
            etag=etag,
        )
    except FileNotFoundError as error:
        raise NotFound("The file is gone; an administrator has to bring it back.") from error


def kept_response(
    request: HttpRequest, respond: Callable[[], HttpResponseBase], *, etag: str
) -> HttpResponseBase:
    """304 if the browser has it, else what `respond` makes, for this browser to keep for ever."""
    quoted = f'"{etag}"'
    response: HttpResponseBase = get_conditional_response(request, etag=quoted) or respond()
    response["ETag"] = quoted
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
