from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.permissions import DatasetScopedViewSet
from annotations.api.wire_mask import AnswerMaskSerializer, ProposalSerializer, WireMaskSerializer
from annotations.models import Image, Prompt
from annotations.permissions import Verb, get_permitted
from annotations.services.prompt import PlacedClick, place_clicks
from ml.models import Prediction

MAX_CLICKS = 200
PORTION_BYTES = 600_000
# What a proposal's JSON takes beside its run lengths, generously.
PROPOSAL_BYTES = 150


class ClickSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    x = serializers.FloatField()
    y = serializers.FloatField()
    positive = serializers.BooleanField()


class BoxField(serializers.ListField):
    """[x0, y0, x1, y1] in image pixels: the upper left and the lower right corner."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.FloatField(), min_length=4, max_length=4, **options)


class NewPromptSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    image = serializers.IntegerField()
    clicks = serializers.ListField(child=ClickSerializer(), max_length=MAX_CLICKS)
    box = BoxField(required=False, allow_null=True)
    mask = WireMaskSerializer(required=False, allow_null=True)


class ProposalsSerializer(serializers.Serializer[Any]):
    """A portion of what was proposed for a whole image: never a megabyte."""

    proposals = ProposalSerializer(many=True)
    more_proposals = serializers.IntegerField(
        allow_null=True, help_text="Ask with this `start` for the next ones; null: these are all."
    )


class StartSerializer(serializers.Serializer[Any]):
    start = serializers.IntegerField(min_value=0, default=0)


def portion(proposals: list[dict[str, Any]], start: int) -> dict[str, Any]:
    """The proposals from `start` on as far as a portion goes, at least one."""
    end, size = start, 0
    while end < len(proposals) and (end == start or size < PORTION_BYTES):
        size += PROPOSAL_BYTES + len(proposals[end]["counts"])
        end += 1
    more = end if end < len(proposals) else None
    return {"proposals": proposals[start:end], "more_proposals": more}


class PromptSerializer(serializers.ModelSerializer[Prompt]):
    id = serializers.UUIDField(source="pk")
    image = serializers.IntegerField(source="image_id")
    status = serializers.ChoiceField(Prediction.State.choices, source="prediction.status")
    error = serializers.CharField(source="prediction.error")
    checkpoint = serializers.IntegerField(source="prediction.checkpoint_id", allow_null=True)
    latency_ms = serializers.IntegerField(source="prediction.latency_ms", allow_null=True)
    clicks = serializers.SerializerMethodField()
    box = BoxField(source="prediction.box", allow_null=True)
    score = serializers.FloatField(source="prediction.score", allow_null=True)
    mask = AnswerMaskSerializer(source="prediction.mask", allow_null=True)
    proposals = serializers.SerializerMethodField(
        help_text="All of them, or the first ones: see more_proposals."
    )
    more_proposals = serializers.SerializerMethodField()

    class Meta:
        model = Prompt
        fields = (
            "id",
            "image",
            "status",
            "error",
            "checkpoint",
            "latency_ms",
            "clicks",
            "box",
            "score",
            "mask",
            "proposals",
            "more_proposals",
        )

    @extend_schema_field(ProposalSerializer(many=True))
    def get_proposals(self, prompt: Prompt) -> Any:
        found = portion(prompt.prediction.proposals, 0)["proposals"]
        return ProposalSerializer(found, many=True).data

    def get_more_proposals(self, prompt: Prompt) -> int | None:
        """The `start` of the next ones, if these are not all."""
        more: int | None = portion(prompt.prediction.proposals, 0)["more_proposals"]
        return more

    @extend_schema_field(ClickSerializer(many=True))
    def get_clicks(self, prompt: Prompt) -> list[dict[str, Any]]:
        placed = zip(prompt.click_ids, prompt.prediction.clicks, strict=True)
        return [{"id": id, "x": x, "y": y, "positive": on} for id, (x, y, on) in placed]


class PromptViewSet(mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """Questions to the network. Ask with POST, then listen to the image's events, or poll."""

    queryset = Prompt.objects.select_related("prediction")
    serializer_class = PromptSerializer
    lookup_value_converter = "uuid"
    verbs: ClassVar = {"create": Verb.ANNOTATE, "proposals": Verb.VIEW}

    @extend_schema(
        request=NewPromptSerializer, responses={200: PromptSerializer, 201: PromptSerializer}
    )
    def create(self, request: Request) -> Response:
        """Ask for the nucleus under the clicks or in the box or, without either, for all nuclei.

        Repeating a request under the same id answers 200 with the state of the first.
        """
        serializer = NewPromptSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        image = get_permitted(
            Image.objects, user=request.user, verb=self.verbs["create"], pk=asked["image"]
        )
        prompt, is_new = place_clicks(
            user=request.user,
            image=image,
            id=asked["id"],
            clicks=[PlacedClick(**click) for click in asked["clicks"]],
            box=asked.get("box"),
            prior=asked.get("mask"),
        )
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(self.get_serializer(prompt).data, status=code)

    @extend_schema(parameters=[OpenApiParameter("start", int)], responses=ProposalsSerializer)
    @action(detail=True)
    def proposals(self, request: Request, pk: Any = None) -> Response:
        """The proposals from number `start` on."""
        asked = StartSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = self.get_object().prediction.proposals
        return Response(ProposalsSerializer(portion(rows, asked.validated_data["start"])).data)
