"""A body beyond the limit is refused whether or not it declares its length."""

from collections.abc import Iterable
from typing import Any

from sppnet_app.body_limit import limit_body


async def echo_length(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads its body, as Django does, and answers with its length."""
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message["body"])
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


async def status_of(chunks: Iterable[bytes], headers: list[tuple[bytes, bytes]]) -> int:
    pieces = list(chunks)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": headers}
    await limit_body(echo_length, max_bytes=10, max_upload_bytes=20)(scope, receive, send)
    return sent[0]["status"]


async def test_a_body_within_the_limit_passes() -> None:
    assert await status_of([b"12345", b"67890"], [(b"content-length", b"10")]) == 200


async def test_a_declared_length_beyond_it_is_refused_unread() -> None:
    assert await status_of([], [(b"content-length", b"11")]) == 413


async def test_a_length_that_is_no_number_is_refused() -> None:
    assert await status_of([], [(b"content-length", b"-1")]) == 413


async def test_an_undeclared_length_beyond_it_is_refused() -> None:
    assert await status_of([b"12345", b"67890", b"1"], []) == 413


async def test_only_uploads_may_be_as_large_as_files() -> None:
    form = (b"content-type", b"multipart/form-data; boundary=x")
    assert await status_of([b"1234567890", b"12345"], [form]) == 200
    assert await status_of([], [form, (b"content-length", b"21")]) == 413
    for kind in (b"application/json", b"application/x-www-form-urlencoded"):
        headers = [(b"content-type", kind), (b"content-length", b"15")]
        assert await status_of([], headers) == 413
