"""The security log: all of it for administrators, their own part for everybody."""

import csv
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotations.forms import SecurityFilterForm
from annotations.models import SecurityEvent
from annotations.models.security_event import SecurityEventQuerySet
from annotations.page_errors import speaks_domain
from annotations.permissions import require_administrator
from annotations.row_pages import page_before
from annotations.table_response import harmless

PAGE_SIZE = 100
MOST_ROWS_OF_CSV = 50_000
COLUMNS = ("at", "kind", "name", "actor", "address", "agent", "dataset", "detail")


@require_GET
@speaks_domain
def log(request: HttpRequest) -> HttpResponse:
    require_administrator(request.user)
    form = SecurityFilterForm(request.GET)
    return _page(request, _filtered(form), form=form, csv="security-log-csv")


@require_GET
@speaks_domain
def log_csv(request: HttpRequest) -> HttpResponse:
    require_administrator(request.user)
    return _csv(_filtered(SecurityFilterForm(request.GET)))


@require_GET
def own_log(request: HttpRequest) -> HttpResponse:
    return _page(request, SecurityEvent.objects.about(request.user), csv="own-log-csv")


@require_GET
def own_log_csv(request: HttpRequest) -> HttpResponse:
    return _csv(SecurityEvent.objects.about(request.user))


def _filtered(form: SecurityFilterForm) -> SecurityEventQuerySet:
    """The rows that the form asks for; none if it asks for nonsense."""
    if not form.is_valid():
        return SecurityEvent.objects.none()
    wanted = form.cleaned_data
    rows = SecurityEvent.objects.order_by("-id")
    if wanted["kind"]:
        rows = rows.filter(kind=wanted["kind"])
    if wanted["name"]:
        rows = rows.filter(name__iexact=wanted["name"])
    if wanted["since"]:
        rows = rows.filter(at__date__gte=wanted["since"])
    if wanted["until"]:
        rows = rows.filter(at__date__lte=wanted["until"])
    return rows


def _page(request: HttpRequest, rows: SecurityEventQuerySet, **more: Any) -> HttpResponse:
    rows = rows.select_related("actor", "dataset")
    page, older = page_before(rows, request.GET.get("before", ""), PAGE_SIZE)
    query = request.GET.copy()
    query.pop("before", None)
    context = {"events": page, "query": query.urlencode()}
    if older is not None:
        query["before"] = str(older)
        context["older"] = query.urlencode()
    return render(request, "annotations/security_log.html", context | more)


def _csv(rows: SecurityEventQuerySet) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="security_log.csv"'
    answer["Cache-Control"] = "no-store"
    writer = csv.writer(answer)
    writer.writerow(COLUMNS)
    for row in rows.select_related("actor", "dataset")[:MOST_ROWS_OF_CSV]:
        cells = (row.name, row.actor or "", row.address or "", row.agent, row.dataset or "")
        detail = row.data.get("what", "")
        # Strangers choose names and browsers.
        told = harmless([*map(str, [*cells, detail])])
        writer.writerow([row.at.isoformat(), row.kind, *told])
    return answer
