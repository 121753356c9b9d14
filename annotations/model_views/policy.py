"""The page on which the network is told when to learn from a dataset by itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotations import forms
from annotations.model_views.acting import act, for_administrators
from annotations.models import Dataset
from annotations.services.training import change_policy, new_nuclei, policy_of
from ml.models import TrainingRun


@require_http_methods(["GET", "POST"])
@for_administrators
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_object_or_404(Dataset.objects.live(), pk=pk)
    row = policy_of(pk)
    form = forms.TrainingPolicyForm(
        request.POST or None, instance=row, initial={"version": row.version}
    )
    if request.method == "POST" and form.is_valid():

        def done() -> str:
            change_policy(dataset_id=pk, **form.cleaned_data)
            return _("Saved.")

        return act(request, done, "training-policy", pk)
    context = {
        "dataset": dataset,
        "form": form,
        "new_nuclei": new_nuclei(policy_of(pk)),
        "last": TrainingRun.objects.filter(source=dataset.source).first(),
    }
    return render(request, "annotations/policy.html", context)
