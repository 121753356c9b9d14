"""Ask the network about an image."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from annotations.exceptions import BadInput, Conflict
from annotations.models import Click, Image, Kind, Prompt
from annotations.services.event import record_event
from annotations.services.mask import validated_area
from annotations.services.optimistic_lock import lock_row
from annotations.services.tally import note_work
from ml import exceptions
from ml.services import request_prediction


class PlacedClick(NamedTuple):
    """A click in image pixels: x right, y down. The browser makes the id."""

    id: UUID
    x: float
    y: float
    positive: bool


@transaction.atomic
def place_clicks(
    *,
    user: Any,
    image: Image,
    id: UUID,
    clicks: list[PlacedClick],
    box: list[float] | None = None,
    prior: dict[str, Any] | None = None,
) -> tuple[Prompt, bool]:
    """Store the clicks and ask for a prediction: (prompt, whether it is new).

    `box` is [x0, y0, x1, y1] around a nucleus. Neither clicks nor a box ask for proposals of the
    whole image. `prior` is a wire mask to refine. Asking again under the same `id` changes nothing.
    Raises BadInput for a click, box or prior outside the image, Conflict for an id of another
    image.
    """
    lock_row(Image.objects.all(), image.pk)
    prompt = Prompt.objects.select_related("prediction").filter(pk=id).first()
    if prompt is not None:
        if prompt.image_id != image.pk:
            raise Conflict("This prompt's id belongs to another image.", code="id_reused")
        return prompt, False
    new_clicks = _validate(image, clicks)
    if box is not None:
        _validate_box(image, *box)
    if prior is not None:
        validated_area(image, prior["bbox"], prior["counts"], field="mask")
    try:
        prediction = request_prediction(
            id=id,
            topic=image.topic,
            image_path=image.pixels,
            image_sha256=image.sha256,
            width=image.width,
            height=image.height,
            scale=image.scale,
            scope=image.scope,
            clicks=[[click.x, click.y, click.positive] for click in clicks],
            box=box,
            prior=prior,
        )
    except exceptions.Conflict as error:
        raise Conflict(error.detail, code="id_reused") from error
    prompt = Prompt.objects.create(
        prediction=prediction,
        image=image,
        click_ids=[str(click.id) for click in clicks],
        created_by=user,
    )
    # A refinement repeats earlier clicks: those keep the prediction that first answered them.
    Click.objects.bulk_create(
        [
            Click(image=image, prediction=prediction, created_by=user, **click._asdict())
            for click in clicks
        ],
        ignore_conflicts=True,
    )
    note_work(
        person_id=user.pk,
        dataset_id=image.dataset_id,
        at=prompt.created_at,
        clicks=new_clicks + (box is not None),
    )
    asked = {"clicks": prediction.clicks} | ({} if box is None else {"box": box})
    record_event(
        kind=Kind.PROMPT_ASKED, actor=user, image=image, prediction=prediction.pk, data=asked
    )
    return prompt, True


def _validate(image: Image, clicks: list[PlacedClick]) -> int:
    """Return how many of the clicks were not there before."""
    for click in clicks:
        if not (0 <= click.x < image.width and 0 <= click.y < image.height):
            raise BadInput(
                f"The click at ({click.x:g}, {click.y:g}) is outside the image, "
                f"which is {image.width} × {image.height} pixels.",
                code="click_outside",
                field="clicks",
            )
    ids = [click.id for click in clicks]
    if len(set(ids)) != len(ids):
        raise BadInput("Two clicks have the same id.", code="id_reused", field="clicks")
    owners = Click.objects.filter(pk__in=ids).values_list("image_id", flat=True)
    if any(owner != image.pk for owner in owners):
        raise Conflict("A click's id belongs to another image.", code="id_reused")
    return len(ids) - len(owners)


def _validate_box(image: Image, x0: float, y0: float, x1: float, y1: float) -> None:
    if not (0 <= x0 < x1 <= image.width and 0 <= y0 < y1 <= image.height):
        raise BadInput(
            f"The box from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}) must go from the upper left to the "
            f"lower right inside the image, which is {image.width} × {image.height} pixels.",
            code="bad_box",
            field="box",
        )
