"""What reviewers say about single nuclei."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.masks import MaskSerializer
from annotations.models import Image, Mask, Verdict
from annotations.permissions import Verb, get_permitted
from annotations.services.verdict import judge_mask


class VerdictSerializer(serializers.ModelSerializer[Verdict]):
    mask = serializers.UUIDField(source="mask_id", read_only=True)

    class Meta:
        model = Verdict
        fields = ("mask", "choice", "mask_version", "at")


class JudgementSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=1, help_text="Of the nucleus as you saw it.")
    choice = serializers.ChoiceField(Verdict.Choice.choices)


class VerdictsView(APIView):
    """The verdicts of an image, at most one for each nucleus."""

    @extend_schema(responses=VerdictSerializer(many=True), operation_id="images_verdicts")
    def get(self, request: Request, pk: int) -> Response:
        image = get_permitted(Image.objects, user=request.user, verb=Verb.VIEW, pk=pk)
        rows = Verdict.objects.filter(image=image, mask__deleted_at=None)
        return Response(VerdictSerializer(rows, many=True).data)


class VerdictView(APIView):
    """The verdict on a nucleus."""

    @extend_schema(
        request=JudgementSerializer, responses=VerdictSerializer, operation_id="masks_judge"
    )
    def put(self, request: Request, pk: Any) -> Response:
        """Say what is to be said about it. Its reviewer alone can, while the image is in review."""
        mask = get_permitted(Mask.objects.live(), user=request.user, verb=Verb.REVIEW, pk=pk)
        serializer = JudgementSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        verdict = judge_mask(user=request.user, mask=mask, **serializer.validated_data)
        return Response(VerdictSerializer(verdict).data)

    def present(self, mask: Mask) -> dict[str, Any]:
        """The nucleus as it is now."""
        rows = Mask.objects.visible_to(self.request.user).for_readers()
        return MaskSerializer(rows.get(pk=mask.pk), context={"request": self.request}).data
