"""Who you are, your token, and whether anybody is there to answer."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.parsers import JsonParser
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


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()


class TokenView(ObtainAuthToken):
    """A token for scripts: send it as `Authorization: Token …`."""

    parser_classes = (JsonParser, FormParser, MultiPartParser)

    def get_serializer_context(self) -> dict[str, Any]:
        # django-axes marks Django's request when it locks somebody out, and looks there later.
        return {**super().get_serializer_context(), "request": self.request._request}

    @extend_schema(request=AuthTokenSerializer, responses=TokenSerializer)
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().post(request, *args, **kwargs)


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
