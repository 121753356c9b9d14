from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.filters import IdFilter
from annotations.api.permissions import DatasetScopedViewSet
from annotations.models import LabelClass
from annotations.permissions import Verb, get_permitted
from annotations.services.label_class import (
    create_class,
    delete_class,
    restore_class,
    update_class,
)


class LabelClassSerializer(serializers.ModelSerializer[LabelClass]):
    dataset = serializers.IntegerField(source="dataset_id")
    position = serializers.IntegerField(min_value=0, max_value=1000, required=False)
    version = serializers.IntegerField(min_value=1, required=False)

    class Meta:
        model = LabelClass
        fields = ("id", "dataset", "name", "color", "hotkey", "position", "version")
        # The service compares names within the lock.
        validators = ()


class LabelClassFilter(filters.FilterSet):
    dataset = IdFilter(field_name="dataset_id")


class LabelClassViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """The kinds of nuclei of a dataset."""

    queryset = LabelClass.objects.all()
    serializer_class = LabelClassSerializer
    filterset_class = LabelClassFilter
    verbs: ClassVar = {
        "create": Verb.MANAGE,
        "partial_update": Verb.MANAGE,
        "destroy": Verb.MANAGE,
        "restore": Verb.MANAGE,
    }

    def create(self, request: Request) -> Response:
        """Add a class."""
        fields = self.fields_of_new()
        dataset = self.get_dataset(fields.pop("dataset_id"))
        label_class = create_class(user=request.user, dataset=dataset, **fields)
        return Response(self.present(label_class), status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Change name, colour, key or position, given the version that you saw."""
        row = self.get_object()
        label_class = update_class(
            user=request.user, label_class=row, **self.changes(fixed=("dataset_id",))
        )
        return Response(self.present(label_class))

    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Put a class into the trash; masks keep it until it is purged."""
        delete_class(user=request.user, label_class=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: Any = None) -> Response:
        """Take a class out of the trash."""
        row = get_permitted(LabelClass.trash, user=request.user, verb=self.verbs["restore"], pk=pk)
        return Response(self.present(restore_class(user=request.user, label_class=row)))
