"""What a browser needs to answer clicks by itself: encoded tiles, and the decoder."""

import re
from pathlib import Path
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from annotations.api.files import content_response
from annotations.exceptions import NotFound
from annotations.models import Image
from annotations.permissions import Verb, get_permitted
from ml import attention
from ml.embeddings import Key, store
from ml.models import Checkpoint
from ml.scale import SCALES
from ml.services import request_decoder

TILE = re.compile(r"(\d+)_(\d+)_(\d+)")
FILE = {(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)}


class TileSerializer(serializers.Serializer[Any]):
    x = serializers.IntegerField()
    y = serializers.IntegerField()
    side = serializers.IntegerField()
    url = serializers.CharField()


class EncodingSerializer(serializers.Serializer[Any]):
    checkpoint = serializers.IntegerField(allow_null=True)
    sha16 = serializers.CharField(allow_null=True)
    window = serializers.IntegerField(allow_null=True, help_text="Side of the decoder's window.")
    decoder_url = serializers.CharField(allow_null=True, help_text="Null until it is made.")
    scale = serializers.FloatField(help_text="By how much the tiles are enlarged.")
    tiles = TileSerializer(many=True)


class ScaleSerializer(serializers.Serializer[Any]):
    scale = serializers.ChoiceField(SCALES, default=1)


class PlaceSerializer(serializers.Serializer[Any]):
    x = serializers.FloatField(required=False, help_text="Where somebody looks, in image pixels:")
    y = serializers.FloatField(required=False, help_text="tiles near it are encoded first.")


class EncodingView(APIView):
    """The tiles of an image that are encoded by the active checkpoint so far."""

    @extend_schema(
        parameters=[PlaceSerializer],
        responses=EncodingSerializer,
        operation_id="images_encoding",
    )
    def get(self, request: Request, pk: int) -> Response:
        image = get_permitted(Image.objects, user=request.user, verb=Verb.VIEW, pk=pk)
        place = PlaceSerializer(data=request.query_params)
        place.is_valid(raise_exception=True)
        if len(place.validated_data) == 2:
            attention.note(image.sha256, **place.validated_data)
        checkpoint = Checkpoint.objects.active(image.scope).first()
        if checkpoint is None:
            nothing = {"checkpoint": None, "sha16": None, "window": None, "decoder_url": None}
            return Response({**nothing, "scale": image.scale, "tiles": []})
        key = Key.of(checkpoint.sha256, image.sha256, image.scale)
        tiles = []
        for name in store().tile_files(key):
            if match := TILE.fullmatch(name):
                x, y, side = map(int, match.groups())
                url = reverse("encoding-tile", args=[image.pk, key.checkpoint, name])
                query = "" if key.scale == 1 else f"?scale={key.scale}"
                tiles.append({"x": x, "y": y, "side": side, "url": url + query})
        decoder = request_decoder(checkpoint=checkpoint)
        return Response(
            {
                "checkpoint": checkpoint.pk,
                "sha16": key.checkpoint,
                "window": checkpoint.metadata["config"]["window"],
                "decoder_url": decoder and reverse("decoder", args=[checkpoint.pk]),
                "scale": image.scale,
                "tiles": tiles,
            }
        )


class TileView(APIView):
    """One encoded tile: a safetensors file of fp16 features. Its address names content for ever."""

    @extend_schema(
        parameters=[OpenApiParameter("scale", float, description="1 where it is left out.")],
        responses=FILE,
        operation_id="images_encoding_tile",
    )
    def get(self, request: Request, pk: int, checkpoint: str, tile: str) -> HttpResponseBase:
        image = get_permitted(Image.objects, user=request.user, verb=Verb.VIEW, pk=pk)
        asked = ScaleSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        key = Key.of(checkpoint, image.sha256, asked.validated_data["scale"])
        path = store().tile_files(key).get(tile)
        return _file(request, path, f"{checkpoint}-{key.image}-{tile}")


class DecoderView(APIView):
    """A checkpoint's decoder as ONNX. The encoder stays on the server."""

    @extend_schema(responses=FILE, operation_id="checkpoints_decoder")
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        checkpoint = get_object_or_404(Checkpoint, pk=pk)
        path = request_decoder(checkpoint=checkpoint)
        return _file(request, path, checkpoint.sha256)


def _file(request: Request, path: Path | None, etag: str) -> HttpResponseBase:
    """Send a file that may be gone by now. Raises NotFound."""
    if path is None:
        raise NotFound("This is not there, or not any more; ask for the encoding again.")
    return content_response(request, path, etag=etag, content_type="application/octet-stream")
