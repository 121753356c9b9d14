"""What can be wrong with a request, in the domain's words. api/errors.py turns these into HTTP."""

from typing import Any


class DomainError(Exception):
    """`detail` is one sentence for the person: what was wrong and what to do."""

    code = "invalid"

    def __init__(self, detail: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.field = field


class BadInput(DomainError):
    """What was sent cannot be accepted as it is."""


class BadImage(BadInput):
    """An upload is not an image that we can read, or is larger than we allow."""

    code = "bad_image"


class BadFile(BadInput):
    """A file of annotations breaks its format, or does not fit the images it is for."""

    code = "bad_file"


class NotFound(DomainError):
    """No such thing, or none that this person may know of."""

    code = "not_found"


class NotAllowed(DomainError):
    """The person is a member, but their role does not include this."""

    code = "not_allowed"


class Conflict(DomainError):
    """The request was fine, but not for the present state."""

    code = "conflict"


class StaleVersion(Conflict):
    """Someone else wrote in between. `current` is the row as it is now."""

    code = "stale"

    def __init__(self, current: Any) -> None:
        super().__init__(
            "Somebody changed this in the meantime. Look at the current state and try again."
        )
        self.current = current


class TooLarge(BadInput):
    """More than we are willing to store or to decode."""

    code = "too_large"
