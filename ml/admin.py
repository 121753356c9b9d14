from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ml.models import Checkpoint, Conversion, Encoding, Prediction, Promotion, TrainingRun
from ml.training_queue import cancel_training


@admin.register(Checkpoint)
class CheckpointAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "is_active", "sha256", "created_at")
    search_fields = ("name", "sha256")
    readonly_fields = (
        *("sha256", "kind", "metadata", "is_active", "parent", "size_bytes"),
        *("created_by_name", "created_at", "deleted_at"),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # others name it; the page Models deletes the weights alone


@admin.register(Conversion)
class ConversionAdmin(admin.ModelAdmin):
    list_display = ("file_name", "status", "checkpoint", "created_by_name", "created_at")
    list_filter = ("status",)
    list_select_related = ("checkpoint",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the page Models takes the file

    has_change_permission = lambda self, request, obj=None: False  # noqa: E731


@admin.register(Promotion)
class PromotionAdmin(admin.ModelAdmin):
    list_display = ("created_at", "scope", "checkpoint", "by_name", "reason", "is_current")
    list_filter = ("is_current",)
    list_select_related = ("checkpoint",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # what has happened; the page Models promotes

    has_change_permission = has_delete_permission = lambda self, request, obj=None: False


@admin.register(Encoding)
class EncodingAdmin(admin.ModelAdmin):
    list_display = ("image_sha256", "checkpoint", "status", "error", "updated_at")
    list_filter = ("status",)
    list_select_related = ("checkpoint",)
    search_fields = ("image_sha256",)
    raw_id_fields = ("checkpoint",)


@admin.register(Prediction)
class PredictionAdmin(admin.ModelAdmin):
    show_full_result_count = False
    list_display = ("id", "topic", "status", "score", "latency_ms", "checkpoint", "created_at")
    list_filter = ("status",)
    list_select_related = ("checkpoint",)
    search_fields = ("id", "topic", "image_sha256")
    raw_id_fields = ("checkpoint",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prediction]:
        # A page of prompts would else fetch the masks of a hundred images.
        return super().get_queryset(request).defer("proposals", "mask", "prior")


@admin.register(TrainingRun)
class TrainingRunAdmin(admin.ModelAdmin):
    list_display = ("id", "status", "progress", "checkpoint_from", "checkpoint_to", "created_at")
    list_filter = ("status",)
    list_select_related = ("checkpoint_from", "checkpoint_to")
    raw_id_fields = ("checkpoint_from", "checkpoint_to")
    actions = ("cancel",)

    @admin.action(description="Cancel")
    def cancel(self, request: HttpRequest, queryset: QuerySet[TrainingRun]) -> None:
        cancelled = sum(cancel_training(run=run) for run in queryset)
        self.message_user(request, f"{cancelled} training runs were cancelled.")
