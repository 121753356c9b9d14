"""Who did what, as far as the reader is told: see permissions.sees_names."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from annotations.models import Dataset
from annotations.permissions import sees_names

# The id of whoever is not named. Nobody has it.
UNNAMED = 0


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="0: a blind dataset does not tell.")
    name = serializers.CharField(source="get_username")


def told(person: Any, *, dataset: Dataset, role: str, reader: Any) -> dict[str, Any] | None:
    """The JSON of a person as `reader`, a member with `role`, is told of them."""
    if person is None:
        return None
    if person.pk == reader.pk or sees_names(dataset, role):
        return {"id": person.pk, "name": person.get_username()}
    return {"id": UNNAMED, "name": unnamed()}


def maker_told(job: Any, *, reader: Any) -> str:
    """The name of who started `job`, which carries `my_role`, as its reader is told of them."""
    person = told(job.created_by, dataset=job.dataset, role=job.my_role, reader=reader)
    assert person is not None
    return str(person["name"])


def unnamed() -> str:
    return _("somebody else")
