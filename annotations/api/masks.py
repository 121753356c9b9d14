from typing import Any, ClassVar
from uuid import UUID

from django.db.models import BigIntegerField
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.filters import BoxFilter, IdFilter
from annotations.api.pagination import MaskPagination
from annotations.api.people import UNNAMED, unnamed
from annotations.api.permissions import DatasetScopedViewSet
from annotations.api.wire_mask import BboxField, CountsField
from annotations.models import Image, Mask
from annotations.permissions import MANAGERS, Verb, get_permitted
from annotations.services.mask import delete_mask, save_mask

REVISION = "An id that you make for this write. A repeat of it does nothing, however late it comes."


class MaskSerializer(serializers.ModelSerializer[Mask]):
    image = serializers.IntegerField(source="image_id", read_only=True)
    label_class = serializers.IntegerField(source="label_class_id", allow_null=True, read_only=True)
    bbox = BboxField(read_only=True)
    prediction = serializers.UUIDField(source="prediction_id", allow_null=True, read_only=True)
    author = serializers.IntegerField(
        source="created_by_id", read_only=True, help_text="Whose mask it is; named by its image."
    )
    conflict_with = serializers.UUIDField(
        source="conflict_with_id",
        allow_null=True,
        read_only=True,
        help_text="The mask of which this is a copy, kept until somebody decides between the two.",
    )
    created_by = serializers.CharField(source="created_by.username", read_only=True)
    updated_by = serializers.CharField(source="updated_by.username", read_only=True)

    class Meta:
        model = Mask
        fields = (
            "id",
            "image",
            "label_class",
            "bbox",
            "counts",
            "area",
            "origin",
            "prediction",
            "score",
            "conflict_with",
            "author",
            "created_by",
            "updated_by",
            "created_at",
            "updated_at",
            "deleted_at",
            "version",
        )

    def to_representation(self, mask: Any) -> dict[str, Any]:
        """Without names, where the dataset is blind and the mask somebody else's."""
        fields: dict[str, Any] = super().to_representation(mask)
        reader = self.context["request"].user
        if mask.blind and mask.my_role not in MANAGERS:
            for name in ("created_by", "updated_by"):
                if getattr(mask, f"{name}_id") != reader.pk:
                    fields[name] = unnamed()
            if mask.created_by_id != reader.pk:
                fields["author"] = UNNAMED
        return fields


class MaskToSaveSerializer(serializers.Serializer[Any]):
    image = serializers.IntegerField()
    label_class = serializers.IntegerField(allow_null=True, required=False)
    bbox = BboxField()
    counts = CountsField()
    origin = serializers.ChoiceField(Mask.Origin.choices)
    prediction = serializers.UUIDField(allow_null=True, required=False)
    score = serializers.FloatField(min_value=0, max_value=1, allow_null=True, required=False)
    conflict_with = serializers.UUIDField(allow_null=True, required=False)
    version = serializers.IntegerField(min_value=0, help_text="0 to create or to restore.")
    revision = serializers.UUIDField(required=False, help_text=REVISION)
    restores = serializers.IntegerField(
        min_value=0,
        max_value=BigIntegerField.MAX_BIGINT,
        required=False,
        allow_null=True,
        help_text="The event of the timeline whose state this is again, if it is.",
    )


class DeletionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=1)
    revision = serializers.UUIDField(required=False)


class MaskFilter(filters.FilterSet):
    image = IdFilter(field_name="image_id")
    bbox = BoxFilter(
        label="Only masks whose box meets this part of the image: x,y,width,height in pixels."
    )


class MaskViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """What people say the nuclei are. The browser makes the ids, so that retries are harmless."""

    queryset = Mask.objects.for_readers()
    serializer_class = MaskSerializer
    filterset_class = MaskFilter
    pagination_class = MaskPagination
    lookup_value_converter = "uuid"
    verbs: ClassVar = {"update": Verb.ANNOTATE, "destroy": Verb.ANNOTATE}

    def get_queryset(self) -> Any:
        masks = super().get_queryset()
        # A repeated DELETE, and the answer to a stale write, are about deleted masks too.
        return masks.live() if self.action in ("list", "retrieve") else masks

    @extend_schema(
        request=MaskToSaveSerializer, responses={200: MaskSerializer, 201: MaskSerializer}
    )
    def update(self, request: Request, pk: Any = None) -> Response:
        """Create or restore (version 0) or change (the version that you saw) a mask.

        Repeating a request answers 200 with the mask as it is now, which may be deleted.
        A stale version gets 409 and the current state.
        """
        serializer = MaskToSaveSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        image = get_permitted(
            Image.objects,
            user=request.user,
            verb=self.verbs["update"],
            pk=fields.pop("image"),
        )
        mask, created = save_mask(user=request.user, image=image, id=pk, **fields)
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(self.present(mask), status=code)

    @extend_schema(
        parameters=[
            OpenApiParameter("version", int, required=True),
            OpenApiParameter("revision", UUID, description=REVISION),
        ]
    )
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Delete a mask, given the version that you saw. PUT with version 0 restores it."""
        mask = self.get_object()
        serializer = DeletionSerializer(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        delete_mask(user=request.user, mask=mask, **serializer.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
