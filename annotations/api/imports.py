from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.filters import IdFilter
from annotations.api.pagination import NewestFirst
from annotations.api.people import maker_told
from annotations.api.permissions import DatasetScopedViewSet
from annotations.models import ImportJob
from annotations.permissions import Verb
from annotations.services.import_job import create_import
from annotations.services.job import stop_or_remove


class SkippedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    why = serializers.CharField()


class ReportSerializer(serializers.Serializer[Any]):
    images_matched = serializers.IntegerField()
    masks_created = serializers.IntegerField()
    skipped = SkippedSerializer(many=True)


class ImportSerializer(serializers.ModelSerializer[ImportJob]):
    dataset = serializers.IntegerField(source="dataset_id", read_only=True)
    created_by = serializers.SerializerMethodField()
    report = serializers.SerializerMethodField()

    class Meta:
        model = ImportJob
        fields = (
            "id",
            "dataset",
            "format",
            "file_name",
            "status",
            "progress",
            "error",
            "report",
            "created_by",
            "created_at",
        )
        read_only_fields = fields

    def get_created_by(self, job: Any) -> str:
        return maker_told(job, reader=self.context["request"].user)

    @extend_schema_field(ReportSerializer(allow_null=True))
    def get_report(self, job: ImportJob) -> dict[str, Any] | None:
        return job.report or None


class NewImportSerializer(serializers.Serializer[Any]):
    dataset = serializers.IntegerField()
    format = serializers.ChoiceField(ImportJob.Format.choices)
    file = serializers.FileField(
        allow_empty_file=True,
        max_length=1000,
        help_text="COCO JSON, or a zip of label PNGs, or one label PNG.",
    )


class ImportFilter(filters.FilterSet):
    dataset = IdFilter(field_name="dataset_id")
    status = filters.ChoiceFilter(choices=ImportJob.Status.choices)


class ImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """Masks from files; workers bring them in, all of a file or none."""

    queryset = ImportJob.objects.select_related("dataset", "created_by")
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    pagination_class = NewestFirst
    parser_classes = (MultiPartParser,)
    verbs: ClassVar = {"create": Verb.IMPORT, "destroy": Verb.IMPORT}

    @extend_schema(
        request={"multipart/form-data": NewImportSerializer}, responses={201: ImportSerializer}
    )
    def create(self, request: Request) -> Response:
        """Upload a file of masks for images that the dataset has."""
        serializer = NewImportSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        dataset = self.get_dataset(fields.pop("dataset"))
        job = create_import(user=request.user, dataset=dataset, **fields)
        return Response(self.present(job), status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Cancel it if it is not finished, else remove it from the list; its masks stay."""
        stop_or_remove(user=request.user, job=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
