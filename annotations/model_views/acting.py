"""What the pages of administrators share: their door, and how they say what came of an action."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from annotations.exceptions import DomainError, NotAllowed, NotFound
from annotations.permissions import require_administrator

View = Callable[..., HttpResponse]


def for_administrators(view: View) -> View:
    """Nobody else learns more than that."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            require_administrator(request.user)
        except NotAllowed as error:
            raise PermissionDenied(error.detail) from error
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404(error.detail) from error

    return answer


def for_members(view: View) -> View:
    """What one may not know of does not exist; what one's role does not include is said."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404(error.detail) from error
        except NotAllowed as error:
            raise PermissionDenied(error.detail) from error

    return answer


def act(request: HttpRequest, action: Callable[[], str], *page: Any) -> HttpResponse:
    """Run `action`; say on the page (its name, its arguments) what it returns or what was wrong."""
    try:
        messages.success(request, action())
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.detail)
    name, *arguments = page or ("models",)
    return redirect(name, *arguments)


def say(request: HttpRequest, problem: str, *page: Any) -> HttpResponse:
    """Show the page again with what was wrong."""
    messages.error(request, problem)
    name, *arguments = page or ("models",)
    return redirect(name, *arguments)
