"""What different checkpoints proposed for an image, to be compared."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.models import Image, Prompt
from annotations.permissions import Verb, get_permitted


class ProposalSetSerializer(serializers.Serializer[Any]):
    prompt = serializers.UUIDField(source="pk", help_text="Ask it for the proposals.")
    checkpoint = serializers.IntegerField(source="prediction__checkpoint")
    name = serializers.CharField(source="prediction__checkpoint__name")
    answered_at = serializers.DateTimeField(source="prediction__answered_at")


class ProposalSetsView(APIView):
    """Each checkpoint's latest proposals for the whole image, the newest first."""

    @extend_schema(responses=ProposalSetSerializer(many=True), operation_id="images_proposal_sets")
    def get(self, request: Request, pk: int) -> Response:
        image = get_permitted(Image.objects, user=request.user, verb=Verb.VIEW, pk=pk)
        rows = Prompt.objects.for_whole(image).values(
            "pk",
            "prediction__checkpoint",
            "prediction__checkpoint__name",
            "prediction__answered_at",
        )
        latest: dict[int, Any] = {}
        for row in rows:
            latest.setdefault(row["prediction__checkpoint"], row)
        return Response(ProposalSetSerializer(list(latest.values()), many=True).data)
