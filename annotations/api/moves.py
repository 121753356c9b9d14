"""The moves of an image from hand to hand: those of annotations/services/flow.py."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.images import OpenImageSerializer
from annotations.models import Image
from annotations.permissions import get_permitted
from annotations.services.flow import TABLE, Move, move_image


class MoveSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=1, help_text="The version that you saw.")
    note = serializers.CharField(
        max_length=5000, allow_blank=True, default="", help_text="Why. A return needs one."
    )


class MoveView(APIView):
    """One move, named by the URL. 409 tells why it cannot be made now."""

    move = Move.SUBMIT

    @extend_schema(request=MoveSerializer, responses=OpenImageSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Make the move, given the version that you saw."""
        verb = TABLE[self.move].verb
        image = get_permitted(Image.objects, user=request.user, verb=verb, pk=pk)
        serializer = MoveSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        return Response(
            self.present(move_image(user=request.user, image=image, move=self.move, **fields))
        )

    def present(self, image: Image) -> dict[str, Any]:
        """The image as it is now."""
        rows = Image.objects.visible_to(self.request.user).with_encoding().with_people()
        return OpenImageSerializer(rows.get(pk=image.pk), context={"request": self.request}).data
