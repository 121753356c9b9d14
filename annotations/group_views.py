"""The page of administrators about groups of people, which datasets then let in as one."""

from django.contrib import messages
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from annotations.exceptions import BadInput
from annotations.member_forms import GroupForm
from annotations.page_errors import speaks_domain
from annotations.permissions import require_administrator
from annotations.services.group import add_to_group, remove_from_group


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
    try:
        name = request.POST.get("username", "").strip()
        add_to_group(user=request.user, group=group, username=name)
    except BadInput as error:
        messages.error(request, error.detail)
    return redirect("groups")


@require_POST
@speaks_domain
def drop_person(request: HttpRequest, pk: int, user_id: int) -> HttpResponse:
    require_administrator(request.user)
    group = get_object_or_404(Group, pk=pk)
    remove_from_group(user=request.user, group=group, person_id=user_id)
    return redirect("groups")


@require_POST
@speaks_domain
def drop_group(request: HttpRequest, pk: int) -> HttpResponse:
    require_administrator(request.user)
    group = get_object_or_404(Group, pk=pk)
    group.delete()
    messages.success(request, _("“%(name)s” is deleted.") % {"name": group.name})
    return redirect("groups")
