from typing import Any, ClassVar

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import generics, mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.pagination import NewestFirst
from annotations.api.permissions import DatasetScopedViewSet
from annotations.models import Dataset, Invitation
from annotations.permissions import Verb, get_permitted
from annotations.services.invitation import invite, send_invitation, withdraw_invitation

MOST_DAYS = 365
MOST_USES = 1_000


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    dataset = serializers.IntegerField(source="dataset_id", read_only=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True)
    days = serializers.IntegerField(
        min_value=1, max_value=MOST_DAYS, default=7, write_only=True, help_text="It is good for."
    )
    most_uses = serializers.IntegerField(
        min_value=1,
        max_value=MOST_USES,
        allow_null=True,
        default=1,
        help_text="Null: any number. One that goes to an address is for one person.",
    )

    class Meta:
        model = Invitation
        fields = (
            *("id", "dataset", "role", "email", "days", "most_uses", "uses", "created_by"),
            *("created_at", "expires_at", "revoked_at"),
        )
        read_only_fields = ("uses", "expires_at", "revoked_at")


class NewInvitationSerializer(InvitationSerializer):
    link = serializers.CharField(help_text="Shown this once.")
    mailed = serializers.BooleanField(help_text="Whether it is on its way to the address.")

    class Meta(InvitationSerializer.Meta):
        fields = (*InvitationSerializer.Meta.fields, "link", "mailed")  # type: ignore[assignment]


class InvitationsView(generics.ListAPIView[Invitation]):
    """The links that let people into a dataset."""

    serializer_class = InvitationSerializer
    pagination_class = NewestFirst
    filterset_class = None

    def get_queryset(self) -> Any:
        rows = Invitation.objects.valid().select_related("created_by")
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.filter(dataset=self._dataset())

    @extend_schema(operation_id="datasets_invitations")
    def get(self, request: Request, pk: int) -> Response:
        """Those that are still good."""
        return self.list(request)

    @extend_schema(operation_id="datasets_invite", responses={201: NewInvitationSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Make one, and mail it if it has an address. The answer is the only one with the link."""
        dataset = self._dataset()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row, secret = invite(user=request.user, dataset=dataset, **serializer.validated_data)
        link = request.build_absolute_uri(reverse("join", args=[secret]))
        mailed = bool(row.email) and send_invitation(invitation=row, link=link)
        body = {**self.get_serializer(row).data, "link": link, "mailed": mailed}
        return Response(body, status=status.HTTP_201_CREATED)

    def _dataset(self) -> Any:
        pk = self.kwargs["pk"]
        return get_permitted(Dataset.objects, user=self.request.user, verb=Verb.MANAGE, pk=pk)


class InvitationViewSet(mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """One of them, good or not."""

    queryset = Invitation.objects.select_related("created_by")
    serializer_class = InvitationSerializer
    verbs: ClassVar = {"destroy": Verb.MANAGE}

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Withdraw it: the link is good for nothing any more. Who came by it stays."""
        withdraw_invitation(user=request.user, invitation=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
