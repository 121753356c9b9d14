"""What happened on an image, what it looked like at a moment, and the way back there."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.people import UNNAMED, PersonSerializer, told
from annotations.api.wire_mask import BboxField
from annotations.exceptions import BadInput, NotFound
from annotations.models import Event, Image, Kind
from annotations.permissions import Verb, get_permitted, sees_names
from annotations.services.history import masks_at, restore_moment

PAGE_SIZE = 50
MASKS_A_PAGE = 1_000
# Whose an image was and became: ids in an event's data, told as `assigned`.
ASSIGNED = ("was", "to")


class EventIdField(serializers.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=BigIntegerField.MAX_BIGINT, **options)


class QuestionSerializer(serializers.Serializer[Any]):
    before = EventIdField(required=False, help_text="Only events before this one: the next page.")
    mask = serializers.UUIDField(required=False, help_text="Only what happened to this nucleus.")
    actor = EventIdField(required=False, help_text="Only what this person did.")
    kind = serializers.CharField(
        required=False, max_length=32, help_text="Only kinds that begin like this, e.g. mask."
    )


class AssignmentSerializer(serializers.Serializer[Any]):
    was = PersonSerializer(allow_null=True, help_text="Whose the image was.")
    to = PersonSerializer(allow_null=True, help_text="Whose it became.")


class EventSerializer(serializers.ModelSerializer[Event]):
    """For a reader in the context: `image`, with `my_role`, and `reader`.

    The context has the `people` of assignments, by id.
    """

    actor = serializers.SerializerMethodField(help_text="Null: the server by itself.")
    assigned = serializers.SerializerMethodField(help_text="Null: of other kinds.")
    batch = serializers.IntegerField(source="batch_id", allow_null=True)
    data = serializers.SerializerMethodField()  # type: ignore[assignment]

    class Meta:
        model = Event
        fields = ("id", "kind", "at", "actor", "mask", "prediction", "batch", "assigned", "data")

    @extend_schema_field(PersonSerializer(allow_null=True))
    def get_actor(self, event: Event) -> Any:
        return self._told(event.actor)

    @extend_schema_field(AssignmentSerializer(allow_null=True))
    def get_assigned(self, event: Event) -> Any:
        if event.kind != Kind.IMAGE_ASSIGNED:
            return None
        people = self.context["people"]
        return {end: self._told(people.get(event.data.get(end))) for end in ASSIGNED}

    def get_data(self, event: Event) -> dict[str, Any]:
        data = dict(event.data)
        if "author" in data:
            data["author"] = id_told(data["author"], self.context)
        if event.kind == Kind.IMAGE_ASSIGNED:
            ends = {end: data[end] for end in ASSIGNED if data.get(end) is not None}
            data |= {end: id_told(person, self.context) for end, person in ends.items()}
        return data

    def _told(self, person: Any) -> dict[str, Any] | None:
        image, reader = self.context["image"], self.context["reader"]
        return told(person, dataset=image.dataset, role=image.my_role, reader=reader)


class TimelineSerializer(serializers.Serializer[Any]):
    events = EventSerializer(many=True, help_text="The newest first.")
    next = serializers.IntegerField(allow_null=True, help_text="What to send as `before`.")


class MomentSerializer(serializers.Serializer[Any]):
    event = EventIdField(help_text="Masks become what they were right after this event.")


class RestoredSerializer(serializers.Serializer[Any]):
    event = serializers.IntegerField(allow_null=True, help_text="Null: nothing was different.")
    count = serializers.IntegerField(help_text="How many masks changed.")
    undo = serializers.IntegerField(allow_null=True, help_text="Restore this to take it back.")


class TimelineView(APIView):
    """Everything that happened on an image."""

    @extend_schema(
        parameters=[QuestionSerializer],
        responses=TimelineSerializer,
        operation_id="images_timeline",
    )
    def get(self, request: Request, pk: int) -> Response:
        """A page of events. Masks that came together are one; ask for a `mask` to see it alone."""
        image = get_permitted(Image.objects, user=request.user, verb=Verb.VIEW, pk=pk)
        query = QuestionSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        events = Event.objects.filter(image=image)
        events = events.filter(mask=asked["mask"]) if "mask" in asked else events.of_timeline()
        if "before" in asked:
            events = events.filter(pk__lt=asked["before"])
        if "actor" in asked:
            if asked["actor"] != request.user.pk and not sees_names(image.dataset, image.my_role):
                raise BadInput("This dataset does not tell who did what.", field="actor")
            events = events.filter(actor=asked["actor"])
        if "kind" in asked:
            events = events.filter(kind__startswith=asked["kind"])
        rows = list(events.select_related("actor").order_by("-pk")[: PAGE_SIZE + 1])
        page = rows[:PAGE_SIZE]
        body = {"events": page, "next": page[-1].pk if len(rows) > PAGE_SIZE else None}
        context = {"image": image, "reader": request.user, "people": _people_of(page)}
        return Response(TimelineSerializer(body, context=context).data)

    @extend_schema(
        request=MomentSerializer, responses=RestoredSerializer, operation_id="images_restore_moment"
    )
    def post(self, request: Request, pk: int) -> Response:
        """Make all masks of the image what they were after an event, which is a new event."""
        image = get_permitted(Image.objects, user=request.user, verb=Verb.ANNOTATE, pk=pk)
        body = MomentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        moment = _event_of(image, body.validated_data["event"])
        done = restore_moment(user=request.user, image=image, event=moment)
        earlier = Event.objects.of_timeline().filter(image=image, pk__lt=done.pk if done else 0)
        answer = {
            "event": done and done.pk,
            "count": done.data["count"] if done else 0,
            "undo": earlier.order_by("-pk").values_list("pk", flat=True).first(),
        }
        return Response(RestoredSerializer(answer).data)


class MaskAtMomentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="mask")
    event = serializers.IntegerField(source="pk", help_text="That made it what it was.")
    bbox = BboxField(source="data.bbox")
    counts = serializers.CharField(source="data.counts")
    area = serializers.IntegerField(source="data.area")
    label_class = serializers.IntegerField(source="data.label_class", allow_null=True)
    origin = serializers.CharField(source="data.origin")
    score = serializers.FloatField(source="data.score", allow_null=True)
    prediction = serializers.UUIDField(allow_null=True)
    author = serializers.SerializerMethodField(help_text="0: a blind dataset does not tell.")

    def get_author(self, event: Event) -> int:
        return id_told(event.data["author"], self.context)


class MomentMasksSerializer(serializers.Serializer[Any]):
    masks = MaskAtMomentSerializer(many=True)
    next = serializers.UUIDField(allow_null=True, help_text="What to send as `after`.")


class PlaceSerializer(serializers.Serializer[Any]):
    after = serializers.UUIDField(required=False, help_text="Where the page before ended.")


class MomentView(APIView):
    """The masks of an image at a moment of its timeline."""

    @extend_schema(
        parameters=[PlaceSerializer],
        responses=MomentMasksSerializer,
        operation_id="images_masks_at",
    )
    def get(self, request: Request, pk: int, event: int) -> Response:
        """A page of the masks as they were right after the event."""
        image = get_permitted(Image.objects, user=request.user, verb=Verb.VIEW, pk=pk)
        query = PlaceSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        masks = masks_at(_event_of(image, event))
        if after := query.validated_data.get("after"):
            masks = masks.filter(mask__gt=after)
        rows = list(masks[: MASKS_A_PAGE + 1])
        page = rows[:MASKS_A_PAGE]
        body = {"masks": page, "next": page[-1].mask if len(rows) > MASKS_A_PAGE else None}
        context = {"image": image, "reader": request.user}
        return Response(MomentMasksSerializer(body, context=context).data)


def id_told(person: int, context: Mapping[str, Any]) -> int:
    """The id of a person of whom an event tells, as far as the reader is told."""
    image, own = context["image"], person == context["reader"].pk
    return person if own or sees_names(image.dataset, image.my_role) else UNNAMED


def _people_of(events: list[Event]) -> dict[int, Any]:
    """Those whose images the events say these were and became, in one query."""
    assignments = [event.data for event in events if event.kind == Kind.IMAGE_ASSIGNED]
    ids = {data[end] for data in assignments for end in ASSIGNED if data.get(end) is not None}
    return get_user_model()._default_manager.in_bulk(ids) if ids else {}


def _event_of(image: Image, pk: int) -> Event:
    event = Event.objects.filter(image=image, pk=pk).first()
    if event is None:
        raise NotFound("This image has no such event.")
    return event
