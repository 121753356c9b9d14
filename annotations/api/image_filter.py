"""Which images a list shows: the filters of the dataset's page, one index each."""

from typing import Any

from django.core.validators import RegexValidator
from django_filters import rest_framework as filters

from annotations.api.filters import IdFilter
from annotations.exceptions import BadInput
from annotations.image_filters import ME, NOBODY, person_meant
from annotations.models import Dataset, Image
from annotations.permissions import sees_names

PERSON = rf"^({ME}|{NOBODY}|\d{{1,18}})$"
# Their indexes begin with the dataset, and whether names are told is a dataset's own affair.
OF_ONE_DATASET = ("assignee", "reviewer", "batch", "overdue", "comments")


class PersonFilter(filters.CharFilter):
    """By a person's id, or "me", or "none" for nobody."""

    def __init__(self, **options: Any) -> None:
        wrong = f"Use the id of a person, “{ME}” or “{NOBODY}”."
        super().__init__(validators=[RegexValidator(PERSON, wrong)], **options)

    def filter(self, rows: Any, value: str) -> Any:
        if not value:
            return rows
        return rows.filter(**{self.field_name: person_meant(value, self.parent.request.user)})


class ImageFilter(filters.FilterSet):
    """The filters of OF_ONE_DATASET need a dataset."""

    dataset = IdFilter(field_name="dataset_id")
    status = filters.ChoiceFilter(choices=Image.Status.choices)
    assignee = PersonFilter(field_name="assignee_id", help_text="A person's id, “me” or “none”.")
    reviewer = PersonFilter(field_name="reviewer_id", help_text="A person's id, “me” or “none”.")
    batch = IdFilter(field_name="batch_id")
    overdue = filters.BooleanFilter(method="only_overdue", help_text="True: only overdue ones.")
    comments = filters.BooleanFilter(
        method="only_with_comments", help_text="True: only those with open comments."
    )

    def only_overdue(self, rows: Any, name: str, value: bool) -> Any:
        return rows.overdue() if value else rows

    def only_with_comments(self, rows: Any, name: str, value: bool) -> Any:
        return rows.with_open_comments() if value else rows

    def filter_queryset(self, queryset: Any) -> Any:
        """Raises BadInput for a filter without its dataset, and for names that are not told."""
        asked = self.form.cleaned_data
        if any(asked[name] for name in OF_ONE_DATASET):
            if asked["dataset"] is None:
                raise BadInput("Filter by dataset, too.", field="dataset")
            self._refuse_names(asked)
        return super().filter_queryset(queryset)

    def _refuse_names(self, asked: dict[str, Any]) -> None:
        user = self.request.user
        harmless = ("", ME, NOBODY, str(user.pk))
        named = [name for name in ("assignee", "reviewer") if asked[name] not in harmless]
        if not named:
            return
        dataset: Any = Dataset.objects.visible_to(user).filter(pk=asked["dataset"]).first()
        if dataset is not None and not sees_names(dataset, dataset.my_role):
            raise BadInput("This dataset does not tell who did what.", field=named[0])
