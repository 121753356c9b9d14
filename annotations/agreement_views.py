"""How well people agree: the dataset's page, an image's page, and what managers do there."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from annotations.exceptions import DomainError, NotAllowed, NotFound
from annotations.forms import ConsensusForm, ReplicaPeopleForm, ReplicasForm
from annotations.models import Consensus, Dataset, Image
from annotations.page_errors import speaks_domain
from annotations.permissions import Verb, abilities, get_permitted, sees_names
from annotations.services.concord import (
    agreement_of_pairs,
    image_agreement,
    replicated_images,
    scores_with_truth,
)
from annotations.services.consensus import request_consensus, undo_consensus
from annotations.services.honeypot import end_honeypot, make_honeypot
from annotations.services.replica import (
    annotators_of,
    annotators_without,
    can_take_back,
    images_to_share,
    make_replicas,
    share_out,
    take_back,
)


@require_GET
@speaks_domain
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.OVERSEE, pk=pk)
    _require_names(dataset, dataset.my_role)
    images, next_before = replicated_images(dataset, before=request.GET.get("before", ""))
    context = {
        "dataset": dataset,
        "may": abilities(dataset.my_role),
        "pairs": agreement_of_pairs(dataset),
        "truth": scores_with_truth(dataset),
        "images": images,
        "next_before": next_before,
        "form": ReplicasForm(people=annotators_of(dataset)),
    }
    return render(request, "annotations/agreement.html", context)


@require_POST
@speaks_domain
def new_replicas(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    form = ReplicasForm(request.POST, people=annotators_of(dataset))
    if not form.is_valid():
        return _refused(request, form, "agreement", pk)
    images = images_to_share(dataset, form.cleaned_data["images"])
    people, times = list(form.cleaned_data["people"]), form.cleaned_data["times"]

    def act() -> str:
        made = share_out(images=images, people=people, times=times, user=request.user)
        return _handed_out(made)

    return _said(request, act, "agreement", pk)


@require_POST
@speaks_domain
def give(request: HttpRequest, pk: int) -> HttpResponse:
    image = get_permitted(Image.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    # Also who got one meanwhile: they keep it.
    form = ReplicaPeopleForm(request.POST, people=annotators_of(image.dataset))
    if not form.is_valid():
        return _refused(request, form, "image-agreement", pk)
    people = list(form.cleaned_data["people"])

    def act() -> str:
        return _handed_out(len(make_replicas(image=image, people=people, user=request.user)))

    return _said(request, act, "image-agreement", pk)


@require_POST
@speaks_domain
def take_replica_back(request: HttpRequest, pk: int) -> HttpResponse:
    replica = get_permitted(Image.objects, user=request.user, verb=Verb.MANAGE, pk=pk)

    def act() -> str:
        take_back(user=request.user, replica=replica)
        return _("The replica of %(person)s is taken back.") % {"person": replica.replica_for}

    return _said(request, act, "image-agreement", replica.replica_of_id or pk)


@require_GET
@speaks_domain
def image_page(request: HttpRequest, pk: int) -> HttpResponse:
    image = get_permitted(Image.objects, user=request.user, verb=Verb.OVERSEE, pk=pk)
    _require_names(image.dataset, image.my_role)
    if image.is_replica:
        return redirect("image-agreement", pk=image.replica_of_id)
    found = image_agreement(image)
    context = {
        "image": image,
        "dataset": image.dataset,
        "may": abilities(image.my_role),
        "consensuses": image.consensuses.select_related("created_by")[:10],
        "form": ConsensusForm(),
        "give_form": ReplicaPeopleForm(people=annotators_without(image)),
        "unbegun": [replica.pk for replica in found["replicas"] if can_take_back(replica)],
        **found,
    }
    return render(request, "annotations/image_agreement.html", context)


@require_POST
@speaks_domain
def new_consensus(request: HttpRequest, pk: int) -> HttpResponse:
    image = get_permitted(Image.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    form = ConsensusForm(request.POST)
    method = form.cleaned_data["method"] if form.is_valid() else Consensus.Method.PIXEL

    def act() -> str:
        request_consensus(user=request.user, image=image, method=method)
        return _("The consensus is being built. Reload this page in a moment.")

    return _said(request, act, "image-agreement", pk)


@require_POST
@speaks_domain
def drop_consensus(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_permitted(Consensus.objects, user=request.user, verb=Verb.MANAGE, pk=pk)

    def act() -> str:
        undo_consensus(user=request.user, consensus=row)
        return _("The consensus is undone; the masks before it are back.")

    return _said(request, act, "image-agreement", row.image_id)


@require_POST
@speaks_domain
def switch_honeypot(request: HttpRequest, pk: int) -> HttpResponse:
    image = get_permitted(Image.objects, user=request.user, verb=Verb.MANAGE, pk=pk)

    def act() -> str:
        if image.is_honeypot:
            end_honeypot(image=image)
            return _("“%(name)s” is no honeypot any more.") % {"name": image.name}
        make_honeypot(image=image)
        return _("“%(name)s” is a honeypot now.") % {"name": image.name}

    return _said(request, act, "image-agreement", pk)


def _require_names(dataset: Dataset, role: str) -> None:
    """Raise NotAllowed where the dataset does not tell this role who did what."""
    if not sees_names(dataset, role):
        raise NotAllowed(_("This dataset is blind: only owners and admins see who agrees."))


def _handed_out(count: int) -> str:
    return ngettext(
        "%(count)d replica is handed out.", "%(count)d replicas are handed out.", count
    ) % {"count": count}


def _refused(request: HttpRequest, form: Any, page: str, pk: int) -> HttpResponse:
    """Say on the page what is wrong with what was sent."""
    for problems in form.errors.values():
        messages.error(request, " ".join(map(str, problems)))
    return redirect(page, pk=pk)


def _said(request: HttpRequest, act: Any, page: str, pk: int) -> HttpResponse:
    """Do it, and say on the page how it went."""
    try:
        messages.success(request, act())
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect(page, pk=pk)
