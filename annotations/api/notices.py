"""What you should know: assignments, returns, mentions, answers, trainings."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.batches import IdsField
from annotations.api.pagination import NewestFirst
from annotations.api.people import PersonSerializer, told
from annotations.models import Notice
from annotations.services.notice import address_of, mark_read

# The bell says "99+" long before: it never counts more.
MOST_COUNTED = 100


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    dataset = serializers.IntegerField(source="dataset_id")
    image = serializers.IntegerField(source="image_id", allow_null=True)
    comment = serializers.UUIDField(source="comment_id", allow_null=True)
    run = serializers.IntegerField(
        source="run_id", allow_null=True, help_text="The training run that has ended."
    )
    actor = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = (
            "id",
            "kind",
            "actor",
            "dataset",
            "image",
            "comment",
            "run",
            "text",
            "images",
            "url",
            "created_at",
            "read_at",
        )

    @extend_schema_field(PersonSerializer(allow_null=True))
    def get_actor(self, notice: Any) -> Any:
        reader = self.context["request"].user
        return told(notice.actor, dataset=notice.dataset, role=notice.my_role, reader=reader)

    def get_url(self, notice: Notice) -> str:
        """The page on which you can do something about it."""
        return address_of(notice)


class ReadSerializer(serializers.Serializer[Any]):
    ids = IdsField(required=False, max_length=500, help_text="All, if it is left out.")


class UnreadSerializer(serializers.Serializer[Any]):
    unread = serializers.IntegerField(help_text=f"At most {MOST_COUNTED}.")


class NoticeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Your own notices, the newest first; there is no way to anybody else's."""

    queryset = Notice.objects.select_related("person", "actor", "dataset")
    serializer_class = NoticeSerializer
    pagination_class = NewestFirst
    filterset_class = None

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.of(self.request.user)

    @extend_schema(responses=UnreadSerializer)
    @action(detail=False, pagination_class=None)
    def unread(self, request: Request) -> Response:
        """How many you have not read."""
        count = Notice.objects.of(request.user).unread()[:MOST_COUNTED].count()
        return Response({"unread": count})

    @extend_schema(request=ReadSerializer, responses={204: None})
    @action(detail=False, methods=["post"])
    def read(self, request: Request) -> Response:
        """Mark some as read, or all."""
        serializer = ReadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        mark_read(user=request.user, ids=serializer.validated_data.get("ids"))
        return Response(status=status.HTTP_204_NO_CONTENT)
