from typing import Any, ClassVar

from django.conf import settings
from django.db.models import BigIntegerField
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from annotations.api.files import content_response
from annotations.api.image_filter import ImageFilter
from annotations.api.parsers import JsonParser
from annotations.api.people import PersonSerializer, told
from annotations.api.permissions import DatasetScopedViewSet
from annotations.models import Dataset, Image
from annotations.permissions import Verb, get_permitted, may
from annotations.services.flow import BY_HAND, TABLE, Move, closed_to, refusal
from annotations.services.honeypot import due_honeypot
from annotations.services.image import delete_image, restore_image, update_image, upload_image
from annotations.services.next_image import choose_next, offer_next
from ml.scale import SCALES

# Replicas are no further images, unless they are one's own.
LISTS = ("list", "next_in_need", "offer")
ENCODING_STATES = ["none", "queued", "running", "ready", "failed"]


class ImageSerializer(serializers.ModelSerializer[Image]):
    dataset = serializers.IntegerField(source="dataset_id", read_only=True)
    microns_per_pixel = serializers.FloatField(
        min_value=0.0001, max_value=1000, allow_null=True, required=False
    )
    chosen_scale = serializers.FloatField(
        allow_null=True,
        required=False,
        help_text="By how much the network is to have it enlarged; null: the network chooses.",
    )
    encoding = serializers.ChoiceField(ENCODING_STATES, read_only=True)
    version = serializers.IntegerField(min_value=1, required=False)
    assignee = PersonSerializer(read_only=True, allow_null=True)
    annotator = PersonSerializer(read_only=True, allow_null=True, help_text="Who submitted it.")
    reviewer = PersonSerializer(read_only=True, allow_null=True)
    pixels_url = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()
    channels_url = serializers.SerializerMethodField()

    class Meta:
        model = Image
        fields: tuple[str, ...] = (
            "id",
            "dataset",
            "name",
            "width",
            "height",
            "bit_depth",
            "channels",
            "microns_per_pixel",
            "chosen_scale",
            "scale",
            "status",
            "assignee",
            "annotator",
            "reviewer",
            "submitted_at",
            "batch",
            "due_on",
            "open_threads",
            "encoding",
            "mask_count",
            "sha256",
            "version",
            "created_at",
            "pixels_url",
            "thumbnail_url",
            "channels_url",
        )
        read_only_fields = (
            "status",
            "submitted_at",
            "batch",
            "due_on",
            "open_threads",
            "width",
            "height",
            "bit_depth",
            "channels",
            "mask_count",
            "sha256",
            "scale",
        )

    def validate_chosen_scale(self, scale: float | None) -> float | None:
        if scale is not None and scale not in SCALES:
            raise serializers.ValidationError(
                _("Choose one of %(scales)s.") % {"scales": ", ".join(f"{s:g}" for s in SCALES)}
            )
        return scale

    def to_representation(self, image: Any) -> dict[str, Any]:
        """With people as far as the reader is told of them."""
        fields: dict[str, Any] = super().to_representation(image)
        whose = {"dataset": image.dataset, "role": image.my_role}
        for name in ("assignee", "annotator", "reviewer"):
            person = getattr(image, name)
            fields[name] = told(person, reader=self.context["request"].user, **whose)
        return fields

    def get_pixels_url(self, image: Image) -> str:
        return reverse("image-pixels", args=[image.pk])

    def get_thumbnail_url(self, image: Image) -> str:
        return reverse("image-thumbnail", args=[image.pk])

    def get_channels_url(self, image: Image) -> str | None:
        """Null where the rendition shows all there is."""
        return reverse("image-channels", args=[image.pk]) if image.is_deep else None


class OpenImageSerializer(ImageSerializer):
    """One image as it is opened, with the names that its masks' `author` refers to."""

    authors = serializers.SerializerMethodField()
    closed = serializers.SerializerMethodField()
    moves = serializers.SerializerMethodField()

    class Meta(ImageSerializer.Meta):
        fields = (*ImageSerializer.Meta.fields, "authors", "closed", "moves", "uncertain_tiles")

    @extend_schema_field(PersonSerializer(many=True))
    def get_authors(self, image: Any) -> list[Any]:
        """Whose masks there are."""
        whose = {"dataset": image.dataset, "role": image.my_role}
        people = [
            told(person, reader=self.context["request"].user, **whose) for person in image.authors
        ]
        return list({person["id"]: person for person in people if person}.values())

    def get_closed(self, image: Image) -> str | None:
        """Why you cannot change masks now; null: you can, if your role includes it."""
        return closed_to(user=self.context["request"].user, image=image)

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(Move.choices)))
    def get_moves(self, image: Any) -> list[str]:
        """What you can do with it now: POST to …/submit/ and so on."""
        user = self.context["request"].user
        return [
            move.value
            for move in BY_HAND
            if may(image.my_role, Image, TABLE[move].verb)
            and refusal(user=user, image=image, move=move) is None
        ]


class UploadSerializer(serializers.Serializer[Any]):
    dataset = serializers.IntegerField()
    file = serializers.FileField(
        allow_empty_file=True, max_length=1000, help_text="A PNG, JPEG or TIFF."
    )
    microns_per_pixel = serializers.FloatField(
        min_value=0.0001, max_value=1000, allow_null=True, required=False
    )


