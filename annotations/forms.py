"""What the ordinary pages let people fill in."""

from django import forms

from annotations.models import Dataset, LabelClass, Membership, Role
from ml.services import MAX_TRAINING_MINUTES


class DatasetForm(forms.ModelForm):
    class Meta:
        model = Dataset
        fields = ("name", "licence", "description")
        widgets = {
            "name": forms.TextInput(attrs={"placeholder": "e.g. Colon biopsies 2026"}),
            "licence": forms.TextInput(attrs={"placeholder": "e.g. CC BY 4.0"}),
            "description": forms.Textarea(attrs={"rows": 3}),
        }


class DatasetChangesForm(DatasetForm):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class NewMemberForm(forms.Form):
    username = forms.CharField(max_length=150)
    role = forms.ChoiceField(choices=Role.choices)


class RoleForm(forms.ModelForm):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    class Meta:
        model = Membership
        fields = ("role",)


class LabelClassForm(forms.ModelForm):
    class Meta:
        model = LabelClass
        fields = ("name", "color")
        widgets = {"color": forms.TextInput(attrs={"type": "color"})}


class LabelClassChangesForm(LabelClassForm):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class CheckpointForm(forms.Form):
    file = forms.FileField(allow_empty_file=True)


class TrainingForm(forms.Form):
    dataset = forms.IntegerField(error_messages={"required": "choose a dataset."})
    minutes = forms.IntegerField(
        initial=30,
        min_value=1,
        max_value=MAX_TRAINING_MINUTES,
        error_messages={
            "min_value": "it takes at least one minute.",
            "max_value": f"it takes at most {MAX_TRAINING_MINUTES} minutes, a day.",
        },
    )
