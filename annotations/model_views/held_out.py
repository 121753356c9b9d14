"""The page of a dataset on which images checkpoints are judged: see the set, and let it grow."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from annotations import forms
from annotations.model_views.acting import act, for_members, say
from annotations.models import Dataset, Image
from annotations.permissions import Verb, get_permitted
from annotations.services.held_out import change_pattern, groups_page, hold_out

GROUPS_SHOWN = 50


@require_http_methods(["GET", "POST"])
@for_members
def held_out(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    if request.method == "POST":
        chosen = request.POST.getlist("group")
        if not chosen:
            return say(request, _("Choose the groups to hold out first."), "held-out", pk)

        def done() -> str:
            grown = hold_out(user=request.user, dataset=dataset, groups=chosen)
            return ngettext(
                "%(count)s image more is held out.", "%(count)s images more are held out.", grown
            ) % {"count": grown}

        return act(request, done, "held-out", pk)
    after = request.GET.get("after", "").replace("\0", "")
    groups = groups_page(dataset=dataset, after=after, size=GROUPS_SHOWN + 1)
    context = {
        "dataset": dataset,
        "groups": groups[:GROUPS_SHOWN],
        "next_after": groups[GROUPS_SHOWN - 1]["group"] if len(groups) > GROUPS_SHOWN else None,
        "after": after,
        "has_held_out": Image.objects.filter(dataset=dataset, held_out=True).exists(),
        "form": forms.GroupPatternForm(initial={"group_pattern": dataset.group_pattern}),
    }
    return render(request, "annotations/held_out.html", context)


@require_POST
@for_members
def pattern(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    form = forms.GroupPatternForm(request.POST)
    if not form.is_valid():
        return say(request, _("A pattern has at most 100 characters."), "held-out", pk)

    def done() -> str:
        change_pattern(
            user=request.user, dataset=dataset, pattern=form.cleaned_data["group_pattern"]
        )
        return _("The images are being grouped anew. Reload this page in a moment.")

    return act(request, done, "held-out", pk)
