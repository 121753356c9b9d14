from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django_filters import rest_framework as filters
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.filters import IdFilter
from annotations.api.permissions import DatasetScopedViewSet
from annotations.models import GroupAccess, Role
from annotations.permissions import Verb
from annotations.services.group_access import add_group, change_group_role, remove_group


class GroupAccessSerializer(serializers.ModelSerializer[GroupAccess]):
    dataset = serializers.IntegerField(source="dataset_id")
    group = serializers.SlugRelatedField(
        slug_field="name", queryset=Group.objects.all(), help_text="Its name."
    )
    role = serializers.ChoiceField(choices=Role.choices)
    version = serializers.IntegerField(min_value=1, required=False)

    class Meta:
        model = GroupAccess
        fields = ("id", "dataset", "group", "role", "version")
        # The service looks within the lock.
        validators = ()


class GroupAccessFilter(filters.FilterSet):
    dataset = IdFilter(field_name="dataset_id")


class GroupAccessViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """Groups of people in a dataset. Everybody of a group is a member as long as they are in it."""

    queryset = GroupAccess.objects.select_related("group")
    serializer_class = GroupAccessSerializer
    filterset_class = GroupAccessFilter
    verbs: ClassVar = {
        "create": Verb.MANAGE,
        "partial_update": Verb.MANAGE,
        "destroy": Verb.MANAGE,
    }

    def create(self, request: Request) -> Response:
        """Give everybody of a group a role; owners are named one by one."""
        fields = self.fields_of_new()
        dataset = self.get_dataset(fields.pop("dataset_id"))
        access = add_group(user=request.user, dataset=dataset, **fields)
        return Response(self.present(access), status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Give the group another role, given the version that you saw."""
        row = self.get_object()
        changes = {"role": row.role} | self.changes(fixed=("dataset_id", "group"))
        access = change_group_role(user=request.user, access=row, **changes)
        return Response(self.present(access))

    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Take the group out, and whoever is here only with it; what they drew stays."""
        remove_group(user=request.user, access=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
