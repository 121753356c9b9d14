"""What the ordinary pages let people fill in."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from annotations.models import (
    Batch,
    Consensus,
    Dataset,
    LabelClass,
    Membership,
    PersonalToken,
    SecurityKind,
    TrainingPolicy,
)
from annotations.services.assignment import MOST_AT_ONCE
from ml.models import Conversion
from ml.training_queue import MAX_TRAINING_MINUTES


class DatasetForm(forms.ModelForm):
    class Meta:
        model = Dataset
        fields: tuple[str, ...] = ("name", "licence", "description")
        labels = {
            "name": _("Name"),
            "licence": _("Licence"),
            "description": _("Description"),
        }
        widgets = {
            "name": forms.TextInput(attrs={"placeholder": _("e.g. Colon biopsies 2026")}),
            "licence": forms.TextInput(attrs={"placeholder": _("e.g. CC BY 4.0")}),
            "description": forms.Textarea(attrs={"rows": 3}),
        }


class DatasetChangesForm(DatasetForm):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    class Meta(DatasetForm.Meta):
        fields = (
            *DatasetForm.Meta.fields,
            "overlap_rule",
            "next_by",
            "instructions",
            "review_required",
            "independent_review",
            "blind",
            "honeypot_every",
        )
        labels = DatasetForm.Meta.labels | {
            "overlap_rule": _("Masks of different nuclei"),
            "next_by": _("Which image comes next"),
            "review_required": _("Images are reviewed"),
            "independent_review": _("By somebody else"),
            "blind": _("Blind"),
            "instructions": _("Instructions"),
            "honeypot_every": _("Images for each honeypot"),
        }
        widgets = DatasetForm.Meta.widgets | {"instructions": forms.Textarea(attrs={"rows": 6})}


class LabelClassForm(forms.ModelForm):
    class Meta:
        model = LabelClass
        fields = ("name", "color", "hotkey")
        labels = {"name": _("Name"), "color": _("Colour"), "hotkey": _("Key")}
        widgets = {"color": forms.TextInput(attrs={"type": "color"})}


class LabelClassChangesForm(LabelClassForm):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class TokenForm(forms.ModelForm):
    days = forms.TypedChoiceField(
        label=_("Expires"),
        coerce=lambda days: int(days) or None,
        empty_value=None,
        initial="90",
        choices=[
            ("7", _("in a week")),
            ("30", _("in 30 days")),
            ("90", _("in 90 days")),
            ("365", _("in a year")),
            ("0", _("never")),
        ],
    )

    class Meta:
        model = PersonalToken
        fields = ("name", "scope")
        labels = {"name": _("Name"), "scope": _("Scope")}
        help_texts = {"name": ""}
        widgets = {"name": forms.TextInput(attrs={"placeholder": _("e.g. nightly export")})}


class SecurityFilterForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("Everything")), *SecurityKind.choices]
    )
    name = forms.CharField(label=_("Who"), required=False, max_length=254)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class BatchForm(forms.ModelForm):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    class Meta:
        model = Batch
        fields = ("name", "due_on")


class AssignmentForm(forms.Form):
    """What is to become of chosen images."""

    to = forms.ModelMultipleChoiceField(Membership.objects.none(), required=False)
    nobody = forms.BooleanField(required=False)
    batch = forms.ModelChoiceField(Batch.objects.none(), required=False)
    new_batch = forms.CharField(max_length=100, required=False)
    no_batch = forms.BooleanField(required=False)
    due_on = forms.DateField(required=False)
    no_day = forms.BooleanField(required=False)
    most = forms.IntegerField(min_value=1, max_value=MOST_AT_ONCE, required=False)

    def __init__(self, data: Any, *, dataset: Dataset) -> None:
        super().__init__(data)
        for name, rows in (("to", dataset.memberships), ("batch", dataset.batches)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows.all()

    def clean(self) -> dict[str, Any]:
        fields = self.cleaned_data
        alternatives = (("to", "nobody"), ("batch", "new_batch", "no_batch"), ("due_on", "no_day"))
        chosen = [sum(bool(fields.get(name)) for name in names) for names in alternatives]
        if max(chosen) > 1:
            raise forms.ValidationError(
                _("Choose people or nobody, one batch or none, a day or no day: not both.")
            )
        if not self.errors and not any(chosen):
            raise forms.ValidationError(_("Choose people, a batch or a day."))
        return fields


class CheckpointForm(forms.Form):
    file = forms.FileField(label=_("File"), allow_empty_file=True)
    normalisation = forms.ChoiceField(
        label=_("Checkpoint of SPPNet’s authors from"),
        required=False,
        choices=[
            (Conversion.Normalisation.MEAN_AS_STD, _("27 September 2023 or later")),
            (Conversion.Normalisation.IMAGENET, _("before")),
        ],
        help_text=_("Since then their code takes the mean for the standard deviation."),
    )


class GroupPatternForm(forms.Form):
    group_pattern = forms.CharField(
        label=_("Pattern of names"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "{group}_*", "spellcheck": "false"}),
        help_text=_(
            "{group} stands where a name tells the slide or patient, * for anything. "
            "Empty: every image is a group of its own."
        ),
    )


class PlaceForm(forms.Form):
    dataset = forms.IntegerField(required=False, min_value=0)


class PromotionForm(PlaceForm):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        help_text=_("Kept with who promoted it and when."),
    )


class ComparisonForm(forms.Form):
    candidate = forms.IntegerField(min_value=0)
    rival = forms.IntegerField(min_value=0)
    dataset = forms.IntegerField(min_value=0)


class TrainingForm(forms.Form):
    dataset = forms.IntegerField(error_messages={"required": _("choose a dataset.")})
    minutes = forms.IntegerField(
        label=_("Minutes"),
        initial=30,
        min_value=1,
        max_value=MAX_TRAINING_MINUTES,
        error_messages={
            "min_value": _("it takes at least one minute."),
            "max_value": format_lazy(
                _("it takes at most {minutes} minutes, a day."), minutes=MAX_TRAINING_MINUTES
            ),
        },
    )
    epochs = forms.IntegerField(
        label=_("Epochs"),
        required=False,
        min_value=1,
        help_text=_("Ends when every image was seen so often, if that comes first."),
    )
    memory_mb = forms.IntegerField(label=_("Memory in MB"), required=False, min_value=256)


class TrainingPolicyForm(forms.ModelForm):
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    class Meta:
        model = TrainingPolicy
        fields = (
            "after_nuclei",
            "settle_minutes",
            "cool_down_minutes",
            "minutes",
            "epochs",
            "memory_mb",
            "gate",
            "tolerance",
            "auto_promote",
        )
        labels = {
            "after_nuclei": _("New nuclei"),
            "settle_minutes": _("Minutes of rest before"),
            "cool_down_minutes": _("Minutes between runs"),
            "minutes": _("Minutes"),
            "epochs": _("Epochs"),
            "memory_mb": _("Memory in MB"),
            "gate": _("To be promoted it has to be"),
            "tolerance": _("Tolerance"),
            "auto_promote": _("Promote by itself"),
        }


class ReplicaPeopleForm(forms.Form):
    """`people` are those who can have replicas."""

    people: Any = forms.ModelMultipleChoiceField(
        queryset=None,
        label=_("Annotators"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose who is to annotate them.")},
    )

    def __init__(self, *args: Any, people: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen: Any = self.fields["people"]
        chosen.queryset = people


class ReplicasForm(ReplicaPeopleForm):
    images = forms.IntegerField(label=_("New images"), min_value=1, max_value=500, initial=10)
    times = forms.IntegerField(label=_("Annotators for each"), min_value=1, initial=2)


class ConsensusForm(forms.Form):
    method = forms.ChoiceField(label=_("Majority of"), choices=Consensus.Method.choices)
