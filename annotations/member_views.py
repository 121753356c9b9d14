"""The page of a dataset's members: people, their roles, and groups of them."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotations.exceptions import DomainError, NotFound
from annotations.member_forms import (
    GroupRoleForm,
    InvitationForm,
    NewGroupForm,
    NewMemberForm,
    RoleForm,
)
from annotations.models import Dataset, GroupAccess, Invitation, Membership
from annotations.page_errors import speaks_domain, tell_what_is_wrong
from annotations.permissions import Verb, abilities, get_permitted, may, roles_to_give
from annotations.services.group_access import add_group, change_group_role, remove_group
from annotations.services.membership import add_member, change_role, remove_member

INVITATIONS_SHOWN = 50


@require_GET
@speaks_domain
def members(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Dataset.objects, user=request.user, verb=Verb.VIEW, pk=pk)
    return members_page(request, row)


@require_POST
@speaks_domain
def new_member(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    return _act_on_form(
        request,
        pk,
        NewMemberForm(request.POST),
        lambda **c: add_member(user=request.user, dataset=row, **c),
        _("The member is added."),
    )


@require_POST
@speaks_domain
def edit_member(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Membership.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    return _act_on_form(
        request,
        row.dataset_id,
        RoleForm(request.POST),
        lambda **c: change_role(user=request.user, membership=row, **c),
        _("The role is changed."),
    )


@require_POST
@speaks_domain
def drop_member(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Membership.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    return _act(
        request,
        row.dataset_id,
        lambda: remove_member(user=request.user, membership=row),
        _("The member is removed."),
    )


@require_POST
@speaks_domain
def new_group(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    return _act_on_form(
        request,
        pk,
        NewGroupForm(request.POST),
        lambda **c: add_group(user=request.user, dataset=row, **c),
        _("The group is added, with everybody in it."),
    )


@require_POST
@speaks_domain
def edit_group(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(GroupAccess.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    return _act_on_form(
        request,
        row.dataset_id,
        GroupRoleForm(request.POST),
        lambda **c: change_group_role(user=request.user, access=row, **c),
        _("The group's role is changed."),
    )


@require_POST
@speaks_domain
def drop_group(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(GroupAccess.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    return _act(
        request,
        row.dataset_id,
        lambda: remove_group(user=request.user, access=row),
        _("The group is removed."),
    )


def members_page(request: HttpRequest, row: Dataset, **more: Any) -> HttpResponse:
    """The page about `row`, which carries `my_role`; `more` is what there is to show besides."""
    role: str = row.my_role  # type: ignore[attr-defined]
    context = {
        "dataset": row,
        "may": abilities(role),
        "members": row.memberships.select_related("user", "through__group"),
        "roles": roles_to_give(role),
        "accesses": row.group_accesses.select_related("group"),
        "group_roles": NewGroupForm.base_fields["role"].choices,  # type: ignore[attr-defined]
        "member_form": NewMemberForm(),
        "group_form": NewGroupForm(),
        "invitation_form": InvitationForm(roles=roles_to_give(role)),
    }
    context["member_form"].fields["role"].choices = roles_to_give(role)
    if may(role, Invitation, Verb.VIEW):
        valid = Invitation.objects.valid().filter(dataset=row).select_related("created_by")
        context["invitations"] = valid[:INVITATIONS_SHOWN]
    return render(request, "annotations/members.html", context | more)


def _act(
    request: HttpRequest, dataset_id: int, action: Callable[[], Any], done: str
) -> HttpResponse:
    """Run `action`, say how it went on the page of members."""
    try:
        action()
        messages.success(request, done)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.detail)
    still_there = Dataset.objects.visible_to(request.user).filter(pk=dataset_id).exists()
    return redirect("members", pk=dataset_id) if still_there else redirect("datasets")


def _act_on_form(
    request: HttpRequest,
    dataset_id: int,
    form: django_forms.BaseForm,
    service: Callable[..., Any],
    done: str,
) -> HttpResponse:
    """Call `service` with the fields of a valid form; else say what is wrong with it."""
    if not form.is_valid():
        tell_what_is_wrong(request, form)
        return redirect("members", pk=dataset_id)
    return _act(request, dataset_id, lambda: service(**form.cleaned_data), done)
