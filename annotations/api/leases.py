"""Who works on an image just now. Nobody is kept from work by it, nor by its being away."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.people import UNNAMED, unnamed
from annotations.models import Image
from annotations.permissions import Verb, get_permitted, sees_names
from annotations.services.lease import (
    Lease,
    LeasesAway,
    ask_for_lease,
    current_lease,
    hold_lease,
    release_lease,
)


class LeaseSerializer(serializers.Serializer[Any]):
    tab = serializers.CharField()
    user = serializers.IntegerField()
    name = serializers.CharField()
    since = serializers.DateTimeField()


class LeaseStateSerializer(serializers.Serializer[Any]):
    known = serializers.BooleanField(help_text="False when nobody can say: work on.")
    lease = LeaseSerializer(allow_null=True)


class TabSerializer(serializers.Serializer[Any]):
    tab = serializers.UUIDField(help_text="An id that the page makes for itself.")
    take = serializers.BooleanField(
        default=False, help_text="Also from another page of your own, which is told."
    )


class LeaseView(APIView):
    """The lease of an image. It runs out after 45 s without a PUT."""

    @extend_schema(responses=LeaseStateSerializer, operation_id="images_lease")
    def get(self, request: Request, pk: int) -> Response:
        image = get_permitted(Image.objects, user=request.user, verb=Verb.VIEW, pk=pk)
        return _state(lambda: current_lease(image=image), image, request.user)

    @extend_schema(
        request=TabSerializer, responses=LeaseStateSerializer, operation_id="images_hold_lease"
    )
    def put(self, request: Request, pk: int) -> Response:
        """Get or prolong it, unless another page has it: look at `tab` in the answer."""
        image, fields = self._to_annotate(request, pk, request.data)
        tab, take = str(fields["tab"]), fields["take"]
        return _state(
            lambda: hold_lease(user=request.user, image=image, tab=tab, take=take),
            image,
            request.user,
        )

    @extend_schema(request=None, responses={204: None}, operation_id="images_ask_for_lease")
    def post(self, request: Request, pk: int) -> Response:
        """Ask whoever has it to let you have it: they see a notice."""
        image = get_permitted(Image.objects, user=request.user, verb=Verb.ANNOTATE, pk=pk)
        ask_for_lease(user=request.user, image=image)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        parameters=[OpenApiParameter("tab", str, required=True)],
        responses={204: None},
        operation_id="images_release_lease",
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Give it back if it is yours."""
        image, fields = self._to_annotate(request, pk, request.query_params)
        tab = str(fields["tab"])
        with suppress(LeasesAway):
            release_lease(user=request.user, image=image, tab=tab)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @staticmethod
    def _to_annotate(request: Request, pk: int, body: Any) -> tuple[Image, dict[str, Any]]:
        image = get_permitted(Image.objects, user=request.user, verb=Verb.ANNOTATE, pk=pk)
        serializer = TabSerializer(data=body)
        serializer.is_valid(raise_exception=True)
        return image, serializer.validated_data


def _state(look: Callable[[], Lease | None], image: Any, reader: Any) -> Response:
    try:
        lease = look()
    except LeasesAway:
        return Response({"known": False, "lease": None})
    if lease and lease.user != reader.pk and not sees_names(image.dataset, image.my_role):
        lease = replace(lease, user=UNNAMED, name=unnamed())
    return Response(LeaseStateSerializer({"known": True, "lease": lease}).data)
