"""What was deleted, until when it can be brought back, and the button that does it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotations.exceptions import DomainError, NotAllowed, NotFound
from annotations.models import Dataset, Image, LabelClass
from annotations.page_errors import speaks_domain
from annotations.permissions import Verb, get_permitted, may
from annotations.services.dataset import restore_dataset
from annotations.services.image import restore_image
from annotations.services.label_class import restore_class

ROWS_SHOWN = 200


@require_GET
def trash(request: HttpRequest) -> HttpResponse:
    """What this person could bring back, or could ask for, of all their datasets."""
    datasets = Dataset.trash.visible_to(request.user)
    context = _rows(request.user, datasets, Verb.OWN, "restore-dataset")
    return render(request, "annotations/trash.html", {"dataset": None, "datasets": context})


@require_GET
@speaks_domain
def dataset_trash(request: HttpRequest, pk: int) -> HttpResponse:
    """What was deleted from one dataset."""
    dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.VIEW, pk=pk)
    images = Image.trash.visible_to(request.user).originals().filter(dataset=dataset)
    classes = LabelClass.trash.visible_to(request.user).filter(dataset=dataset)
    context = {
        "dataset": dataset,
        "images": _rows(request.user, images, Verb.DELETE_IMAGE, "restore-image"),
        "classes": _rows(request.user, classes, Verb.MANAGE, "restore-class"),
    }
    return render(request, "annotations/trash.html", context)


@require_POST
@speaks_domain
def bring_back_dataset(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Dataset.trash, user=request.user, verb=Verb.OWN, pk=pk)
    restore_dataset(user=request.user, dataset=row)
    messages.success(request, _("“%(name)s” is back.") % {"name": row})
    return redirect("dataset", pk=pk)


@require_POST
@speaks_domain
def bring_back_image(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Image.trash, user=request.user, verb=Verb.DELETE_IMAGE, pk=pk)
    return _bring_back(request, row, lambda: restore_image(user=request.user, image=row))


@require_POST
@speaks_domain
def bring_back_class(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(LabelClass.trash, user=request.user, verb=Verb.MANAGE, pk=pk)
    return _bring_back(request, row, lambda: restore_class(user=request.user, label_class=row))


def _bring_back(request: HttpRequest, row: Any, restore: Callable[[], Any]) -> HttpResponse:
    try:
        messages.success(request, _("“%(name)s” is back.") % {"name": restore()})
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect("dataset-trash", pk=row.dataset_id)


def _rows(user: Any, rows: Any, verb: Verb, url: str) -> dict[str, Any]:
    """The latest of what lies in the trash; each row with whether `user` may bring it back."""
    found = list(rows.select_related("deleted_by").order_by("-deleted_at")[: ROWS_SHOWN + 1])
    for row in found:
        row.may_restore = may(row.my_role, type(row), verb)
    return {"rows": found[:ROWS_SHOWN], "more": len(found) > ROWS_SHOWN, "url": url}
