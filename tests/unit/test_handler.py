"""How requests are answered: in one thread each, of a few; streams by the event loop."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import override_settings
from django.urls import path

from sppnet_app.handler import FewThreadsHandler


def where() -> str:
    return threading.current_thread().name


def outer(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Any:
    def answer(request: HttpRequest) -> HttpResponseBase:
        before = where()
        response = get_response(request)
        response["Threads"] = f"{before} {where()}"
        return response

    return answer


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(where())


def reader(request: HttpRequest) -> HttpResponse:
    connection.ensure_connection()
    return HttpResponse()


decoded = threading.Event()


def decoder(request: HttpRequest) -> HttpResponse:
    decoded.wait(20)
    return HttpResponse()


@login_not_required
async def stream(request: HttpRequest) -> StreamingHttpResponse:
    async def tell() -> AsyncIterator[str]:
        for _ in range(3):
            await asyncio.sleep(0)
            yield f"{where()}\n"

    return StreamingHttpResponse(tell())


urlpatterns = [
    path("view/", view),
    path("api/view/", view),
    path("1/annotate/1/", view),
    path("reader/", reader),
    path("decoder/", decoder),
    path("1/channels/", decoder),
    path("1/rendering/", decoder),
    path("stream/", stream),
]


async def get(
    handler: FewThreadsHandler, address: str, content_type: str = ""
) -> tuple[dict[bytes, bytes], str]:
    """Headers and body of the answer."""
    headers = [(b"host", b"localhost"), (b"content-type", content_type.encode())]
    scope = {"type": "http", "method": "GET", "path": address, "headers": headers}
    asked, told = False, asyncio.Event()
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            await told.wait()
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            told.set()

    await handler(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    return dict(sent[0]["headers"]), body.decode()


@pytest.fixture
def handler() -> Any:
    middleware = [f"{__name__}.outer", "django.middleware.common.CommonMiddleware"]
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=middleware):
        yield FewThreadsHandler(pages=2, work=2, waiting=2)


def test_a_request_stays_in_its_thread(handler: FewThreadsHandler) -> None:
    headers, thread = asyncio.run(get(handler, "/view/"))
    assert thread.startswith("pages_")
    assert headers[b"Threads"].decode() == f"{thread} {thread}"


def test_many_requests_share_few_threads(handler: FewThreadsHandler) -> None:
    async def crowd() -> set[str]:
        answers = await asyncio.gather(*(get(handler, "/view/") for _ in range(20)))
        return {body for _, body in answers}

    assert len(asyncio.run(crowd())) <= 2


@pytest.mark.django_db(transaction=True)
def test_a_thread_keeps_its_connection(
    handler: FewThreadsHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A database in memory is never closed, which would hide it if connections were.
    wrapper = "django.db.backends.sqlite3.base.DatabaseWrapper"
    monkeypatch.setattr(f"{wrapper}.is_in_memory_db", lambda self: False)
    handler.threads["pages"] = ThreadPoolExecutor(1)
    made: list[str] = []

    def note(**_: Any) -> None:
        made.append(where())

    connection_created.connect(note)
    for _ in range(3):
        asyncio.run(get(handler, "/reader/"))
    handler.threads["pages"].submit(connections.close_all).result()
    assert len(made) == 1


@pytest.mark.parametrize(
    ("address", "content_type"),
    [("/decoder/", "multipart/form-data; boundary=x"), ("/1/channels/", ""), ("/1/rendering/", "")],
)
@pytest.mark.parametrize("other", ["/view/", "/api/view/"])
def test_nobody_stands_behind_those_who_wait(
    handler: FewThreadsHandler, address: str, content_type: str, other: str
) -> None:
    async def crowd() -> None:
        waiting = [asyncio.create_task(get(handler, address, content_type)) for _ in range(5)]
        await asyncio.wait_for(get(handler, other), timeout=60)
        decoded.set()
        await asyncio.gather(*waiting)

    decoded.clear()
    asyncio.run(crowd())


@pytest.mark.parametrize("address", ["/api/view/", "/1/annotate/1/"])
def test_nobody_at_work_stands_behind_pages(handler: FewThreadsHandler, address: str) -> None:
    async def crowd() -> None:
        pages = [asyncio.create_task(get(handler, "/decoder/")) for _ in range(5)]
        _, thread = await asyncio.wait_for(get(handler, address), timeout=60)
        assert thread.startswith("work_")
        decoded.set()
        await asyncio.gather(*pages)

    decoded.clear()
    asyncio.run(crowd())


def test_a_stream_takes_no_thread(handler: FewThreadsHandler) -> None:
    _, body = asyncio.run(get(handler, "/stream/"))
    assert body == "MainThread\n" * 3
