"""Which images of a dataset a list shows: what its filters say, as it stands in the address."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from annotations.models import Batch, Image, Mask
from annotations.models.image import ImageQuerySet
from annotations.permissions import sees_names
from annotations.plain_select import PlainSelect

ME, NOBODY = "me", "none"
NO_BATCH = "none"
# Nobody chooses from longer lists; older batches are found by their own links.
CHOICES_SHOWN = 200


def person_meant(value: str, user: Any) -> Any:
    """The id of a person who is asked for by it, or as ME by `user`; None for NOBODY."""
    return {ME: user.pk, NOBODY: None}.get(value, value)


class ImageFilters(forms.Form):
    """The filters of a dataset's list of images. Each is carried by an index of models/image.py.

    `dataset` carries `my_role`. In a blind dataset only managers filter by person.
    """

    status = forms.ChoiceField(label=_("Status"), required=False, widget=PlainSelect)
    assignee = forms.ChoiceField(label=_("Assigned to"), required=False, widget=PlainSelect)
    reviewer = forms.ChoiceField(label=_("Reviewer"), required=False, widget=PlainSelect)
    batch = forms.ChoiceField(label=_("Batch"), required=False, widget=PlainSelect)
    label_class = forms.TypedChoiceField(
        label=_("Has class"), required=False, coerce=int, widget=PlainSelect
    )
    comments = forms.BooleanField(label=_("Open comments"), required=False)
    overdue = forms.BooleanField(label=_("Overdue"), required=False)

    def __init__(self, params: Mapping[str, Any], *, dataset: Any, user: Any) -> None:
        super().__init__(params)
        self._dataset, self._user = dataset, user
        anything = ("", _("any"))
        people: list[tuple[str, Any]] = [anything, (ME, _("me"))]
        if sees_names(dataset, dataset.my_role):
            members = dataset.memberships.order_by("user__username")
            names = members.values_list("user_id", "user__username")[:CHOICES_SHOWN]
            people += [(str(pk), name) for pk, name in names if pk != user.pk]
        batches = Batch.objects.filter(dataset=dataset).order_by("-pk")
        classes = dataset.classes.all()[:CHOICES_SHOWN]
        choices: dict[str, list[tuple[Any, Any]]] = {
            "status": [anything, *Image.Status.choices],
            "assignee": [*people, (NOBODY, _("nobody"))],
            "reviewer": people,
            "batch": [
                anything,
                (NO_BATCH, _("in no batch")),
                *batches.values_list("pk", "name")[:CHOICES_SHOWN],
            ],
            "label_class": [anything, *((each.pk, each.name) for each in classes)],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered

    @property
    def chosen(self) -> dict[str, Any]:
        """Filter -> value, of those that are set; what makes no sense is left out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def query(self) -> str:
        """The filters as they stand in an address."""
        return urlencode({k: "on" if v is True else v for k, v in self.chosen.items()})

    def apply(self) -> ImageQuerySet:
        """The images of the dataset, as `user` may see them, that the filters let through."""
        rows: ImageQuerySet = Image.objects.visible_to(self._user).listed()
        chosen = self.chosen
        if not chosen:
            return rows.of_dataset(self._dataset)
        if chosen.get("batch") == NO_BATCH:
            # Nor are images without a batch looked for among those of other datasets.
            rows = rows.of_dataset(self._dataset).filter(batch=None)
        else:
            rows = rows.filter(dataset=self._dataset)
            if "batch" in chosen:
                rows = rows.filter(batch=chosen["batch"])
        for name in ("assignee", "reviewer"):
            if value := chosen.get(name):
                rows = rows.filter(**{name: person_meant(value, self._user)})
        if "status" in chosen:
            rows = rows.filter(status=chosen["status"])
        if "label_class" in chosen:
            masks = Mask.objects.live().filter(image=OuterRef("pk"))
            rows = rows.filter(Exists(masks.filter(label_class=chosen["label_class"])))
        if "comments" in chosen:
            rows = rows.with_open_comments()
        if "overdue" in chosen:
            rows = rows.overdue()
        return rows
