"""What became of an image's masks since one looked: how changes of others reach an open page."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Value
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.masks import MaskSerializer
from annotations.api.pagination import that_fit
from annotations.exceptions import BadInput
from annotations.models import Image, Mask
from annotations.permissions import Verb, get_permitted

PAGE_SIZE = 500
# A row carries the time of its writing and is seen at its commit, which is a little later.
MARGIN = timedelta(seconds=10)


class ChangesSerializer(serializers.Serializer[Any]):
    masks = MaskSerializer(many=True, help_text="As they are now; deleted ones have deleted_at.")
    cursor = serializers.CharField(help_text="What to send as `since` next time.")
    more = serializers.BooleanField(help_text="Ask again at once.")


class ChangesView(APIView):
    """Ask without `since` before reading the masks, and with the cursor ever after."""

    @extend_schema(
        parameters=[OpenApiParameter("since", str)],
        responses=ChangesSerializer,
        operation_id="images_changes",
    )
    def get(self, request: Request, pk: int) -> Response:
        """The masks written since, some of them perhaps once more: versions tell."""
        image = get_permitted(Image.objects, user=request.user, verb=Verb.VIEW, pk=pk)
        seen_until = (timezone.now() - MARGIN, UUID(int=0))
        since = request.query_params.get("since")
        rows: list[Mask] = []
        if since:
            masks = Mask.objects.filter(image=image).changed_after(*_parsed(since)).for_readers()
            rows = list(masks.annotate(my_role=Value(image.my_role))[: PAGE_SIZE + 1])
        fitting = that_fit(rows[:PAGE_SIZE])
        more = len(rows) > fitting
        rows = rows[:fitting]
        moment, id = (rows[-1].updated_at, rows[-1].pk) if more else seen_until
        body = {"masks": rows, "cursor": f"{moment.isoformat()}~{id}", "more": more}
        return Response(ChangesSerializer(body, context={"request": request}).data)


def _parsed(cursor: str) -> tuple[datetime, UUID]:
    moment, _, id = cursor.partition("~")
    try:
        parsed = datetime.fromisoformat(moment)
        if timezone.is_naive(parsed):
            raise ValueError("a moment without a zone")
        return parsed.astimezone(UTC), UUID(id)
    except (ValueError, OverflowError) as error:
        raise BadInput("This is no cursor of ours; ask without one.", field="since") from error
