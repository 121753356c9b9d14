from typing import Any, ClassVar

from django.db.models import BigIntegerField
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.filters import IdFilter
from annotations.api.permissions import DatasetScopedViewSet
from annotations.models import Batch, Dataset
from annotations.permissions import Verb, get_permitted
from annotations.services.assignment import (
    MOST_AT_ONCE,
    assign_images,
    create_batch,
    delete_batch,
    fill_batch,
    set_due_day,
    take_out_of_batch,
    update_batch,
)


class BatchSerializer(serializers.ModelSerializer[Batch]):
    dataset = serializers.IntegerField(source="dataset_id")
    version = serializers.IntegerField(min_value=1, required=False)

    class Meta:
        model = Batch
        fields = ("id", "dataset", "name", "due_on", "version")
        # The service compares names within the lock.
        validators = ()


class BatchFilter(filters.FilterSet):
    dataset = IdFilter(field_name="dataset_id")


class IdsField(serializers.ListField):
    child = serializers.IntegerField(min_value=1, max_value=BigIntegerField.MAX_BIGINT)


class FillSerializer(serializers.Serializer[Any]):
    images = IdsField(max_length=MOST_AT_ONCE)


class AssignmentSerializer(serializers.Serializer[Any]):
    images = IdsField(max_length=MOST_AT_ONCE)
    to = IdsField(
        max_length=200,
        required=False,
        help_text="Ids of people, in turns; []: nobody's. Left out: as they are.",
    )
    due_on = serializers.DateField(
        allow_null=True, required=False, help_text="Null: no day. Left out: as it is."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not {"to", "due_on"} & attrs.keys():
            raise serializers.ValidationError("Say to whom, or until when.")
        return attrs


class CountSerializer(serializers.Serializer[Any]):
    images = serializers.IntegerField()


class BatchViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """Images that are to be done together."""

    queryset = Batch.objects.all()
    serializer_class = BatchSerializer
    filterset_class = BatchFilter
    verbs: ClassVar = {
        "create": Verb.MANAGE,
        "partial_update": Verb.MANAGE,
        "destroy": Verb.MANAGE,
    }

    def create(self, request: Request) -> Response:
        """Make an empty batch."""
        fields = self.fields_of_new()
        dataset = self.get_dataset(fields.pop("dataset_id"))
        batch = create_batch(user=request.user, dataset=dataset, **fields)
        return Response(self.present(batch), status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Change its name or due day, given the version that you saw."""
        batch = update_batch(batch=self.get_object(), **self.changes(fixed=("dataset_id",)))
        return Response(self.present(batch))

    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Dissolve it; the images stay."""
        delete_batch(batch=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class BatchImagesView(APIView):
    """The images of a batch."""

    @extend_schema(
        request=FillSerializer, responses=CountSerializer, operation_id="batches_add_images"
    )
    def post(self, request: Request, pk: int) -> Response:
        """Put images of the dataset into the batch, out of others; says how many."""
        batch = get_permitted(Batch.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
        serializer = FillSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"images": fill_batch(batch=batch, **serializer.validated_data)})


class BatchRemovalView(APIView):
    """The way out of a batch."""

    @extend_schema(
        request=FillSerializer, responses=CountSerializer, operation_id="batches_remove_images"
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take images out of the batch, which are due on no day then; says how many."""
        batch = get_permitted(Batch.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
        serializer = FillSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        images = serializer.validated_data["images"]
        count = take_out_of_batch(dataset_id=batch.dataset_id, images=images, batch=batch)
        return Response({"images": count})


class AssignmentView(APIView):
    """Who is to annotate what."""

    @extend_schema(
        request=AssignmentSerializer, responses=CountSerializer, operation_id="datasets_assign"
    )
    def post(self, request: Request, pk: int) -> Response:
        """Assign images to people, in turns, or say until when; answers for how many.

        Those handed in stay with whom they are.
        """
        dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
        serializer = AssignmentSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        images = fields["images"]
        if "due_on" in fields:
            count = set_due_day(dataset=dataset, images=images, due_on=fields["due_on"])
        if "to" in fields:
            count = assign_images(
                user=request.user, dataset=dataset, images=images, to=fields["to"]
            )
        return Response({"images": count})
