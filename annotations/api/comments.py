from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.filters import IdFilter
from annotations.api.people import PersonSerializer, told
from annotations.api.permissions import DatasetScopedViewSet
from annotations.models import Comment, Image
from annotations.permissions import Verb, get_permitted
from annotations.services.comment import add_comment, delete_comment, resolve_thread


class CommentSerializer(serializers.ModelSerializer[Comment]):
    image = serializers.IntegerField(source="image_id", read_only=True)
    thread = serializers.UUIDField(
        source="parent_id",
        read_only=True,
        allow_null=True,
        help_text="Its first comment; null: this is one.",
    )
    author = serializers.SerializerMethodField()
    resolved = serializers.SerializerMethodField()

    class Meta:
        model = Comment
        fields = (
            "id",
            "image",
            "thread",
            "mask",
            "x",
            "y",
            "text",
            "author",
            "created_at",
            "resolved",
        )

    @extend_schema_field(PersonSerializer)
    def get_author(self, comment: Any) -> Any:
        reader = self.context["request"].user
        dataset = comment.image.dataset
        return told(comment.author, dataset=dataset, role=comment.my_role, reader=reader)

    def get_resolved(self, comment: Comment) -> bool:
        return comment.resolved_at is not None


class NewCommentSerializer(serializers.Serializer[Any]):
    image = serializers.IntegerField()
    text = serializers.CharField(max_length=5000)
    thread = serializers.UUIDField(
        allow_null=True, required=False, help_text="The first comment of the thread to answer in."
    )
    mask = serializers.UUIDField(allow_null=True, required=False)
    x = serializers.FloatField(allow_null=True, required=False)
    y = serializers.FloatField(allow_null=True, required=False)


class ResolutionSerializer(serializers.Serializer[Any]):
    resolved = serializers.BooleanField()


class CommentFilter(filters.FilterSet):
    image = IdFilter(field_name="image_id")


class CommentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """What people say about images. The browser makes the ids, so that retries are harmless."""

    queryset = Comment.objects.live().select_related("author", "image__dataset")
    serializer_class = CommentSerializer
    filterset_class = CommentFilter
    lookup_value_converter = "uuid"
    verbs: ClassVar = {
        "update": Verb.COMMENT,
        "partial_update": Verb.COMMENT,
        "destroy": Verb.COMMENT,
    }

    @extend_schema(
        request=NewCommentSerializer, responses={200: CommentSerializer, 201: CommentSerializer}
    )
    def update(self, request: Request, pk: Any = None) -> Response:
        """Say something: begin a thread, pinned to a nucleus or a place, or answer in one."""
        serializer = NewCommentSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        fields["parent"] = fields.pop("thread", None)
        verb = self.verbs["update"]
        image = get_permitted(Image.objects, user=request.user, verb=verb, pk=fields.pop("image"))
        comment, created = add_comment(user=request.user, image=image, id=pk, **fields)
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(self.present(comment), status=code)

    @extend_schema(request=ResolutionSerializer, responses=CommentSerializer)
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Settle a thread, or open it again."""
        comment = self.get_object()
        serializer = ResolutionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        resolve_thread(user=request.user, comment=comment, **serializer.validated_data)
        return Response(self.present(comment))

    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Take your comment back; with the first one goes its thread."""
        delete_comment(user=request.user, comment=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
