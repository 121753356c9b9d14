"""What the ordinary pages let people fill in."""

from django import forms

from annotations.models import Dataset, LabelClass, Membership, Role


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
