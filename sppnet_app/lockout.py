"""What a person sees who mistyped their password too often."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """django-axes' AXES_USERNAME_CALLABLE: one count a person, however it is spelled."""
    tried = credentials or request.POST
    name = tried.get("username") or tried.get("email") or tried.get("login")
    return name.strip().lower() if name else None


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any]
) -> HttpResponse:
    """django-axes' AXES_LOCKOUT_CALLABLE: a page, or JSON for the API."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    detail = _("Too many wrong passwords. Try again in %(minutes)s minutes.") % {"minutes": minutes}
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "locked_out", "detail": detail}, status=429)
    return render(request, "account/locked_out.html", {"detail": detail}, status=429)
