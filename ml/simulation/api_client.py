"""The REST API as a script uses it: JSON in, JSON out, with a token."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

LOOK_EVERY_SECONDS = 0.05


class ApiError(RuntimeError):
    """The server refused; the message says what it said."""


class ApiClient:
    """One person at one server. Paths begin with /api/."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url.rstrip("/"), token

    def get(self, path: str, **query: Any) -> Any:
        return self._send("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: Any = None) -> Any:
        return self._send("POST", path, json.dumps(body or {}).encode())

    def put(self, path: str, body: Any) -> Any:
        return self._send("PUT", path, json.dumps(body).encode())

    def patch(self, path: str, body: Any) -> Any:
        return self._send("PATCH", path, json.dumps(body).encode())

    def delete(self, path: str) -> None:
        self._send("DELETE", path)

    def upload(self, path: str, fields: dict[str, Any]) -> Any:
        """Send a form with files: values with `name` and `read` are files."""
        body = encode_multipart(BOUNDARY, fields)
        return self._send("POST", path, body, MULTIPART_CONTENT)

    def wait_for(
        self,
        path: str,
        done: Callable[[Any], bool],
        seconds: float,
        every: float = LOOK_EVERY_SECONDS,
    ) -> Any:
        """Look at `path` until it is `done`, every so many seconds. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            state = self.get(path)
            if done(state):
                return state
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} was not done within {seconds:.0f} s: {state}")
            time.sleep(every)

    def _send(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> Any:
        request = Request(self._url + path, body, method=method, headers={"Content-Type": kind})
        request.add_header("Authorization", f"Token {self._token}")
        try:
            with urlopen(request, timeout=120) as answer:
                text = answer.read()
        except HTTPError as error:
            said = error.read()[:500].decode(errors="replace")
            raise ApiError(f"{method} {path} was answered with {error.code}: {said}") from error
        return json.loads(text) if text else None
