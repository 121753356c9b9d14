"""Inviting people, and coming by an invitation."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotations.exceptions import Conflict, NotFound
from annotations.member_forms import InvitationForm
from annotations.member_views import members_page
from annotations.models import Dataset, Invitation
from annotations.page_errors import speaks_domain
from annotations.permissions import Verb, get_permitted, roles_to_give
from annotations.services.invitation import (
    accept_invitation,
    find_invitation,
    invite,
    invited_to,
    send_invitation,
    withdraw_invitation,
)

# Where a session keeps the secret of an invitation until its person has an account.
SESSION_KEY = "invitation"


@require_POST
@speaks_domain
def new_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the link on the page that answers: it is kept nowhere, not even until the next one."""
    row = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    form = InvitationForm(request.POST, roles=roles_to_give(row.my_role))
    if not form.is_valid():
        return members_page(request, row, invitation_form=form)
    invitation, secret = invite(user=request.user, dataset=row, **form.cleaned_data)
    link = request.build_absolute_uri(reverse("join", args=[secret]))
    if invitation.email:
        if send_invitation(invitation=invitation, link=link):
            messages.success(
                request, _("The invitation is on its way to %(email)s.") % form.cleaned_data
            )
        else:
            messages.error(request, _("The e-mail could not be sent. Give them the link yourself."))
    return members_page(request, row, link=link, new_invitation=invitation)


@require_POST
@speaks_domain
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Invitation.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    withdraw_invitation(user=request.user, invitation=row)
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("members", pk=row.dataset_id)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Look at an invitation, and accept it; who has no account yet may make one with it."""
    invitation = find_invitation(secret)
    if invitation is None:
        used = invited_to(user=request.user, secret=secret)
        if used is not None:
            return redirect("dataset", pk=used.pk)
        return render(request, "annotations/join.html", status=404)
    if not request.user.is_authenticated:
        request.session[SESSION_KEY] = secret
        back = urlencode({"next": request.path, "email": invitation.email})
        context = {"invitation": invitation, "query": back}
        return render(request, "annotations/join.html", context)
    if request.method == "POST":
        try:
            accept_invitation(user=request.user, secret=secret)
            messages.success(request, _("Welcome to “%(name)s”.") % {"name": invitation.dataset})
        except Conflict as error:
            messages.info(request, error.detail)
        except NotFound:
            return render(request, "annotations/join.html", status=404)
        return redirect("dataset", pk=invitation.dataset_id)
    return render(request, "annotations/join.html", {"invitation": invitation})
