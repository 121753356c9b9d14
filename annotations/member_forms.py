"""What people fill in about members, groups and invitations."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from annotations.models import GroupAccess, Membership, Role


class NewMemberForm(forms.Form):
    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.ANNOTATOR)


class RoleForm(forms.ModelForm):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    class Meta:
        model = Membership
        fields = ("role",)


class NewGroupForm(forms.Form):
    group = forms.ModelChoiceField(Group.objects.order_by("name"), label=_("Group"))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices[1:], initial=Role.ANNOTATOR)


class GroupRoleForm(RoleForm):
    class Meta:
        model = GroupAccess
        fields = ("role",)


class InvitationForm(forms.Form):
    """`roles` are those that the person may give."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.ANNOTATOR)
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"placeholder": _("empty: only a link")}),
    )
    days = forms.TypedChoiceField(
        label=_("Good for"),
        coerce=int,
        initial="7",
        choices=[("1", _("a day")), ("7", _("a week")), ("30", _("30 days"))],
    )
    most_uses = forms.IntegerField(
        label=_("People"),
        required=False,
        min_value=1,
        max_value=1000,
        initial=1,
        help_text=_("empty: any number"),
    )

    def __init__(self, *args: Any, roles: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]


class GroupForm(forms.ModelForm):
    class Meta:
        model = Group
        fields = ("name",)
        labels = {"name": _("Name")}