class NextSerializer(serializers.Serializer[Any]):
    dataset = serializers.IntegerField(min_value=0, max_value=BigIntegerField.MAX_BIGINT)
    after = serializers.IntegerField(default=0, min_value=0, max_value=BigIntegerField.MAX_BIGINT)


class OfferSerializer(NextSerializer):
    review = serializers.BooleanField(default=False, help_text="One to review, if your role may.")


CONTENT = {(200, "image/*"): OpenApiResponse(OpenApiTypes.BINARY)}


class ImageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """Images of your datasets, and their pixels."""

    queryset = Image.objects.all()
    serializer_class = ImageSerializer
    filterset_class = ImageFilter
    parser_classes = (JsonParser, MultiPartParser)
    verbs: ClassVar = {
        "create": Verb.UPLOAD,
        "partial_update": Verb.ANNOTATE,
        "destroy": Verb.DELETE_IMAGE,
        "restore": Verb.DELETE_IMAGE,
        "pixels": Verb.VIEW,
        "thumbnail": Verb.VIEW,
        "original": Verb.VIEW,
    }

    def get_queryset(self) -> Any:
        images = super().get_queryset().with_encoding().with_people()
        return images.listed() if self.action in LISTS else images

    def get_serializer_class(self) -> Any:
        return OpenImageSerializer if self.action == "retrieve" else ImageSerializer

    @extend_schema(
        request={"multipart/form-data": UploadSerializer}, responses={201: ImageSerializer}
    )
    def create(self, request: Request) -> Response:
        """Upload an image. Its encoding is asked for at once."""
        serializer = UploadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        dataset = self.get_dataset(fields.pop("dataset"))
        image = upload_image(user=request.user, dataset=dataset, **fields)
        return Response(self.present(image), status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[
            OpenApiParameter("dataset", int, required=True),
            OpenApiParameter("after", int, description="The image that is open now."),
        ],
        responses={200: ImageSerializer, 204: None},
    )
    @action(detail=False, url_path="next", pagination_class=None, filterset_class=None)
    def next_in_need(self, request: Request) -> Response:
        """The image that needs your work next, encoded if any such is. 204: there is none."""
        query = NextSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        dataset = get_permitted(
            Dataset.objects, user=request.user, verb=Verb.VIEW, pk=query.validated_data["dataset"]
        )
        images = self.get_queryset().filter(dataset=dataset)
        due = due_honeypot(user=request.user, dataset=dataset, images=images)
        image = due or choose_next(
            user=request.user,
            images=images,
            after=query.validated_data["after"],
            # Whoever only looks on costs no worker's time.
            prepare=may(dataset.my_role, Image, Verb.ANNOTATE),
        )
        if image is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(self.get_serializer(image).data)

    @extend_schema(request=OfferSerializer, responses={200: ImageSerializer, 204: None})
    @next_in_need.mapping.post
    def offer(self, request: Request) -> Response:
        """Give me the next one: as GET, but for two minutes nobody else is given the same image."""
        body = OfferSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        verb = Verb.REVIEW if fields["review"] else Verb.ANNOTATE
        pk = fields.pop("dataset")
        dataset = get_permitted(Dataset.objects, user=request.user, verb=verb, pk=pk)
        images = self.get_queryset().filter(dataset=dataset)
        due = due_honeypot(user=request.user, dataset=dataset, images=images)
        image = due or offer_next(user=request.user, images=images, **fields)
        if image is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(self.get_serializer(image).data)

    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Change name, microns per pixel or the scale chosen, given the version that you saw."""
        if "status" in request.data:
            raise serializers.ValidationError(
                {"status": ["Move the image instead: POST to …/submit/, …/reopen/ and so on."]}
            )
        image = update_image(user=request.user, image=self.get_object(), **self.changes())
        return Response(self.present(image))

    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Put the image into the trash, with its masks."""
        delete_image(user=request.user, image=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: Any = None) -> Response:
        """Take an image out of the trash."""
        row = get_permitted(Image.trash, user=request.user, verb=self.verbs["restore"], pk=pk)
        return Response(self.present(restore_image(user=request.user, image=row)))

    @extend_schema(responses=CONTENT)
    @action(detail=True)
    def pixels(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """The 8-bit RGB rendition, as PNG."""
        image = self.get_object()
        path = settings.MEDIA_ROOT / image.pixels
        return content_response(request, path, etag=f"{image.sha256}-rgb", content_type="image/png")

    @extend_schema(responses=CONTENT)
    @action(detail=True)
    def thumbnail(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """A WebP of at most 256 pixels a side."""
        image = self.get_object()
        path = settings.MEDIA_ROOT / image.thumbnail
        return content_response(
            request, path, etag=f"{image.sha256}-thumb", content_type="image/webp"
        )

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def original(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """The file as it was uploaded, as a download."""
        image = self.get_object()
        return content_response(
            request,
            settings.MEDIA_ROOT / image.original,
            etag=image.sha256,
            content_type="application/octet-stream",
            as_attachment=True,
            filename=image.name,
        )
