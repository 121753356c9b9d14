"""The way of an image from hand to hand: one table of moves, and the one function that makes them.

docs/reviewing.md draws it. Every move leaves an event that says who, from where to where, and why.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.exceptions import BadInput, Conflict, StaleVersion
from annotations.models import Dataset, Event, Image, Kind, Mask, Notice
from annotations.permissions import Verb
from annotations.services.comment import add_comment
from annotations.services.event import record_event
from annotations.services.notice import tell
from annotations.services.optimistic_lock import lock_row, write
from annotations.services.tally import count_move
from ml.events import publish

NEW, IN_PROGRESS, SUBMITTED, IN_REVIEW, RETURNED, ACCEPTED = Image.Status
# Those that wait for an annotator.
OPEN = (NEW, IN_PROGRESS, RETURNED)


class Move(models.TextChoices):
    """What can be done with an image; labels complete the sentence "It cannot be … now"."""

    START = "start", gettext_lazy("started")
    SUBMIT = "submit", gettext_lazy("submitted")
    REOPEN = "reopen", gettext_lazy("reopened")
    REVIEW = "review", gettext_lazy("taken for review")
    RELEASE = "release", gettext_lazy("given back unreviewed")
    ACCEPT = "accept", gettext_lazy("accepted")
    RETURN = "return", gettext_lazy("returned")


@dataclass(frozen=True)
class Step:
    """From any of these states to that one, by somebody whose role includes the verb."""

    origins: tuple[Image.Status, ...]
    target: Image.Status
    verb: Verb


TABLE: dict[Move, Step] = {
    # The first change of a mask does this by itself.
    Move.START: Step((NEW, RETURNED), IN_PROGRESS, Verb.ANNOTATE),
    # Where no review is required, the target is ACCEPTED.
    Move.SUBMIT: Step(OPEN, SUBMITTED, Verb.ANNOTATE),
    # Once a review was required, only another one undoes it.
    Move.REOPEN: Step((SUBMITTED, ACCEPTED), IN_PROGRESS, Verb.ANNOTATE),
    Move.REVIEW: Step((SUBMITTED, ACCEPTED), IN_REVIEW, Verb.REVIEW),
    Move.RELEASE: Step((IN_REVIEW,), SUBMITTED, Verb.REVIEW),
    Move.ACCEPT: Step((IN_REVIEW,), ACCEPTED, Verb.REVIEW),
    Move.RETURN: Step((IN_REVIEW,), RETURNED, Verb.REVIEW),
}
BY_HAND = [move for move in TABLE if move != Move.START]


@transaction.atomic
def move_image(*, user: Any, image: Image, move: Move, version: int, note: str = "") -> Image:
    """Make `move` with the image, given the version that `user` saw; `note` says why.

    Raises Conflict for a move that the table or the dataset's rules do not allow, StaleVersion,
    and BadInput for a return that says nothing, neither here nor in a comment.
    """
    row = lock_row(Image.objects.all(), image.pk)
    why_not = refusal(user=user, image=row, move=move)
    if why_not is not None:
        raise Conflict(why_not, code="wrong_state")
    if row.version != version:
        raise StaleVersion(row)
    note = note.strip()
    if move == Move.RETURN and not note and not row.open_threads:
        raise BadInput(_("Say what has to be changed."), code="note_missing", field="note")
    _enter(row, move, user, note)
    if move == Move.RETURN:
        _hand_back(row, user, note)
    return row


def refusal(*, user: Any, image: Image, move: Move) -> str | None:
    """Return why `user`, whose role allows it, cannot make `move` with the image now."""
    if move == Move.REVIEW and image.status == IN_REVIEW and image.reviewer_id != user.pk:
        return _in_review_by(image)
    if image.status not in TABLE[move].origins:
        return _("“%(name)s” has the status “%(status)s”; it cannot be %(move)s now.") % {
            "name": image.name,
            "status": image.get_status_display(),
            "move": move.label,
        }
    if move == Move.REOPEN and image.status == ACCEPTED and image.dataset.review_required:
        return _("This image is accepted. A reviewer can take it for review once more.")
    if move in (Move.ACCEPT, Move.RETURN) and image.reviewer_id != user.pk:
        return _in_review_by(image)
    if move == Move.REVIEW and image.dataset.independent_review and _is_own_work(user, image):
        return _("You have annotated this image, so another person reviews it.")
    return None


def closed_states(dataset: Dataset) -> tuple[Image.Status, ...]:
    """The states in which nobody changes masks; but a reviewer does, of what they review."""
    return (SUBMITTED, IN_REVIEW, *([ACCEPTED] if dataset.review_required else []))


def closed_to(*, user: Any, image: Image) -> str | None:
    """Return why `user` cannot change masks of the image now, None if nothing is in the way."""
    if image.status in OPEN or image.status not in closed_states(image.dataset):
        return None
    if image.status == SUBMITTED:
        return _("This image is submitted and waits for its review.")
    if image.status == ACCEPTED:
        return _("This image is accepted. A reviewer can take it for review once more.")
    if image.reviewer_id == user.pk:
        return None
    return _in_review_by(image)


def begin_change(*, user: Any, image: Image, claim: bool = True) -> None:
    """`user` changes a mask of the locked `image`: if nobody has begun with it, they do now.

    With `claim`, an image that is nobody's is theirs from then on. Raises Conflict if it is not the
    time for changes; the sender keeps what it wanted to save.
    """
    why_not = closed_to(user=user, image=image)
    if why_not is not None:
        raise Conflict(why_not, code="image_closed")
    if image.status in TABLE[Move.START].origins:
        _enter(image, Move.START, user, claim=claim)


def _in_review_by(image: Image) -> str:
    if image.dataset.blind:
        return _("Somebody else is reviewing this image.")
    return _("%(name)s is reviewing this image.") % {"name": image.reviewer}


def _enter(image: Image, move: Move, user: Any, note: str = "", claim: bool = True) -> None:
    """Change the state of the locked `image`. All changes of state pass through here."""
    before, target = image.status, TABLE[move].target
    if move == Move.SUBMIT and not image.dataset.review_required:
        target = ACCEPTED
    changes: dict[str, Any] = {"status": target}
    if claim and move in (Move.START, Move.SUBMIT) and image.assignee_id is None:
        changes["assignee"] = user
    if move == Move.SUBMIT:
        changes |= {"annotator": user, "submitted_at": timezone.now()}
    if move == Move.REVIEW:
        changes["reviewer"] = user
    if move == Move.START:
        # Not an edit, so the version stays: whoever has the image open goes on with theirs.
        Image.objects.filter(pk=image.pk).update(**changes)
        image.status = target
    else:
        write(image, **changes)
    count_move(image, before, target)
    if image.replica_of_id is not None and move == Move.SUBMIT:
        Image.objects.filter(pk=image.replica_of_id).update(to_compare=True)
    record_event(
        kind=Kind.IMAGE_STATE,
        actor=user,
        image=image,
        data={"move": move.value, "from": before, "to": target, "note": note},
    )
    told = {"status": target, "version": image.version}
    transaction.on_commit(lambda: publish(image.topic, "state", told))


def _hand_back(image: Image, user: Any, note: str) -> None:
    """Tell the annotator; what the reviewer says stays with the image until it is settled."""
    if note:
        add_comment(user=user, image=image, id=uuid4(), text=note)
    people = {image.annotator_id, image.assignee_id}
    tell(
        people=[person for person in people if person is not None],
        kind=Notice.Kind.RETURNED,
        actor=user,
        dataset=image.dataset,
        image=image,
        text=note,
    )


def _is_own_work(user: Any, image: Image) -> bool:
    """Whether `user` has submitted the image, or drawn on it before they first reviewed it."""
    if image.annotator_id == user.pk:
        return True
    reviews = Event.objects.filter(image=image, kind=Kind.IMAGE_STATE, actor=user)
    first = reviews.of_timeline().filter(data__move=Move.REVIEW.value).order_by("id").first()
    drawn = Mask.objects.live().filter(image=image, created_by=user)
    return (drawn.filter(created_at__lt=first.at) if first else drawn).exists()
