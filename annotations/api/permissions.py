"""Roles at the door of the API. The table itself is in annotations/permissions.py."""

from typing import Any, ClassVar

from django.http import Http404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.serializers import ValidationError
from rest_framework.viewsets import GenericViewSet

from annotations.api.signed_in import SignedIn
from annotations.models import Dataset
from annotations.permissions import (
    Verb,
    absence,
    get_permitted,
    require,
    require_administrator,
)

READS = {"list": Verb.VIEW, "retrieve": Verb.VIEW}


class RolePermission(BasePermission):
    """A member needs a role that includes the verb of the view's action."""

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        """`obj` comes from a visible_to queryset, so it carries `my_role`."""
        require(obj, (READS | view.verbs)[view.action], user=request.user)
        return True


class AdministratorPermission(BasePermission):
    """What concerns the whole site is for its administrators.

    A view's `open_to_all` names the actions that are for everybody.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.action not in getattr(view, "open_to_all", ()):
            require_administrator(request.user)
        return True


class DatasetScopedViewSet(GenericViewSet):
    """Rows of the datasets of which the person is a member; the rest does not exist for them.

    `verbs` names what each action beyond reading requires; an action that it forgets fails.
    """

    permission_classes = (SignedIn, RolePermission)
    verbs: ClassVar[dict[str, Verb]] = {}
    lookup_value_converter = "int"

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.visible_to(self.request.user)

    def get_object(self) -> Any:
        try:
            return super().get_object()
        except Http404 as error:
            rows: Any = super().get_queryset()
            raise absence(rows, user=self.request.user, pk=self.kwargs["pk"]) from error

    def get_dataset(self, pk: int) -> Dataset:
        """The dataset in which this action is to create something."""
        verb = self.verbs[self.action]
        return get_permitted(Dataset.objects, user=self.request.user, verb=verb, pk=pk)

    def fields_of_new(self) -> dict[str, Any]:
        """The validated body of a request to create a row."""
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return {k: v for k, v in serializer.validated_data.items() if k != "version"}

    def changes(self, *, fixed: tuple[str, ...] = ()) -> dict[str, Any]:
        """The validated body of a PATCH, with the version that it is based on.

        Fields named in `fixed` are set once, when the row is created.
        """
        serializer = self.get_serializer(data=self.request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changes: dict[str, Any] = serializer.validated_data
        if "version" not in changes:
            raise ValidationError({"version": ["Send the version that you saw."]})
        for name in fixed:
            if name in changes:
                raise ValidationError({name: ["This cannot be changed."]})
        return changes

    def present(self, row: Any) -> dict[str, Any]:
        """The JSON of a row as it is now, with everything that the queryset adds."""
        return self.get_serializer(self.get_queryset().get(pk=row.pk)).data
