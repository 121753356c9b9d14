"""How administrators change and delete rows that people work with: by the rules of the services."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from annotations.models import Dataset, Image, LabelClass, Membership
from annotations.models.versioned import Versioned
from annotations.services.event import record_event

NOUNS: dict[type[Model], str] = {
    Dataset: "dataset",
    Image: "image",
    LabelClass: "class",
    Membership: "member",
}


class VersionedAdmin(admin.ModelAdmin):
    """Counts versions and tells of changes like the services, so that older writes are stale."""

    exclude = ["version"]

    def save_model(self, request: HttpRequest, obj: Versioned, form: Any, change: bool) -> None:
        if change:
            obj.version += 1
        super().save_model(request, obj, form, change)
        _tell(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.save(commit=False):
            if row.pk is not None:
                row.version += 1
        super().save_formset(request, form, formset, change)
        for row_form in formset.forms:
            if row_form.has_changed() and row_form not in formset.deleted_forms:
                _tell(request, row_form.instance, row_form, row_form in formset.initial_forms)


class TrashAdmin(VersionedAdmin):
    """Deleting puts a row into the trash; deleting what is there removes it for good."""

    list_filter = [("deleted_at", admin.EmptyFieldListFilter)]
    actions = ["restore"]
    # Three services, and what they call such a row.
    noun: ClassVar[str]
    to_trash: ClassVar[Callable[..., Any]]
    out_of_trash: ClassVar[Callable[..., Any]]
    purge: ClassVar[Callable[..., Any]]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """All of them, unlike the model's first manager."""
        rows: QuerySet[Any] = self.model._base_manager.order_by(*self.model._meta.ordering)
        return rows

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The rows themselves: what belongs to them goes where they go."""
        return [str(row) for row in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        service = self.purge if obj.deleted_at else self.to_trash
        service(user=request.user, **{self.noun: obj})

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    @admin.action(description="Take selected rows out of the trash", permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset.filter(deleted_at__isnull=False):
            self.out_of_trash(user=request.user, **{self.noun: row})


def _tell(request: HttpRequest, row: Any, form: Any, change: bool) -> None:
    """Record what an administrator changed, or that they made the row."""
    noun = NOUNS.get(type(row))
    if noun is None or not (form.changed_data or not change):
        return
    changed = {
        name: [str(form.initial.get(name, "")), str(form.cleaned_data[name])]
        for name in form.changed_data
        if name in form.cleaned_data
    }
    made = "added" if noun == "member" else "created"
    record_event(
        kind=f"{noun}.{'changed' if change else made}",
        actor=request.user,
        dataset=row if noun == "dataset" else row.dataset,
        image=row if noun == "image" else None,
        data=changed | {"name": str(row)},
    )
