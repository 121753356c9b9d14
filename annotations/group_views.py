"""The page of administrators about groups of people, which datasets then let in as one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from annotations.member_forms import GroupForm
from annotations.models import SecurityKind
from annotations.page_errors import speaks_domain
from annotations.permissions import require_administrator
from annotations.services.security_log import record_security


@require_http_methods(["GET", "POST"])
@speaks_domain
def groups(request: HttpRequest) -> HttpResponse:
    require_administrator(request.user)
    form = GroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("groups")
    context = {"groups": Group.objects.order_by("name").prefetch_related("user_set"), "form": form}
    return render(request, "annotations/groups.html", context)


@require_POST
@speaks_domain
def add_person(request: HttpRequest, pk: int) -> HttpResponse:
    require_administrator(request.user)
    group = get_object_or_404(Group, pk=pk)
    name = request.POST.get("username", "").strip()
    person = get_user_model().objects.filter(username=name, is_active=True).first()
    if person is None:
        messages.error(request, _("There is no user called “%(name)s”.") % {"name": name})
    else:
        group.user_set.add(person)
        _log(request, person, f"+ {group.name}")
    return redirect("groups")


@require_POST
@speaks_domain
def drop_person(request: HttpRequest, pk: int, user_id: int) -> HttpResponse:
    require_administrator(request.user)
    group = get_object_or_404(Group, pk=pk)
    person = get_object_or_404(group.user_set, pk=user_id)
    group.user_set.remove(person)
    _log(request, person, f"− {group.name}")
    return redirect("groups")


@require_POST
@speaks_domain
def drop_group(request: HttpRequest, pk: int) -> HttpResponse:
    require_administrator(request.user)
    group = get_object_or_404(Group, pk=pk)
    group.delete()
    messages.success(request, _("“%(name)s” is deleted.") % {"name": group.name})
    return redirect("groups")


def _log(request: HttpRequest, person: Any, what: str) -> None:
    kind, data = SecurityKind.GROUP_CHANGED, {"what": what}
    record_security(kind=kind, person=person, actor=request.user, data=data)
