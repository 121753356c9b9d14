from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.models import Dataset
from annotations.permissions import Verb, get_permitted
from annotations.services.held_out import groups_page, hold_out

PAGE_SIZE = 100


class GroupSerializer(serializers.Serializer[Any]):
    group = serializers.CharField()
    images = serializers.IntegerField()
    whole = serializers.IntegerField(help_text="Images in which every nucleus has its mask.")
    held_out = serializers.IntegerField(help_text="Images never trained on: all of them, or none.")


class GroupsSerializer(serializers.Serializer[Any]):
    groups = GroupSerializer(many=True)
    next_after = serializers.CharField(
        allow_null=True, help_text="Ask with this `after` for the next ones; null: these are all."
    )


class HoldOutSerializer(serializers.Serializer[Any]):
    groups = serializers.ListField(
        child=serializers.CharField(max_length=255), min_length=1, max_length=1000
    )


class GrownSerializer(serializers.Serializer[Any]):
    images = serializers.IntegerField(help_text="By how many images the set has grown.")


class HeldOutView(APIView):
    """The groups of a dataset's images (slides, patients), and which of them are held out."""

    @extend_schema(
        parameters=[OpenApiParameter("after", str)],
        responses=GroupsSerializer,
        operation_id="datasets_held_out",
    )
    def get(self, request: Request, pk: int) -> Response:
        dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
        after = request.query_params.get("after", "").replace("\0", "")
        groups = groups_page(dataset=dataset, after=after, size=PAGE_SIZE + 1)
        more = len(groups) > PAGE_SIZE
        groups = groups[:PAGE_SIZE]
        page = {"groups": groups, "next_after": groups[-1]["group"] if more else None}
        return Response(GroupsSerializer(page).data)

    @extend_schema(
        request=HoldOutSerializer, responses=GrownSerializer, operation_id="datasets_hold_out"
    )
    def post(self, request: Request, pk: int) -> Response:
        """Hold groups out for judging, for good: no checkpoint is trained on them from now on."""
        dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
        asked = HoldOutSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        grown = hold_out(user=request.user, dataset=dataset, groups=asked.validated_data["groups"])
        return Response({"images": grown})
