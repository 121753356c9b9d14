from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.batches import IdsField
from annotations.exceptions import BadInput
from annotations.models import Dataset
from annotations.permissions import Verb, get_permitted
from annotations.services.replica import (
    annotators_of,
    images_to_share,
    originals_named,
    share_out,
)

MOST_IMAGES = 500


class SharingSerializer(serializers.Serializer[Any]):
    images = serializers.IntegerField(
        min_value=1,
        max_value=MOST_IMAGES,
        required=False,
        help_text="How many of those that nobody has begun or has a replica of: the first ones.",
    )
    image_ids = IdsField(
        min_length=1,
        max_length=MOST_IMAGES,
        required=False,
        help_text="Instead: ids of the images. Who has a replica of one keeps it.",
    )
    times = serializers.IntegerField(
        min_value=1, max_value=200, help_text="How many people annotate each of them."
    )
    people = IdsField(
        min_length=1, max_length=200, help_text="Ids of annotators of the dataset, in turns."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("images" in attrs) == ("image_ids" in attrs):
            raise serializers.ValidationError("Say how many images, or which: one of the two.")
        return attrs


class ReplicaCountSerializer(serializers.Serializer[Any]):
    replicas = serializers.IntegerField(help_text="How many were handed out.")


class ReplicasView(APIView):
    """Images that several people annotate without seeing each other's work."""

    @extend_schema(
        request=SharingSerializer,
        responses=ReplicaCountSerializer,
        operation_id="datasets_share_out",
    )
    def post(self, request: Request, pk: int) -> Response:
        """Hand out replicas of new images, or of those that are named; says how many."""
        dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
        serializer = SharingSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        people = list(annotators_of(dataset).filter(pk__in=asked["people"]))
        if len(people) < len(set(asked["people"])):
            raise BadInput("Only annotators of the dataset have replicas.", field="people")
        if "image_ids" in asked:
            images = originals_named(dataset, asked["image_ids"])
        else:
            images = images_to_share(dataset, asked["images"])
        made = share_out(images=images, people=people, times=asked["times"], user=request.user)
        return Response({"replicas": made})
