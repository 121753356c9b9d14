"""Many masks written with one request: what is reclassified, accepted or deleted in one step."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.errors import envelope, status_of
from annotations.api.masks import MaskSerializer, MaskToSaveSerializer
from annotations.api.wire_mask import BboxField, CountsField
from annotations.exceptions import StaleVersion
from annotations.models import Image, Mask
from annotations.permissions import Verb, get_permitted
from annotations.services.mask_batch import Outcome, Write, write_masks

MOST_WRITES = 200


class WriteSerializer(MaskToSaveSerializer):
    """As in PUT /api/masks/{id}/; of a mask that is there, what is left out stays as it is."""

    image = None  # type: ignore[assignment]  # that of the batch
    id = serializers.UUIDField()
    delete = serializers.BooleanField(default=False, help_text="Delete it: only `version` counts.")
    bbox = BboxField(required=False)
    counts = CountsField(required=False)
    origin = serializers.ChoiceField(Mask.Origin.choices, required=False)

    def validate(self, write: dict[str, Any]) -> dict[str, Any]:
        if ("bbox" in write) != ("counts" in write):
            raise serializers.ValidationError("Send bbox and counts together, or neither.")
        return write


class MaskBatchSerializer(serializers.Serializer[Any]):
    image = serializers.IntegerField()
    writes = serializers.ListField(child=WriteSerializer(), min_length=1, max_length=MOST_WRITES)


class RefusalSerializer(serializers.Serializer[Any]):
    status = serializers.IntegerField(help_text="What a request of its own would be answered with.")
    code = serializers.CharField()
    detail = serializers.CharField()
    current = MaskSerializer(required=False, help_text="With code `stale`: as it is now.")


class OutcomeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    version = serializers.IntegerField(allow_null=True, help_text="Null: deleted, or refused.")
    mask = MaskSerializer(allow_null=True, help_text="Only if it is not as it was asked for.")
    error = RefusalSerializer(allow_null=True)


class OutcomesSerializer(serializers.Serializer[Any]):
    results = OutcomeSerializer(many=True)


class MaskBatchView(APIView):
    """Masks of one image, written in one transaction, and in order."""

    @extend_schema(
        request=MaskBatchSerializer, responses=OutcomesSerializer, operation_id="masks_batch"
    )
    def post(self, request: Request) -> Response:
        """Save and delete up to 200 masks. Each write succeeds or is refused by itself."""
        serializer = MaskBatchSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        batch = serializer.validated_data
        image = get_permitted(
            Image.objects, user=request.user, verb=Verb.ANNOTATE, pk=batch["image"]
        )
        writes = [_write(**fields) for fields in batch["writes"]]
        outcomes = write_masks(user=request.user, image=image, writes=writes)
        return Response({"results": [_presented(request, outcome) for outcome in outcomes]})


def _write(*, id: Any, delete: bool, **fields: Any) -> Write:
    if delete:
        fields = {name: fields[name] for name in ("version", "revision") if name in fields}
    return Write(id, delete, fields)


def _presented(request: Request, outcome: Outcome) -> dict[str, Any]:
    def row(mask: Mask) -> Any:
        rows = Mask.objects.visible_to(request.user).for_readers()
        return MaskSerializer(rows.get(pk=mask.pk), context={"request": request}).data

    mask, error = outcome.mask, None
    if outcome.error:
        error = {"status": status_of(outcome.error), **envelope(outcome.error)}
        if isinstance(outcome.error, StaleVersion):
            error["current"] = row(outcome.error.current)
    return {
        "id": outcome.id,
        "version": mask and mask.version,
        "mask": None if mask is None or outcome.is_known else row(mask),
        "error": error,
    }
