"""Who you are, and whether anybody is there to answer."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

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


class StatusView(APIView):
    """Which workers live, and which checkpoint answers clicks."""

    @extend_schema(responses=StatusSerializer)
    def get(self, request: Request) -> Response:
        checkpoint = Checkpoint.objects.active().first()
        state = {"workers": worker_status(), "checkpoint": checkpoint}
        return Response(StatusSerializer(state).data)
