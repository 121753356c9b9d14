from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from annotations.api.pagination import NewestFirst
from annotations.api.parsers import JsonParser
from annotations.api.permissions import AdministratorPermission
from annotations.services.checkpoint import make_active, upload_checkpoint
from ml.models import Checkpoint


class CheckpointSerializer(serializers.ModelSerializer[Checkpoint]):
    metrics = serializers.SerializerMethodField()

    class Meta:
        model = Checkpoint
        fields = ("id", "name", "kind", "sha256", "is_active", "metrics", "created_at")
        read_only_fields = fields

    def get_metrics(self, checkpoint: Checkpoint) -> dict[str, Any]:
        """Scores on held-out images, as the file tells them."""
        metrics: dict[str, Any] = checkpoint.metadata.get("metrics") or {}
        return metrics


class WeightsSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(
        allow_empty_file=True,
        max_length=1000,
        help_text=f"A .safetensors file of this application, up to {settings.MAX_UPLOAD_MB} MB.",
    )


class CheckpointViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Weights of the network. Administrators bring new ones and choose which answers clicks."""

    queryset = Checkpoint.objects.all()
    serializer_class = CheckpointSerializer
    pagination_class = NewestFirst
    filterset_fields = ("kind", "is_active")
    parser_classes = (JsonParser, MultiPartParser)
    permission_classes = (IsAuthenticated, AdministratorPermission)
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
        checkpoint, is_new = upload_checkpoint(file=serializer.validated_data["file"])
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(self.get_serializer(checkpoint).data, status=code)

    @extend_schema(request=None, responses=CheckpointSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: Any = None) -> Response:
        """Let it answer clicks from now on; masks stay as they are."""
        checkpoint = self.get_object()
        make_active(checkpoint=checkpoint)
        return Response(self.get_serializer(checkpoint).data)
