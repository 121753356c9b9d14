"""What django-allauth asks us: who may sign up, what it says, and what a log-in brings along."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from annotations.exceptions import NotFound
from annotations.invitation_views import SESSION_KEY
from annotations.language_views import remember_language
from annotations.models import Invitation
from annotations.services.invitation import accept_invitation, find_invitation
from annotations.services.preference import preference_of

NO_MATCH = _("This username and password do not match an account. Passwords distinguish capitals.")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts of this site."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": NO_MATCH,
        "email_password_mismatch": NO_MATCH,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """By invitation, unless the site is open to everybody."""
        return bool(settings.SIGN_UP_OPEN) or _invitation(request) is not None

    @transaction.atomic
    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Whoever signs up by an invitation uses it up with that, and is a member at once."""
        invitation = _invitation(request)
        if invitation is not None and invitation.email:
            # Whoever came by a link that was sent to an address has shown that it is theirs.
            self.stash_verified_email(request, invitation.email)
        person = super().save_user(request, user, form, commit)
        if commit:
            _accept(request, person)
        return person

    def post_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse:
        """Whoever logs in finds the language that they chose, on any machine."""
        answer: HttpResponse = super().post_login(request, user, **details)
        chosen = preference_of(user=user).language
        return remember_language(answer, chosen) if chosen else answer


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Accounts of an OpenID Connect provider."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """The organisation's people get an account by their first log-in, if the site says so."""
        is_open = settings.OIDC_SIGN_UP or settings.SIGN_UP_OPEN
        return bool(is_open) or _invitation(request) is not None

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """As with accounts of this site: an invitation is used up."""
        person = super().save_user(request, sociallogin, form)
        _accept(request, person)
        return person


def _invitation(request: HttpRequest) -> Invitation | None:
    """The one whose link was opened in this browser, if it is still good."""
    secret = request.session.get(SESSION_KEY)
    return find_invitation(secret) if secret else None


def _accept(request: HttpRequest, person: Any) -> None:
    secret = request.session.pop(SESSION_KEY, None)
    if secret:
        try:
            accept_invitation(user=person, secret=secret)
        except NotFound as error:
            if not settings.SIGN_UP_OPEN:  # somebody else took the last use in this moment
                raise ImmediateHttpResponse(redirect("join", secret)) from error
