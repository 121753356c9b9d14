"""Who is let into the API at all. Apart from permissions.py, for REST framework loads it early."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request

from annotations.exceptions import NotAllowed
from annotations.models import PersonalToken
from annotations.permissions import Verb, require_scope


class SignedIn(IsAuthenticated):
    """Somebody; if by a token, then by one that is for what is asked.

    A view's `verbs` says what an action is. One that is not named, and changes something, is
    beyond a token that only reads. What is done to a row is asked again when the row is found.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if request.method not in SAFE_METHODS:
            verbs = getattr(view, "verbs", {})
            require_scope(request.user, verbs.get(getattr(view, "action", None), Verb.ANNOTATE))
        return True


class InPerson(SignedIn):
    """Somebody who has logged in, not a script with a token of theirs."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, PersonalToken):
            raise NotAllowed(_("A token cannot do this. Log in, and do it yourself."))
        return super().has_permission(request, view)
