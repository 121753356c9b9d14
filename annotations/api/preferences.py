"""How you like to work: your language, your keys, and what you have seen."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.models import Preference
from annotations.services.preference import preference_of, save_preference

MOST_SHORTCUTS = 300


class ShortcutsField(serializers.DictField):
    """A shortcut's id -> its keys, as many as the page could ever have."""

    # The space bar is a key, too.
    child = serializers.ListField(
        child=serializers.CharField(max_length=40, trim_whitespace=False), max_length=4
    )

    def to_internal_value(self, data: Any) -> dict[str, list[str]]:
        shortcuts: dict[str, list[str]] = super().to_internal_value(data)
        if len(shortcuts) > MOST_SHORTCUTS or any(len(name) > 60 for name in shortcuts):
            raise serializers.ValidationError("These are not shortcuts of the annotation page.")
        return shortcuts


class PreferenceSerializer(serializers.ModelSerializer[Preference]):
    language = serializers.ChoiceField(choices=settings.LANGUAGES, allow_blank=True, required=False)
    shortcuts = ShortcutsField(required=False)

    class Meta:
        model = Preference
        fields = ("language", "shortcuts", "email_notices", "tour_seen")


class PreferenceView(APIView):
    """Your own preferences; there is no way to anybody else's."""

    @extend_schema(responses=PreferenceSerializer)
    def get(self, request: Request) -> Response:
        return Response(PreferenceSerializer(preference_of(user=request.user)).data)

    @extend_schema(request=PreferenceSerializer, responses=PreferenceSerializer)
    def patch(self, request: Request) -> Response:
        """Change what is given, and leave the rest."""
        serializer = PreferenceSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        row = save_preference(user=request.user, **serializer.validated_data)
        return Response(PreferenceSerializer(row).data)
