from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from annotations.api.files import content_response
from annotations.api.pagination import NewestFirst
from annotations.api.parsers import JsonParser
from annotations.api.permissions import AdministratorPermission
from annotations.api.signed_in import SignedIn
from annotations.services.checkpoint import remove_checkpoint, upload_checkpoint
from annotations.services.image import clean_name
from annotations.services.promotion import promote, roll_back
from ml.models import Checkpoint


class CheckpointSerializer(serializers.ModelSerializer[Checkpoint]):
    metrics = serializers.SerializerMethodField()
    training = serializers.SerializerMethodField()
    configuration = serializers.SerializerMethodField()
    training_run = serializers.SerializerMethodField(help_text="Which made it.")

    class Meta:
        model = Checkpoint
        fields = (
            "id",
            "name",
            "kind",
            "sha256",
            "size_bytes",
            "is_active",
            "metrics",
            "training",
            "configuration",
            "parent",
            "training_run",
            "created_by_name",
            "created_at",
        )
        read_only_fields = fields

    def get_training_run(self, checkpoint: Checkpoint) -> int | None:
        return next((run.pk for run in checkpoint.training_runs_to_it.all()), None)

    def get_metrics(self, checkpoint: Checkpoint) -> dict[str, Any]:
        """Scores on held-out images, as the file tells them."""
        return checkpoint.told("metrics")

    def get_training(self, checkpoint: Checkpoint) -> dict[str, Any]:
        """Steps, minutes, seed and recipe, as the file tells them."""
        return checkpoint.told("training")

    def get_configuration(self, checkpoint: Checkpoint) -> dict[str, Any]:
        """Shapes of the network."""
        return checkpoint.told("config")


class WeightsSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(
        allow_empty_file=True,
        max_length=1000,
        help_text=f"A .safetensors file of this application, up to {settings.MAX_UPLOAD_MB} MB. "
        "Other people's weights go to /api/conversions/.",
    )


class PlaceSerializer(serializers.Serializer[Any]):
    dataset = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Null: wherever no other was."
    )


class PromotionSerializer(PlaceSerializer):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)


class CheckpointViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Weights of the network. Administrators bring new ones and choose which answers clicks."""

    queryset = Checkpoint.objects.stored().prefetch_related("training_runs_to_it")
    serializer_class = CheckpointSerializer
    pagination_class = NewestFirst
    filterset_fields = ("kind", "is_active")
    parser_classes = (JsonParser, MultiPartParser)
    permission_classes = (SignedIn, AdministratorPermission)
    open_to_all = ("list", "retrieve")
    lookup_value_converter = "int"

    @extend_schema(
        request={"multipart/form-data": WeightsSerializer},
        responses={201: CheckpointSerializer, 200: CheckpointSerializer},
    )
    def create(self, request: Request) -> Response:
        """Upload weights: 201, or 200 if they are known. They are not made active."""
        serializer = WeightsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        checkpoint, is_new = upload_checkpoint(
            user=request.user, file=serializer.validated_data["file"]
        )
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(self.get_serializer(checkpoint).data, status=code)

    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Delete the weights, unless they are in use. Predictions go on naming them."""
        remove_checkpoint(checkpoint=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def file(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """The weights with their metadata, to take elsewhere."""
        return weights_response(request, self.get_object())

    @extend_schema(request=PromotionSerializer, responses=CheckpointSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: Any = None) -> Response:
        """Let it answer clicks from now on, in one dataset or elsewhere; masks stay as they are."""
        asked = PromotionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        place = asked.validated_data
        checkpoint = self.get_object()
        promote(
            user=request.user,
            checkpoint=checkpoint,
            dataset_id=place["dataset"],
            reason=place["reason"],
        )
        return Response(self.get_serializer(checkpoint).data)

    @extend_schema(request=PlaceSerializer, responses=CheckpointSerializer)
    @action(detail=False, methods=["post"], url_path="roll-back")
    def roll_back(self, request: Request) -> Response:
        """Undo the last promotion; answers with the checkpoint that answers clicks now."""
        asked = PlaceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        dataset_id = asked.validated_data["dataset"]
        now = roll_back(user=request.user, dataset_id=dataset_id)
        now = now or Checkpoint.objects.active().get()
        return Response(self.get_serializer(now).data)


def weights_response(request: Any, checkpoint: Checkpoint) -> HttpResponseBase:
    """The file of a checkpoint, as a download. Raises NotFound if it is gone."""
    return content_response(
        request,
        checkpoint.path,
        etag=checkpoint.sha256,
        content_type="application/octet-stream",
        as_attachment=True,
        filename=f"{clean_name(checkpoint.name)}.safetensors",
    )
