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
from annotations.services.replica import annotators_of, images_to_share, share_out

MOST_IMAGES = 500


class SharingSerializer(serializers.Serializer[Any]):
    images = serializers.IntegerField(
        min_value=1, max_value=MOST_IMAGES, help_text="How many of those that nobody has begun."
    )
    times = serializers.IntegerField(
        min_value=1, max_value=200, help_text="How many people annotate each of them."
    )
    people = IdsField(
        min_length=1, max_length=200, help_text="Ids of annotators of the dataset, in turns."
    )


class ReplicaCountSerializer(serializers.Serializer[Any]):
    replicas = serializers.IntegerField(help_text="How many were made.")


class ReplicasView(APIView):
    """Images that several people annotate without seeing each other's work."""

    @extend_schema(
        request=SharingSerializer,
        responses=ReplicaCountSerializer,
        operation_id="datasets_share_out",
    )
    def post(self, request: Request, pk: int) -> Response:
        """Hand out replicas of new images; says how many."""
        dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
        serializer = SharingSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        people = list(annotators_of(dataset).filter(pk__in=asked["people"]))
        if len(people) < len(set(asked["people"])):
            raise BadInput("Only annotators of the dataset have replicas.", field="people")
        images = images_to_share(dataset, asked["images"])
        made = share_out(images=images, people=people, times=asked["times"])
        return Response({"replicas": made})
