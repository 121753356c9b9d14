from pathlib import PurePath
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from annotations.api.files import content_response
from annotations.api.pagination import NewestFirst
from annotations.api.permissions import AdministratorPermission
from annotations.api.signed_in import SignedIn
from annotations.exceptions import NotFound
from annotations.models.dataset import dataset_id_of
from annotations.services.snapshot import file_of
from annotations.services.training import (
    cancel_training,
    move_training,
    resume_training,
    start_training,
)
from ml.models import TrainingRun
from ml.training_queue import MAX_TRAINING_MINUTES


class TrainingRunSerializer(serializers.ModelSerializer[TrainingRun]):
    dataset = serializers.SerializerMethodField()
    minutes = serializers.FloatField(source="config.minutes", read_only=True)
    limits = serializers.DictField(
        source="config", read_only=True, help_text="Minutes, and what else limits and judges it."
    )
    metrics = serializers.DictField(
        read_only=True, help_text="The latest values; `metrics` in it are those of held-out images."
    )

    class Meta:
        model = TrainingRun
        fields = (
            "id",
            "dataset",
            "trigger",
            "minutes",
            "limits",
            "status",
            "position",
            "progress",
            "metrics",
            "error",
            "checkpoint_from",
            "checkpoint_to",
            "code_version",
            "created_by_name",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields

    def get_dataset(self, run: TrainingRun) -> int | None:
        return dataset_id_of(run.source)


class NewTrainingRunSerializer(serializers.Serializer[Any]):
    """What is left out is as the dataset's training policy says."""

    dataset = serializers.IntegerField()
    minutes = serializers.IntegerField(min_value=1, max_value=MAX_TRAINING_MINUTES, required=False)
    epochs = serializers.IntegerField(min_value=1, required=False)
    memory_mb = serializers.IntegerField(min_value=256, required=False)


class QueueMoveSerializer(serializers.Serializer[Any]):
    up = serializers.BooleanField(help_text="Before its neighbour in the queue; else behind it.")


class TrainingRunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """The active checkpoint learning from a dataset; one run trains, others wait."""

    queryset = TrainingRun.objects.all()
    serializer_class = TrainingRunSerializer
    pagination_class = NewestFirst
    filterset_fields = ("status",)
    permission_classes = (SignedIn, AdministratorPermission)
    lookup_value_converter = "int"

    @extend_schema(request=NewTrainingRunSerializer, responses={201: TrainingRunSerializer})
    def create(self, request: Request) -> Response:
        """Queue a training. The result waits to be promoted, unless the policy says otherwise."""
        serializer = NewTrainingRunSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        run = start_training(user=request.user, dataset_id=fields.pop("dataset"), **fields)
        return Response(self.get_serializer(run).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=TrainingRunSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: Any = None) -> Response:
        """Let a failed or cancelled run go on where it last saved, at the end of the queue."""
        resume_training(run=self.get_object())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=QueueMoveSerializer, responses=TrainingRunSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: Any = None) -> Response:
        """Let a waiting run change places with its neighbour in the queue."""
        asked = QueueMoveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        move_training(run=self.get_object(), up=asked.validated_data["up"])
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.BINARY})
    @action(detail=True)
    def snapshot(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """What it has learned from: lossless COCO JSON, each image with its part of the split."""
        run = self.get_object()
        name = PurePath(run.snapshot).name
        if not name:
            raise NotFound("The run has not begun, so it has no snapshot yet.")
        return content_response(
            request,
            file_of(name),
            etag=name,
            content_type="application/json",
            as_attachment=True,
            filename=f"snapshot-{name}.json",
        )

    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Cancel an unfinished run; it stays in the list."""
        cancel_training(run=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
