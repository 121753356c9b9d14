"""The ordinary pages: each permission, validate, call one service, present."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotations import forms
from annotations.cards import COLUMNS, cards_of
from annotations.exceptions import DomainError, NotAllowed, NotFound
from annotations.image_filters import ImageFilters
from annotations.markdown import to_html
from annotations.models import Dataset, Image, LabelClass, Role, SavedView
from annotations.models.label_class import fresh_color
from annotations.page_errors import speaks_domain, tell_what_is_wrong
from annotations.permissions import Verb, abilities, get_permitted
from annotations.row_pages import row_number
from annotations.services.assignment import MOST_AT_ONCE
from annotations.services.dataset import create_dataset, delete_dataset, update_dataset
from annotations.services.image import delete_image
from annotations.services.label_class import create_class, delete_class, update_class
from annotations.services.preference import preference_of
from ml.services import worker_status

PAGE_SIZE = 48
DATASETS_SHOWN = 200
BATCHES_SHOWN = 20
# Of a batch, images are counted as far as anybody counts along.
MOST_LEFT = 999
MEMBERS_SHOWN = 12


def _act(
    request: HttpRequest, dataset_id: int, action: Callable[[], Any], done: str
) -> HttpResponse:
    """Run `action`, say how it went on the dataset's page."""
    try:
        action()
        messages.success(request, done)
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect("dataset", pk=dataset_id)


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
        return redirect("dataset", pk=dataset_id)
    return _act(request, dataset_id, lambda: service(**form.cleaned_data), done)


@require_http_methods(["GET", "POST"])
def datasets(request: HttpRequest) -> HttpResponse:
    form = forms.DatasetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        dataset = create_dataset(user=request.user, **form.cleaned_data)
        return redirect("dataset", pk=dataset.pk)
    mine = Dataset.objects.visible_to(request.user).prefetch_related("classes")[:DATASETS_SHOWN]
    return render(request, "annotations/datasets.html", {"datasets": mine, "form": form})


@require_GET
@speaks_domain
def dataset(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Dataset.objects.prefetch_related("classes")
    row = get_permitted(rows, user=request.user, verb=Verb.VIEW, pk=pk)
    classes, can = list(row.classes.all()), abilities(row.my_role)
    context = (
        _page_of_images(request, row)
        | _team(request, row)
        | {
            "may": can,
            # One more than are shown tells that there are more.
            "members": list(row.memberships.select_related("user")[: MEMBERS_SHOWN + 1]),
            "assignable": row.memberships.exclude(role=Role.VIEWER).values_list(
                "pk", "user__username"
            ),
            "members_shown": MEMBERS_SHOWN,
            "classes": classes,
            "edit_form": can["manage"]
            and forms.DatasetChangesForm(instance=row, initial={"version": row.version}),
            "fresh_color": fresh_color([each.color for each in classes]),
            "max_upload_mb": settings.MAX_UPLOAD_MB,
        }
    )
    return render(request, "annotations/dataset.html", context)


@require_GET
@speaks_domain
def images(request: HttpRequest, pk: int) -> HttpResponse:
    """One more page of the grid, for htmx."""
    row = get_permitted(Dataset.objects, user=request.user, verb=Verb.VIEW, pk=pk)
    return render(request, "annotations/_images.html", _page_of_images(request, row))


def _page_of_images(request: HttpRequest, row: Any) -> dict[str, Any]:
    filters = ImageFilters(request.GET, dataset=row, user=request.user)
    rows = filters.apply().with_encoding().values(*COLUMNS)
    after = row_number(request.GET.get("after", ""))
    if after is not None:
        rows = rows.filter(pk__gt=after)
    page = list(rows[: PAGE_SIZE + 1])
    return {
        "dataset": row,
        "next_after": page[PAGE_SIZE - 1]["pk"] if len(page) > PAGE_SIZE else None,
        "cards": cards_of(page[:PAGE_SIZE], dataset=row, user=request.user),
        "filters": filters,
    }


def _team(request: HttpRequest, row: Dataset) -> dict[str, Any]:
    """Who works on the dataset's images, in which batches."""
    batches: list[Any] = list(row.batches.order_by("-pk")[:BATCHES_SHOWN])
    for batch in batches:
        open_ones = batch.images.exclude(status=Image.Status.ACCEPTED)
        batch.left = open_ones[: MOST_LEFT + 1].count()
    return {
        "batches": batches,
        "most_left": MOST_LEFT,
        "most_at_once": MOST_AT_ONCE,
        "today": timezone.localdate(),
        "saved_views": SavedView.objects.filter(dataset=row, user_id=request.user.pk or 0),
        "instructions": to_html(row.instructions),
    }


@require_POST
@speaks_domain
def edit_dataset(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    form = forms.DatasetChangesForm(request.POST)
    return _act_on_form(
        request,
        pk,
        form,
        lambda **c: update_dataset(user=request.user, dataset=row, **c),
        _("Saved."),
    )


@require_POST
@speaks_domain
def remove_dataset(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Dataset.objects, user=request.user, verb=Verb.OWN, pk=pk)
    delete_dataset(user=request.user, dataset=row)
    messages.success(
        request,
        _("“%(name)s” is in the trash. You can bring it back for %(days)s days.")
        % {"name": row.name, "days": settings.TRASH_DAYS},
    )
    return redirect("datasets")


@require_POST
@speaks_domain
def new_class(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    form = forms.LabelClassForm(request.POST)
    return _act_on_form(
        request,
        pk,
        form,
        lambda **c: create_class(user=request.user, dataset=row, **c),
        _("The class is added."),
    )


@require_POST
@speaks_domain
def edit_class(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(LabelClass.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    form = forms.LabelClassChangesForm(request.POST)
    return _act_on_form(
        request,
        row.dataset_id,
        form,
        lambda **c: update_class(user=request.user, label_class=row, **c),
        _("The class is changed."),
    )


@require_POST
@speaks_domain
def drop_class(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(LabelClass.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    return _act(
        request,
        row.dataset_id,
        lambda: delete_class(user=request.user, label_class=row),
        _("“%(name)s” is in the trash; nuclei that have this class keep it until it is purged.")
        % {"name": row.name},
    )


@require_POST
@speaks_domain
def drop_image(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Image.objects, user=request.user, verb=Verb.DELETE_IMAGE, pk=pk)
    return _act(
        request,
        row.dataset_id,
        lambda: delete_image(user=request.user, image=row),
        _("“%(name)s” is in the trash.") % {"name": row.name},
    )


@require_GET
@speaks_domain
def annotate(request: HttpRequest, pk: int, image_id: int) -> HttpResponse:
    """The canvas: an application of its own, told here who is asking for what."""
    image = get_permitted(
        Image.objects, user=request.user, verb=Verb.VIEW, pk=image_id, dataset_id=pk
    )
    preference = preference_of(user=request.user)
    page_data = {
        "datasetId": pk,
        "imageId": image.pk,
        "user": {"id": request.user.pk, "username": request.user.get_username()},
        "role": image.my_role,
        "csrfToken": get_token(request),
        "preferences": {"shortcuts": preference.shortcuts, "tourSeen": preference.tour_seen},
    }
    built = settings.DJANGO_VITE["default"]["manifest_path"].exists()
    context = {"image": image, "page_data": page_data, "built": built}
    return render(request, "annotate.html", context)


@require_GET
def workers(request: HttpRequest) -> HttpResponse:
    """A warning if a worker is down, nothing otherwise, for htmx."""
    down = [name for name, alive in worker_status().items() if not alive and name != "train"]
    return render(request, "annotations/_workers.html", {"down": down})
