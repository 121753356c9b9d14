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
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    page = list(rows.select_related("actor", "dataset")[: PAGE_SIZE + 1])
    query = request.GET.copy()
    query.pop("before", None)
    context = {"events": page[:PAGE_SIZE], "query": query.urlencode()}
    if len(page) > PAGE_SIZE:
        query["before"] = str(page[PAGE_SIZE - 1].pk)
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
        writer.writerow([row.at.isoformat(), row.kind, *map(_inert, [*cells, detail])])
    return answer


def _inert(cell: Any) -> str:
    """Strangers choose names and browsers: no spreadsheet is to take their words for formulas."""
    text = str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
