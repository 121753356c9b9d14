from typing import Any, ClassVar

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.label_classes import LabelClassSerializer
from annotations.api.pagination import NewestFirst
from annotations.api.permissions import DatasetScopedViewSet
from annotations.markdown import to_html
from annotations.models import Dataset, LabelClass, Role
from annotations.permissions import Verb, get_permitted
from annotations.services.dataset import (
    create_dataset,
    delete_dataset,
    restore_dataset,
    update_dataset,
)


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    role = serializers.ChoiceField(Role.choices, source="my_role", read_only=True)
    classes = LabelClassSerializer(many=True, read_only=True)
    deleted_classes = LabelClassSerializer(
        many=True, read_only=True, help_text="In the trash; masks may still have them."
    )
    instructions_html = serializers.SerializerMethodField()
    version = serializers.IntegerField(min_value=1, required=False)

    class Meta:
        model = Dataset
        fields = (
            "id",
            "name",
            "description",
            "licence",
            "overlap_rule",
            "next_by",
            "review_required",
            "independent_review",
            "blind",
            "instructions",
            "instructions_html",
            "role",
            "image_count",
            "classes",
            "deleted_classes",
            "version",
            "created_at",
        )

    def get_instructions_html(self, dataset: Dataset) -> str:
        """The instructions, made of their Markdown, safe to show."""
        return to_html(dataset.instructions)


class DatasetViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """Datasets of which you are a member. Whoever creates one owns it."""

    queryset = Dataset.objects.prefetch_related(
        "classes", Prefetch("classes", LabelClass.trash.all(), to_attr="deleted_classes")
    )
    serializer_class = DatasetSerializer
    pagination_class = NewestFirst
    verbs: ClassVar = {
        "create": Verb.OWN,
        "partial_update": Verb.MANAGE,
        "destroy": Verb.OWN,
        "restore": Verb.OWN,
    }

    def create(self, request: Request) -> Response:
        """Create a dataset, with one class to begin with."""
        dataset = create_dataset(user=request.user, **self.fields_of_new())
        return Response(self.present(dataset), status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Change its words or its rule on overlapping masks, given the version that you saw."""
        dataset = update_dataset(user=request.user, dataset=self.get_object(), **self.changes())
        return Response(self.present(dataset))

    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Put the dataset into the trash."""
        delete_dataset(user=request.user, dataset=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: Any = None) -> Response:
        """Take a dataset out of the trash."""
        row = get_permitted(Dataset.trash, user=request.user, verb=self.verbs["restore"], pk=pk)
        return Response(self.present(restore_dataset(user=request.user, dataset=row)))
