"""The masks of an image as the model had answered them, to be compared with what became of them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.wire_mask import AnswerMaskSerializer
from annotations.models import Image, Mask
from annotations.permissions import Verb, get_permitted
from annotations.services.answers import answers_for

MASKS_A_PAGE = 500


class ModelAnswerSerializer(AnswerMaskSerializer):
    id = serializers.UUIDField(help_text="Of the mask that it became.")
    score = serializers.FloatField(allow_null=True)


class ModelAnswersSerializer(serializers.Serializer[Any]):
    masks = ModelAnswerSerializer(many=True)
    next = serializers.UUIDField(allow_null=True, help_text="What to send as `after`.")


class PlaceSerializer(serializers.Serializer[Any]):
    after = serializers.UUIDField(required=False, help_text="Where the page before ended.")


class ModelAnswersView(APIView):
    """What the model answered for each mask that came from a click, a box or a proposal."""

    @extend_schema(
        parameters=[PlaceSerializer],
        responses=ModelAnswersSerializer,
        operation_id="images_model_answers",
    )
    def get(self, request: Request, pk: int) -> Response:
        """A page of them. Masks that people drew by themselves are left out."""
        image = get_permitted(Image.objects, user=request.user, verb=Verb.VIEW, pk=pk)
        query = PlaceSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        masks = Mask.objects.live().filter(image=image, prediction__isnull=False).order_by("pk")
        if after := query.validated_data.get("after"):
            masks = masks.filter(pk__gt=after)
        rows = list(masks[: MASKS_A_PAGE + 1])
        page = rows[:MASKS_A_PAGE]
        found = answers_for(page)
        body = {
            "masks": [{"id": row.pk, **found[row.pk]} for row in page if row.pk in found],
            "next": page[-1].pk if len(rows) > MASKS_A_PAGE else None,
        }
        return Response(ModelAnswersSerializer(body).data)
