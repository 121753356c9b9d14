"""Who you are, and whether anybody is there to answer."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.models import Dataset
from annotations.models.dataset import source_of
from annotations.permissions import Verb, get_permitted
from ml.models import Checkpoint
from ml.services import worker_status


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    is_staff = serializers.BooleanField()


class MeView(APIView):
    """The person who asks."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(request.user).data)


class WorkersSerializer(serializers.Serializer[Any]):
    interactive = serializers.BooleanField()
    batch = serializers.BooleanField()
    train = serializers.BooleanField()


class ActiveCheckpointSerializer(serializers.ModelSerializer[Checkpoint]):
    class Meta:
        model = Checkpoint
        fields = ("id", "name", "kind")


class StatusSerializer(serializers.Serializer[Any]):
    workers = WorkersSerializer()
    checkpoint = ActiveCheckpointSerializer(allow_null=True)


class WhereSerializer(serializers.Serializer[Any]):
    dataset = serializers.IntegerField(
        required=False, help_text="Whose checkpoint to name. Left out: the whole site's."
    )


class StatusView(APIView):
    """Which workers live, and which checkpoint answers clicks."""

    @extend_schema(parameters=[WhereSerializer], responses=StatusSerializer)
    def get(self, request: Request) -> Response:
        asked = WhereSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        scope = ""
        if pk := asked.validated_data.get("dataset"):
            dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.VIEW, pk=pk)
            scope = source_of(dataset.pk)
        checkpoint = Checkpoint.objects.active(scope).first()
        state = {"workers": worker_status(), "checkpoint": checkpoint}
        return Response(StatusSerializer(state).data)
