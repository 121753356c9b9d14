"""Channels of deep images, and renditions of them as a person wants to see them."""

import hashlib
import re
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.files import kept_response
from annotations.exceptions import BadInput
from annotations.formats.rendering import ShownChannel
from annotations.models import Image
from annotations.permissions import Verb, get_permitted
from annotations.services.channels import open_channels, render_channels

NUMBER = r"-?\d{1,15}(?:\.\d{1,9})?"
SHOWN = re.compile(rf"(\d{{1,2}}):({NUMBER}):({NUMBER}):([0-9a-f]{{6}})")
MOST_SHOWN = 8
PNG = {(200, "image/png"): OpenApiResponse(OpenApiTypes.BINARY)}


class ChannelSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="As the file says; empty if it does not.")
    least = serializers.FloatField()
    most = serializers.FloatField()
    black = serializers.FloatField(help_text="Where the 8-bit rendition begins.")
    white = serializers.FloatField(help_text="Where the 8-bit rendition ends.")


class ChannelsSerializer(serializers.Serializer[Any]):
    channels = ChannelSerializer(many=True)


class ChannelsView(APIView):
    """What channels an image has, and which values lie in them."""

    @extend_schema(responses=ChannelsSerializer, operation_id="images_channels")
    def get(self, request: Request, pk: int) -> Response:
        image = get_permitted(Image.objects, user=request.user, verb=Verb.VIEW, pk=pk)
        return Response({"channels": open_channels(image=image).facts})


class RenderingView(APIView):
    """An image as 8-bit RGB, windowed from its own samples. The stored image stays as it is."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "show",
                str,
                required=True,
                description="Channels to add up: `index:black:white:rrggbb`, with commas between.",
            )
        ],
        responses=PNG,
        operation_id="images_rendering",
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        image = get_permitted(Image.objects, user=request.user, verb=Verb.VIEW, pk=pk)
        wish = request.query_params.get("show", "")
        shown = parse_shown(wish)

        def respond() -> HttpResponseBase:
            png = render_channels(channels=open_channels(image=image), shown=shown)
            return HttpResponse(png, content_type="image/png")

        digest = hashlib.sha256(wish.encode()).hexdigest()[:32]
        return kept_response(request, respond, etag=f"{image.sha256}-{digest}")


def parse_shown(wish: str) -> list[ShownChannel]:
    """`index:black:white:rrggbb,…` → channels; empty is black. Raises BadInput."""
    parts = wish.split(",") if wish else []
    if len(parts) > MOST_SHOWN:
        raise BadInput(f"At most {MOST_SHOWN} channels are shown at once.", field="show")
    shown = []
    for part in parts:
        match = SHOWN.fullmatch(part)
        if match is None or not float(match[2]) < float(match[3]):
            raise BadInput(
                "Each channel is shown as index:black:white:rrggbb, black below white.",
                field="show",
            )
        red, green, blue = bytes.fromhex(match[4])
        color = (red, green, blue)
        shown.append(ShownChannel(int(match[1]), float(match[2]), float(match[3]), color))
    return shown
