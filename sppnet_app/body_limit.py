"""No request body beyond a limit: Django's ASGI handler stores bodies before anyone may refuse."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


def limit_body(application: Application, *, max_bytes: int, max_upload_bytes: int) -> Application:
    """Answer 413 to a body of more than `max_bytes`, as soon as that is known.

    Forms with files may have `max_upload_bytes`: they go to disk, anything else to memory.
    """

    async def limited(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        headers = dict(scope["headers"])
        is_upload = headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data")
        most = max_upload_bytes if is_upload else max_bytes
        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > most:
            await _refuse(send, most)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # A chunked body declares no length; to Django it looks as if the client had left.
            return {"type": "http.disconnect"} if received > most else message

        await application(scope, receive_counted, send)
        if received > most:
            await _refuse(send, most)

    return limited


async def _refuse(send: Send, max_bytes: int) -> None:
    megabytes = max_bytes // 1024**2
    detail = f"This is larger than {megabytes} MB, the most that this server takes at once."
    body = json.dumps({"code": "too_large", "detail": detail}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
