from typing import Any, ClassVar

from django_filters import rest_framework as filters
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.filters import IdFilter
from annotations.api.people import told
from annotations.api.permissions import DatasetScopedViewSet
from annotations.models import Membership
from annotations.permissions import Verb
from annotations.services.membership import add_member, change_role, remove_member


class MemberSerializer(serializers.ModelSerializer[Membership]):
    dataset = serializers.IntegerField(source="dataset_id")
    username = serializers.CharField(source="user.username", max_length=150)
    user = serializers.SerializerMethodField(
        help_text="The person's id. 0: a blind dataset does not tell."
    )
    version = serializers.IntegerField(min_value=1, required=False)

    class Meta:
        model = Membership
        fields = ("id", "dataset", "user", "username", "role", "version")

    def get_user(self, member: Any) -> int:
        reader = self.context["request"].user
        person = told(member.user, dataset=member.dataset, role=member.my_role, reader=reader)
        assert person is not None
        return int(person["id"])


class MemberFilter(filters.FilterSet):
    dataset = IdFilter(field_name="dataset_id")


class MemberViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DatasetScopedViewSet):
    """Who belongs to a dataset, and as what. Only owners name owners."""

    queryset = Membership.objects.select_related("dataset", "user")
    serializer_class = MemberSerializer
    filterset_class = MemberFilter
    verbs: ClassVar = {
        "create": Verb.MANAGE,
        "partial_update": Verb.MANAGE,
        "destroy": Verb.MANAGE,
    }

    def create(self, request: Request) -> Response:
        """Make an existing user a member."""
        fields = self.fields_of_new()
        dataset = self.get_dataset(fields["dataset_id"])
        membership = add_member(
            user=self.request.user,
            dataset=dataset,
            username=fields["user"]["username"],
            role=fields["role"],
        )
        return Response(self.present(membership), status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Give a member another role, given the version that you saw."""
        row = self.get_object()
        changes = {"role": row.role} | self.changes(fixed=("dataset_id", "user"))
        membership = change_role(user=request.user, membership=row, **changes)
        return Response(self.present(membership))

    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Take a person out; what they drew stays."""
        remove_member(user=request.user, membership=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
