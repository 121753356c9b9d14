from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from annotations.api.files import DiskFileResponse
from annotations.api.filters import IdFilter
from annotations.api.pagination import NewestFirst
from annotations.api.people import maker_told
from annotations.api.permissions import DatasetScopedViewSet
from annotations.models import Export
from annotations.permissions import Verb
from annotations.services.export import create_export, open_export
from annotations.services.job import stop_or_remove


class ExportSerializer(serializers.ModelSerializer[Export]):
    dataset = serializers.IntegerField(source="dataset_id")
    created_by = serializers.SerializerMethodField()
    download_url = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = (
            "id",
            "dataset",
            "format",
            "status",
            "progress",
            "error",
            "download_url",
            "created_by",
            "created_at",
        )
        read_only_fields = ("status", "progress", "error")

    def get_created_by(self, export: Any) -> str:
        return maker_told(export, reader=self.context["request"].user)

    def get_download_url(self, export: Export) -> str | None:
        if export.status != Export.Status.DONE:
            return None
        return reverse("export-download", args=[export.pk])


class ExportFilter(filters.FilterSet):
    dataset = IdFilter(field_name="dataset_id")
    status = filters.ChoiceFilter(choices=Export.Status.choices)


class ExportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """Datasets as files to take away; workers make them."""

    queryset = Export.objects.select_related("dataset", "created_by")
    serializer_class = ExportSerializer
    filterset_class = ExportFilter
    pagination_class = NewestFirst
    verbs: ClassVar = {"create": Verb.EXPORT, "destroy": Verb.EXPORT, "download": Verb.EXPORT}

    def create(self, request: Request) -> Response:
        """Ask for an export of a dataset as it is now."""
        fields = self.fields_of_new()
        dataset = self.get_dataset(fields["dataset_id"])
        export = create_export(user=request.user, dataset=dataset, format=fields["format"])
        return Response(self.present(export), status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Cancel it if it is not finished, else remove it with its file."""
        stop_or_remove(user=request.user, job=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def download(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """The file of a finished export."""
        path, name = open_export(user=request.user, export=self.get_object())
        response = DiskFileResponse(path.open("rb"), as_attachment=True, filename=name)
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response
