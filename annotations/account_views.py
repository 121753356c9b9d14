"""The page of each person about their own account: how they get in, and who has."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from annotations.exceptions import DomainError
from annotations.forms import TokenForm
from annotations.models import PersonalToken, SecurityEvent
from annotations.page_errors import speaks_domain
from annotations.services.personal_token import make_token, revoke_token
from annotations.services.session import end_other_sessions, end_session, sessions_of

EVENTS_SHOWN = 8


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    """Show the token on the page that answers: it is kept nowhere, not even until the next one."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, token_form=form)
    try:
        row, token = make_token(user=request.user, **form.cleaned_data)
    except DomainError as error:
        messages.error(request, error.detail)
        return redirect("account")
    return _page(request, new_token=row, secret=token)


@require_POST
def drop_token(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(PersonalToken.objects.of(request.user), pk=pk)
    revoke_token(token=row)
    messages.success(request, _("“%(name)s” is revoked.") % {"name": row.name})
    return redirect("account")


@require_POST
@speaks_domain
def drop_session(request: HttpRequest, pk: int) -> HttpResponse:
    end_session(user=request.user, pk=pk)
    messages.success(request, _("That browser is logged out."))
    return redirect("account")


@require_POST
def drop_other_sessions(request: HttpRequest) -> HttpResponse:
    count = end_other_sessions(user=request.user, key=request.session.session_key)
    messages.success(
        request,
        ngettext("%(count)s other session is ended.", "%(count)s other sessions are ended.", count)
        % {"count": count},
    )
    return redirect("account")


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    person: dict[str, Any] = {"user": request.user}
    kinds = list(Authenticator.objects.filter(**person).values_list("type", flat=True))
    context = {
        "emails": EmailAddress.objects.filter(**person).order_by("-primary", "email"),
        "has_totp": Authenticator.Type.TOTP in kinds,
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "key_count": kinds.count(Authenticator.Type.WEBAUTHN),
        "providers": get_adapter().list_providers(request),
        "connections": SocialAccount.objects.filter(**person),
        "tokens": PersonalToken.objects.of(request.user),
        "token_form": TokenForm(),
        "sessions": sessions_of(user=request.user),
        "events": SecurityEvent.objects.about(request.user)[:EVENTS_SHOWN],
    }
    return render(request, "annotations/account.html", context | more)
