"""Pages for working together: who does what, until when, and what people are told."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from annotations import forms
from annotations.exceptions import DomainError, NotAllowed, NotFound
from annotations.image_filters import ImageFilters
from annotations.models import Batch, Dataset, Image, Notice, SavedView
from annotations.page_errors import speaks_domain
from annotations.permissions import Verb, get_permitted
from annotations.row_pages import page_before, row_number
from annotations.services.assignment import (
    MOST_AT_ONCE,
    assign_images,
    create_batch,
    delete_batch,
    fill_batch,
    set_due_day,
    take_out_of_batch,
    update_batch,
)
from annotations.services.honeypot import due_honeypot
from annotations.services.next_image import offer_next
from annotations.services.notice import address_of, doer_of, mark_read
from annotations.services.preference import preference_of, save_preference

NOTICES_SHOWN = 50
MOST_COUNTED = 100


@require_POST
@speaks_domain
def next_image(request: HttpRequest, pk: int) -> HttpResponse:
    """Give me the next one, to annotate or (`review`) to review."""
    review = bool(request.POST.get("review"))
    verb = Verb.REVIEW if review else Verb.ANNOTATE
    dataset = get_permitted(Dataset.objects, user=request.user, verb=verb, pk=pk)
    rows = Image.objects.visible_to(request.user).listed().filter(dataset=dataset).with_encoding()
    due = due_honeypot(user=request.user, dataset=dataset, images=rows)
    image = due or offer_next(user=request.user, images=rows, after=0, review=review)
    if image is not None:
        return redirect("annotate", pk=pk, image_id=image.pk)
    nothing = (
        _("No image waits for your review.")
        if review
        else _("No image needs your work: what is open is others’, or nothing is.")
    )
    messages.info(request, nothing)
    return redirect("dataset", pk=pk)


@require_POST
@speaks_domain
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the chosen images, or all that the filters show, to people or into a batch."""
    dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    form = forms.AssignmentForm(request.POST, dataset=dataset)
    back = redirect(f"/datasets/{pk}/?{request.POST.get('query', '')}")
    if not form.is_valid():
        messages.error(request, " ".join(str(p) for ps in form.errors.values() for p in ps))
        return back
    try:
        chosen = _chosen_images(request, dataset)[: form.cleaned_data["most"]]
        if not chosen:
            messages.error(request, _("Choose the images first."))
            return back
        for said in _assign(request.user, dataset, chosen, form.cleaned_data):
            messages.success(request, said)
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        messages.error(request, error.detail)
    return back


def _assign(user: Any, dataset: Any, images: list[int], fields: dict[str, Any]) -> Iterator[str]:
    """Do what the form says, and say what was done."""
    batch, day = fields["batch"], fields["due_on"]
    if fields["new_batch"]:
        batch = create_batch(user=user, dataset=dataset, name=fields["new_batch"], due_on=day)
    if batch is not None:
        count = fill_batch(batch=batch, images=images)
        said = ngettext(
            "%(count)s image is put into “%(name)s”.",
            "%(count)s images are put into “%(name)s”.",
            count,
        )
        yield said % {"count": count, "name": batch.name}
    if fields["no_batch"]:
        count = take_out_of_batch(dataset_id=dataset.pk, images=images)
        said = ngettext(
            "%(count)s image is taken out of its batch.",
            "%(count)s images are taken out of their batches.",
            count,
        )
        yield said % {"count": count}
    # The day of a new batch is already that of its images.
    if (day and not fields["new_batch"]) or fields["no_day"]:
        count = set_due_day(dataset=dataset, images=images, due_on=day)
        said = (
            ngettext(
                "%(count)s image is due on %(day)s.", "%(count)s images are due on %(day)s.", count
            )
            if day
            else ngettext(
                "%(count)s image is due on no day.", "%(count)s images are due on no day.", count
            )
        )
        yield said % {"count": count, "day": date_format(day) if day else ""}
    if fields["to"] or fields["nobody"]:
        people = [member.user_id for member in fields["to"]]
        count = assign_images(user=user, dataset=dataset, images=images, to=people)
        said = ngettext("%(count)s image is assigned.", "%(count)s images are assigned.", count)
        yield said % {"count": count}


def _chosen_images(request: HttpRequest, dataset: Any) -> list[int]:
    if request.POST.get("all"):
        filters = ImageFilters(
            QueryDict(request.POST.get("query", "")), dataset=dataset, user=request.user
        )
        # One more than may be, so that too many are refused rather than forgotten.
        return list(filters.apply().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    sent = request.POST.getlist("images")
    return [pk for pk in map(row_number, sent) if pk is not None]


@require_POST
@speaks_domain
def edit_batch(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_permitted(Batch.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    form = forms.BatchForm(request.POST)
    try:
        if form.is_valid():
            update_batch(batch=batch, **form.cleaned_data)
            messages.success(request, _("Saved."))
        else:
            messages.error(request, " ".join(str(p) for ps in form.errors.values() for p in ps))
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect("dataset", pk=batch.dataset_id)


@require_POST
@speaks_domain
def drop_batch(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_permitted(Batch.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    delete_batch(batch=batch)
    messages.success(
        request, _("The batch “%(name)s” is dissolved; its images stay.") % {"name": batch.name}
    )
    return redirect("dataset", pk=batch.dataset_id)


@require_POST
@speaks_domain
def save_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the filters that are set under a name, in place of what had it before."""
    dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.VIEW, pk=pk)
    filters = ImageFilters(
        QueryDict(request.POST.get("query", "")), dataset=dataset, user=request.user
    )
    name = request.POST.get("name", "").strip()[:60]
    if name and filters.query:
        SavedView.objects.update_or_create(
            user_id=request.user.pk or 0,
            dataset=dataset,
            name=name,
            defaults={"query": filters.query},
        )
    return redirect(f"/datasets/{pk}/?{filters.query}")


@require_POST
@speaks_domain
def drop_view(request: HttpRequest, pk: int, view: int) -> HttpResponse:
    get_permitted(Dataset.objects, user=request.user, verb=Verb.VIEW, pk=pk)
    SavedView.objects.filter(user_id=request.user.pk or 0, dataset_id=pk, pk=view).delete()
    return redirect("dataset", pk=pk)


@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """How many notices are unread, for htmx."""
    count = Notice.objects.of(request.user).unread()[:MOST_COUNTED].count()
    return render(request, "annotations/_bell.html", {"unread": count, "most": MOST_COUNTED - 1})


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    rows = Notice.objects.of(request.user).select_related("person", "actor", "dataset", "image")
    page, next_before = page_before(rows, request.GET.get("before", ""), NOTICES_SHOWN)
    for notice in page:
        notice.who = doer_of(notice, notice.my_role)
    context = {
        "notices": page,
        "next_before": next_before,
        "preference": preference_of(user=request.user),
    }
    return render(request, "annotations/notices.html", context)


@require_GET
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a notice: go to what it is about."""
    notice = Notice.objects.of(request.user).filter(pk=pk).first()
    if notice is None:
        return redirect("notices")
    mark_read(user=request.user, ids=[pk])
    return redirect(address_of(notice))


@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    mark_read(user=request.user)
    return redirect("notices")


@require_POST
def choose_email(request: HttpRequest) -> HttpResponse:
    """Whether notices come by e-mail, too."""
    save_preference(user=request.user, email_notices=bool(request.POST.get("email")))
    messages.success(request, _("Saved."))
    return redirect("notices")
