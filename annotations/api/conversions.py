from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from annotations.api.pagination import NewestFirst
from annotations.api.permissions import AdministratorPermission
from annotations.api.signed_in import SignedIn
from annotations.services.checkpoint import upload_foreign
from ml.models import Conversion


class ConversionSerializer(serializers.ModelSerializer[Conversion]):
    report = serializers.DictField(
        read_only=True,
        help_text="`files`, each with `origin` and the keys `taken`, `renamed` (theirs to "
        "ours), `missing`, `left_over` (and why); `at_random`: parts that no file holds wholly.",
    )

    class Meta:
        model = Conversion
        fields = (
            "id",
            "file_name",
            "normalisation",
            "status",
            "error",
            "report",
            "checkpoint",
            "created_by_name",
            "created_at",
        )
        read_only_fields = fields


class ForeignWeightsSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(
        allow_empty_file=True,
        max_length=1000,
        help_text="The authors' .pth, mobile_sam.pt or sam_vit_*.pth.",
    )
    normalisation = serializers.ChoiceField(
        Conversion.Normalisation.choices,
        default=Conversion.Normalisation.MEAN_AS_STD,
        help_text="Of the authors' checkpoints, those from before 27 September 2023 are "
        "`imagenet`.",
    )


class ConversionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Other people's weights, of which a worker makes a checkpoint if they hold a whole network."""

    queryset = Conversion.objects.all()
    serializer_class = ConversionSerializer
    pagination_class = NewestFirst
    filterset_fields = ("status",)
    parser_classes = (MultiPartParser,)
    permission_classes = (SignedIn, AdministratorPermission)
    lookup_value_converter = "int"

    @extend_schema(
        request={"multipart/form-data": ForeignWeightsSerializer},
        responses={201: ConversionSerializer},
    )
    def create(self, request: Request) -> Response:
        """Upload weights; look at the row for what came of them."""
        serializer = ForeignWeightsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        conversion = upload_foreign(user=request.user, **serializer.validated_data)
        return Response(self.get_serializer(conversion).data, status=status.HTTP_201_CREATED)
