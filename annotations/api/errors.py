"""The one place where errors become HTTP: {"code", "detail"} and what else helps to recover."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from annotations.exceptions import (
    BadInput,
    Conflict,
    DomainError,
    NotAllowed,
    NotFound,
    StaleVersion,
    TooLarge,
)

STATUS_OF: dict[type[DomainError], int] = {
    NotFound: status.HTTP_404_NOT_FOUND,
    NotAllowed: status.HTTP_403_FORBIDDEN,
    Conflict: status.HTTP_409_CONFLICT,
    TooLarge: status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    BadInput: status.HTTP_400_BAD_REQUEST,
}


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. Unknown errors are left to Django, which logs them and says 500."""
    if isinstance(error, DomainError):
        set_rollback()
        body = envelope(error)
        if isinstance(error, StaleVersion):
            body["current"] = context["view"].present(error.current)
        return Response(body, status=status_of(error))
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is no such thing here, or it is not shared with you.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.ValidationError):
        response.data = _validation_envelope(error)
    elif isinstance(error, exceptions.APIException):
        response.data = {"code": _code(error), "detail": str(error.detail)}
    return response


def status_of(error: DomainError) -> int:
    """The HTTP status of a domain error: that of its nearest ancestor in the table."""
    return next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)


def envelope(error: DomainError) -> dict[str, Any]:
    """The JSON body of a domain error, less what needs a serializer."""
    body: dict[str, Any] = {"code": error.code, "detail": error.detail}
    if error.field:
        body["field"] = error.field
    return body


def _validation_envelope(error: exceptions.ValidationError) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    for field, message in _flatten(error.detail):
        errors.setdefault(field, []).append(message)
    field, messages = next(iter(errors.items()))
    detail = messages[0] if field == "" else f"{field}: {messages[0]}"
    return {"code": "invalid", "detail": detail, "errors": errors}


def _flatten(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted field, message) of DRF's nested details."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            own = "" if key == "non_field_errors" else str(key)
            yield from _flatten(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _flatten(inner, f"{path}.{index}" if nested else path)
    else:
        # Messages quote what was sent. JSON can send half a character, which no answer can hold.
        yield path, str(detail).encode(errors="replace").decode()


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else error.default_code
