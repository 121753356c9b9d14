from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from annotations.api.pagination import NewestFirst
from annotations.api.signed_in import InPerson
from annotations.exceptions import NotFound
from annotations.models import PersonalToken
from annotations.services.personal_token import make_token, revoke_token


class TokenSerializer(serializers.ModelSerializer[PersonalToken]):
    days = serializers.IntegerField(
        min_value=1,
        max_value=3650,
        allow_null=True,
        default=90,
        write_only=True,
        help_text="It expires after so many days; null: never.",
    )

    class Meta:
        model = PersonalToken
        fields = ("id", "name", "scope", "days", "created_at", "expires_at", "last_used_at")
        read_only_fields = ("expires_at", "last_used_at")


class NewTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="Shown this once.")

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "token")  # type: ignore[assignment]


class TokenViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Your keys to the API, for scripts: `Authorization: Token …`.

    Only for those who have logged in: a token makes no tokens.
    """

    permission_classes = (InPerson,)
    queryset = PersonalToken.objects.all()
    serializer_class = TokenSerializer
    pagination_class = NewestFirst
    lookup_value_converter = "int"

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return PersonalToken.objects.none()
        return PersonalToken.objects.of(self.request.user)

    def get_object(self) -> PersonalToken:
        row = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise NotFound(_("There is no such thing here, or it is not shared with you."))
        return row

    @extend_schema(responses={201: NewTokenSerializer})
    def create(self, request: Request) -> Response:
        """Make a token. The answer is the only one that shows it."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row, token = make_token(user=request.user, **serializer.validated_data)
        body = {**self.get_serializer(row).data, "token": token}
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Revoke it: it opens nothing any more."""
        revoke_token(token=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
