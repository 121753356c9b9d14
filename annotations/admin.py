"""Every row for administrators. People work in the pages and the API, which check roles."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from annotations import computed_admin as computed_admin  # its tables register themselves
from annotations.models import (
    Batch,
    Click,
    Comment,
    Dataset,
    Event,
    Export,
    GroupAccess,
    Image,
    ImportJob,
    Invitation,
    LabelClass,
    Mask,
    MaskWrite,
    Membership,
    Notice,
    PersonalToken,
    Preference,
    Prompt,
    SavedView,
    SecurityEvent,
    Verdict,
)
from annotations.services.dataset import delete_dataset, restore_dataset
from annotations.services.image import delete_image, restore_image
from annotations.services.job import delete_job
from annotations.services.label_class import delete_class, restore_class
from annotations.services.mask import delete_mask
from annotations.services.purge import purge_class, purge_dataset, purge_image
from annotations.versioned_admin import TrashAdmin, VersionedAdmin


class MembershipInline(admin.TabularInline):
    model = Membership
    exclude = ["version"]
    raw_id_fields = ["user"]
    extra = 0


class LabelClassInline(admin.TabularInline):
    model = LabelClass
    exclude = ["version"]
    extra = 0


@admin.register(Dataset)
class DatasetAdmin(TrashAdmin):
    list_display = ["name", "image_count", "licence", "created_by", "created_at", "deleted_at"]
    noun = "dataset"
    to_trash = staticmethod(delete_dataset)
    out_of_trash = staticmethod(restore_dataset)
    purge = staticmethod(purge_dataset)
    list_select_related = ["created_by"]
    search_fields = ["name", "description"]
    raw_id_fields = ["created_by"]
    readonly_fields = ["image_count", "created_at"]
    inlines = [MembershipInline, LabelClassInline]


@admin.register(Membership)
class MembershipAdmin(VersionedAdmin):
    list_display = ["user", "dataset", "role"]
    list_filter = ["role"]
    list_select_related = ["user", "dataset"]
    search_fields = ["user__username", "dataset__name"]
    raw_id_fields = ["user", "dataset"]


@admin.register(Preference)
class PreferenceAdmin(admin.ModelAdmin):
    list_display = ["user", "language", "tour_seen"]
    list_filter = ["language"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    raw_id_fields = ["user"]


@admin.register(GroupAccess)
class GroupAccessAdmin(VersionedAdmin):
    """Made and changed on a dataset's page of members, where memberships follow."""

    list_display = ["group", "dataset", "role"]
    list_filter = ["role"]
    list_select_related = ["group", "dataset"]
    search_fields = ["group__name", "dataset__name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    """Withdrawn on a dataset's page of members; to do it here, set when."""

    list_display = ["dataset", "role", "email", "created_by", "expires_at", "uses", "revoked_at"]
    list_select_related = ["dataset", "created_by"]
    search_fields = ["dataset__name", "email", "created_by__username"]
    fields = ["dataset", "role", "email", "created_by", "expires_at", "most_uses", "revoked_at"]
    readonly_fields = ["dataset", "role", "email", "created_by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Its link could not be shown."""
        return False


@admin.register(PersonalToken)
class PersonalTokenAdmin(admin.ModelAdmin):
    list_display = ["name", "user", "scope", "created_at", "expires_at", "last_used_at"]
    list_filter = ["scope"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    fields = ["user", "name", "scope", "expires_at", "last_used_at"]
    readonly_fields = ["user", "name", "scope", "last_used_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only its person may know it."""
        return False


@admin.register(LabelClass)
class LabelClassAdmin(TrashAdmin):
    list_display = ["name", "dataset", "color", "position", "deleted_at"]
    noun = "label_class"
    to_trash = staticmethod(delete_class)
    out_of_trash = staticmethod(restore_class)
    purge = staticmethod(purge_class)
    list_select_related = ["dataset"]
    search_fields = ["name", "dataset__name"]
    raw_id_fields = ["dataset"]


@admin.register(Image)
class ImageAdmin(TrashAdmin):
    list_display = ["name", "dataset", "status", "width", "height", "mask_count", "deleted_at"]
    list_filter = ["status", "format", ("deleted_at", admin.EmptyFieldListFilter)]
    noun = "image"
    to_trash = staticmethod(delete_image)
    out_of_trash = staticmethod(restore_image)
    purge = staticmethod(purge_image)
    list_select_related = ["dataset"]
    search_fields = ["name", "sha256", "dataset__name"]
    raw_id_fields = ["dataset", "assignee", "created_by"]
    readonly_fields = [
        # Moves leave an event each, which a form would not.
        "status",
        "annotator",
        "reviewer",
        "submitted_at",
        "sha256",
        "original",
        "pixels",
        "thumbnail",
        "mask_count",
        "created_at",
    ]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Images come with files, through an upload."""
        return False


@admin.register(Prompt)
class PromptAdmin(admin.ModelAdmin):
    list_display = ["prediction_id", "image", "status", "created_by", "created_at"]
    list_select_related = ["image", "prediction", "created_by"]
    search_fields = ["prediction__id", "image__name", "created_by__username"]
    raw_id_fields = ["prediction", "image", "created_by"]
    show_full_result_count = False

    @admin.display(description="status")
    def status(self, prompt: Prompt) -> str:
        return prompt.prediction.status


@admin.register(Click)
class ClickAdmin(admin.ModelAdmin):
    list_display = ["id", "image", "x", "y", "positive", "created_by", "created_at"]
    list_filter = ["positive"]
    list_select_related = ["image", "created_by"]
    search_fields = ["id", "image__name", "created_by__username"]
    raw_id_fields = ["image", "prediction", "created_by"]
    show_full_result_count = False


@admin.register(Mask)
class MaskAdmin(VersionedAdmin):
    list_display = ["id", "image", "label_class", "area", "origin", "updated_by", "deleted_at"]
    list_filter = ["origin", ("deleted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["image", "label_class", "updated_by"]
    search_fields = ["id", "image__name", "updated_by__username"]
    raw_id_fields = ["image", "label_class", "prediction", "created_by", "updated_by"]
    readonly_fields = [
        "x",
        "y",
        "width",
        "height",
        "counts",
        "area",
        "created_at",
        "updated_at",
        "deleted_at",
    ]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Masks are drawn, accepted or imported."""
        return False

    def delete_model(self, request: HttpRequest, obj: Mask) -> None:
        """As people delete: counted, and open to be restored."""
        delete_mask(user=request.user, mask=obj, version=obj.version)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Mask]) -> None:
        for mask in queryset:
            self.delete_model(request, mask)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mask]:
        """Run-length codes of thousands of masks do not belong in a list."""
        return super().get_queryset(request).defer("counts")


@admin.register(MaskWrite)
class MaskWriteAdmin(admin.ModelAdmin):
    list_display = ["id", "mask_id"]
    search_fields = ["id"]
    raw_id_fields = ["mask"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are marks of writes, which come through the API."""
        return False


@admin.register(Batch)
class BatchAdmin(VersionedAdmin):
    list_display = ["name", "dataset", "due_on", "created_by"]
    list_select_related = ["dataset", "created_by"]
    search_fields = ["name", "dataset__name"]
    raw_id_fields = ["dataset", "created_by"]
    show_full_result_count = False


class FromThePagesAdmin(admin.ModelAdmin):
    """To look at: what it takes to change one of these is in the services."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Comment)
class CommentAdmin(FromThePagesAdmin):
    list_display = ["text", "image", "author", "created_at", "resolved_at", "deleted_at"]
    list_select_related = ["image", "author"]
    search_fields = ["text", "image__name", "author__username"]


@admin.register(Verdict)
class VerdictAdmin(FromThePagesAdmin):
    list_display = ["mask_id", "image", "choice", "mask_version", "by", "at"]
    list_select_related = ["image", "by"]
    search_fields = ["image__name", "by__username"]


@admin.register(Notice)
class NoticeAdmin(FromThePagesAdmin):
    list_display = ["person", "kind", "actor", "dataset", "image", "run", "created_at", "read_at"]
    list_select_related = ["person", "actor", "dataset", "image", "run"]
    search_fields = ["person__username", "dataset__name"]


@admin.register(SavedView)
class SavedViewAdmin(FromThePagesAdmin):
    list_display = ["name", "user", "dataset", "query"]
    list_select_related = ["user", "dataset"]
    search_fields = ["name", "user__username", "dataset__name"]


class AppendOnlyAdmin(admin.ModelAdmin):
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Events are written by what they tell of."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What has happened stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What has happened stays."""
        return False


@admin.register(Event)
class EventAdmin(AppendOnlyAdmin):
    list_display = ["id", "at", "kind", "actor", "dataset", "image", "mask"]
    list_select_related = ["actor", "dataset", "image"]
    search_fields = ["kind", "image__name", "actor__username"]


@admin.register(SecurityEvent)
class SecurityEventAdmin(AppendOnlyAdmin):
    list_display = ["id", "at", "kind", "name", "actor", "address", "dataset"]
    list_select_related = ["actor", "dataset"]
    search_fields = ["kind", "name", "address"]


@admin.register(Export, ImportJob)
class JobAdmin(admin.ModelAdmin):
    list_display = ["id", "dataset", "format", "status", "progress", "created_by", "created_at"]
    list_filter = ["status", "format"]
    list_select_related = ["dataset", "created_by"]
    search_fields = ["dataset__name", "created_by__username"]
    raw_id_fields = ["dataset", "created_by"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Jobs are started by people's requests, which also send them to a worker."""
        return False

    def delete_model(self, request: HttpRequest, obj: Export | ImportJob) -> None:
        """Delete the files too."""
        delete_job(job=obj)

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Export] | QuerySet[ImportJob]
    ) -> None:
        for job in queryset:
            delete_job(job=job)


admin.site.site_header = "SPPNet Annotate"
admin.site.site_title = "SPPNet Annotate"
