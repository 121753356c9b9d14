from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.exceptions import NotFound
from annotations.models import Dataset, TrainingPolicy
from annotations.permissions import require_administrator
from annotations.services.training import change_policy, policy_of


class TrainingPolicySerializer(serializers.ModelSerializer[TrainingPolicy]):
    version = serializers.IntegerField(min_value=0, help_text="0: nobody has set it yet.")

    class Meta:
        model = TrainingPolicy
        fields = (
            "version",
            "after_nuclei",
            "settle_minutes",
            "cool_down_minutes",
            "minutes",
            "epochs",
            "memory_mb",
            "gate",
            "tolerance",
            "auto_promote",
        )


class TrainingPolicyView(APIView):
    """When the network learns from a dataset by itself, and what becomes of the result."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(responses=TrainingPolicySerializer, operation_id="datasets_training_policy")
    def get(self, request: Request, pk: int) -> Response:
        require_administrator(request.user)
        if not Dataset.objects.live().filter(pk=pk).exists():
            raise NotFound("There is no such dataset.")
        return Response(TrainingPolicySerializer(policy_of(pk)).data)

    @extend_schema(
        request=TrainingPolicySerializer(partial=True),
        responses=TrainingPolicySerializer,
        operation_id="datasets_change_training_policy",
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change it, given the version that you saw."""
        require_administrator(request.user)
        serializer = TrainingPolicySerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changes = dict(serializer.validated_data)
        if "version" not in changes:
            raise serializers.ValidationError({"version": ["Send the version that you saw."]})
        policy = change_policy(dataset_id=pk, **changes)
        return Response(TrainingPolicySerializer(policy).data)

    def present(self, policy: TrainingPolicy) -> Any:
        """The policy as it is, for who was too late."""
        return TrainingPolicySerializer(policy).data
