from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from annotations.api.pagination import NewestFirst
from annotations.api.permissions import AdministratorPermission
from annotations.models.dataset import dataset_id_of
from annotations.services.judging import ask_for_judgement
from ml.models import Checkpoint, Judgement


class JudgementSerializer(serializers.ModelSerializer[Judgement]):
    dataset = serializers.SerializerMethodField()
    comparison = serializers.DictField(
        read_only=True, help_text="{score: {candidate, rival, gain, interval, images}}"
    )
    reasons = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Judgement
        fields = (
            "id",
            "candidate",
            "rival",
            "dataset",
            "run",
            "held_out",
            "status",
            "error",
            "comparison",
            "passed",
            "reasons",
            "created_at",
        )
        read_only_fields = fields

    def get_dataset(self, judgement: Judgement) -> int | None:
        return dataset_id_of(judgement.source)


class NewJudgementSerializer(serializers.Serializer[Any]):
    candidate = serializers.IntegerField()
    rival = serializers.IntegerField()
    dataset = serializers.IntegerField()


class JudgementViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Two checkpoints compared on the same held-out images, and whether one passes the gate."""

    queryset = Judgement.objects.all()
    serializer_class = JudgementSerializer
    pagination_class = NewestFirst
    filterset_fields = ("candidate", "rival", "run", "status", "passed")
    permission_classes = (IsAuthenticated, AdministratorPermission)
    lookup_value_converter = "int"

    @extend_schema(request=NewJudgementSerializer, responses={201: JudgementSerializer})
    def create(self, request: Request) -> Response:
        """Have a checkpoint judged against another one by the train worker."""
        serializer = NewJudgementSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        judgement = ask_for_judgement(
            user=request.user,
            candidate=get_object_or_404(Checkpoint, pk=asked["candidate"]),
            rival=get_object_or_404(Checkpoint, pk=asked["rival"]),
            dataset_id=asked["dataset"],
        )
        return Response(self.get_serializer(judgement).data, status=status.HTTP_201_CREATED)
