from typing import Any

from django.contrib.auth.models import Group
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from annotations.api.people import PersonSerializer
from annotations.api.permissions import AdministratorPermission
from annotations.api.signed_in import SignedIn
from annotations.exceptions import NotFound
from annotations.permissions import require_administrator
from annotations.services.group import add_to_group, remove_from_group


class PeopleGroupSerializer(serializers.ModelSerializer[Group]):
    people = PersonSerializer(source="user_set", many=True, read_only=True)

    class Meta:
        model = Group
        fields = ("id", "name", "people")


class NewPersonSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)


class GroupViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet,
):
    """Groups of people, which datasets then let in as one. For administrators of the site."""

    permission_classes = (SignedIn, AdministratorPermission)
    queryset = Group.objects.prefetch_related("user_set")
    serializer_class = PeopleGroupSerializer
    filterset_class = None
    lookup_value_converter = "int"


class GroupPeopleView(APIView):
    """Who is in a group."""

    @extend_schema(
        request=NewPersonSerializer,
        responses={201: PersonSerializer},
        operation_id="groups_add_person",
    )
    def post(self, request: Request, pk: int) -> Response:
        """Put somebody into it, and with it into the datasets that it is in."""
        require_administrator(request.user)
        serializer = NewPersonSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        group = _group(pk)
        person = add_to_group(user=request.user, group=group, **serializer.validated_data)
        return Response(PersonSerializer(person).data, status=status.HTTP_201_CREATED)


class GroupPersonView(APIView):
    """One of them."""

    @extend_schema(responses={204: None}, operation_id="groups_remove_person")
    def delete(self, request: Request, pk: int, person: int) -> Response:
        """Take them out of the group, and of the datasets in which they are only with it."""
        require_administrator(request.user)
        remove_from_group(user=request.user, group=_group(pk), person_id=person)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _group(pk: int) -> Group:
    group = Group.objects.filter(pk=pk).first()
    if group is None:
        raise NotFound("There is no such group.")
    return group
