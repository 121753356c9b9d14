"""Tables that the app computes, for administrators to look at: `recount` and tasks write them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from annotations.models import (
    Comparison,
    Consensus,
    ImageAgreement,
    NucleiCount,
    PairScore,
    StateCount,
    TrainingPolicy,
    Workday,
)
from annotations.versioned_admin import VersionedAdmin


class ComputedAdmin(admin.ModelAdmin):
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from what they are computed from."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is changed by hand would be wrong."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A row that is gone would be missing in the sums."""
        return False


@admin.register(StateCount)
class StateCountAdmin(ComputedAdmin):
    list_display = ["id", "dataset", "status", "images", "replicated", "replica_for"]
    list_select_related = ["dataset", "replica_for"]
    search_fields = ["dataset__name"]


@admin.register(NucleiCount)
class NucleiCountAdmin(ComputedAdmin):
    list_display = ["id", "dataset", "author", "label_class", "origin", "nuclei"]
    list_select_related = ["dataset", "author", "label_class"]
    search_fields = ["dataset__name", "author__username"]


@admin.register(Workday)
class WorkdayAdmin(ComputedAdmin):
    list_display = ["id", "dataset", "person", "day", "made", "clicks", "seconds"]
    list_select_related = ["dataset", "person"]
    search_fields = ["dataset__name", "person__username"]


@admin.register(Comparison)
class ComparisonAdmin(ComputedAdmin):
    list_display = ["id", "image", "first", "second", "matched", "f1", "pq", "at"]
    list_select_related = ["image", "first", "second"]
    search_fields = ["image__name"]


@admin.register(ImageAgreement)
class ImageAgreementAdmin(ComputedAdmin):
    list_display = ["image", "annotators", "fleiss", "computed_at"]
    list_select_related = ["image"]
    search_fields = ["image__name"]


@admin.register(PairScore)
class PairScoreAdmin(ComputedAdmin):
    list_display = ["id", "dataset", "first", "second", "images"]
    list_select_related = ["dataset", "first", "second"]
    search_fields = ["dataset__name"]


@admin.register(Consensus)
class ConsensusAdmin(ComputedAdmin):
    list_display = ["id", "image", "method", "status", "undone_at", "created_by", "created_at"]
    list_select_related = ["image", "created_by"]
    search_fields = ["image__name"]


@admin.register(TrainingPolicy)
class TrainingPolicyAdmin(VersionedAdmin):
    list_display = ["dataset", "after_nuclei", "minutes", "gate", "auto_promote"]
    list_select_related = ["dataset"]
    search_fields = ["dataset__name"]
    raw_id_fields = ["dataset"]
