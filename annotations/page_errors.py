"""Domain errors as pages, in one place; api/errors.py does the same for the API."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from annotations.exceptions import NotAllowed, NotFound

View = Callable[..., HttpResponseBase]


def speaks_domain(view: View) -> View:
    """Turn what one may not see or do into pages that say so."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            return render(
                request,
                "404.html",
                {"why": error.detail, "in_trash": error.code == "deleted"},
                status=404,
            )
        except NotAllowed as error:
            raise PermissionDenied(error.detail) from error

    return answer


def tell_what_is_wrong(request: HttpRequest, form: BaseForm) -> None:
    """Leave a message for each field of `form` that is not right, for the page that comes next."""
    for field, problems in form.errors.items():
        label = form[field].label if field in form.fields else field
        messages.error(request, f"{label}: {' '.join(map(str, problems))}")
