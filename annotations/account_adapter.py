"""What django-allauth asks us: who may sign up, what it says, and what a log-in brings along."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from annotations.language_views import remember_language
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
        return bool(settings.SIGN_UP_OPEN)

    def post_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse:
        """Whoever logs in finds the language that they chose, on any machine."""
        answer: HttpResponse = super().post_login(request, user, **details)
        chosen = preference_of(user=user).language
        return remember_language(answer, chosen) if chosen else answer


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Accounts of an OpenID Connect provider."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """The organisation's people get an account by their first log-in, if the site says so."""
        return bool(settings.OIDC_SIGN_UP or settings.SIGN_UP_OPEN)
