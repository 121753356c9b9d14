"""The page of each person about their own account: how they get in, and who has."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    return render(request, "annotations/account.html", _ways_in(request))


def _ways_in(request: HttpRequest) -> dict[str, Any]:
    """What the person can log in with."""
    own: dict[str, Any] = {"user": request.user}
    kinds = list(Authenticator.objects.filter(**own).values_list("type", flat=True))
    return {
        "emails": EmailAddress.objects.filter(**own).order_by("-primary", "email"),
        "has_totp": Authenticator.Type.TOTP in kinds,
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "key_count": kinds.count(Authenticator.Type.WEBAUTHN),
        "providers": get_adapter().list_providers(request),
        "connections": SocialAccount.objects.filter(**own),
    }
