"""Talk about an image: threads pinned to a nucleus or a place, settled when they are done with."""

import re
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.exceptions import BadInput, Conflict, NotAllowed
from annotations.models import Comment, Image, Mask, Membership, Notice
from annotations.permissions import Verb, may
from annotations.services.notice import tell
from annotations.services.optimistic_lock import lock_row
from ml.events import publish

# What Django allows in a username; the full stop that ends a sentence is not meant.
MENTION = re.compile(r"(?<![\w@.+-])@([\w.@+-]*[\w@+-])")


@transaction.atomic
def add_comment(
    *,
    user: Any,
    image: Image,
    id: UUID,
    text: str,
    parent: UUID | None = None,
    mask: UUID | None = None,
    x: float | None = None,
    y: float | None = None,
) -> tuple[Comment, bool]:
    """Begin a thread, or answer in one (`parent`): (comment, created). A repeat changes nothing.

    Raises BadInput for a nucleus, place or thread that the image does not have, Conflict for an id
    in use.
    """
    row = lock_row(Image.objects.all(), image.pk)
    there = Comment.objects.filter(pk=id).first()
    if there is not None:
        if (there.image_id, there.author_id) != (row.pk, user.pk):
            raise Conflict("This comment's id belongs to another one.", code="id_reused")
        return there, False
    thread = _thread(row, parent)
    if mask is not None and not Mask.objects.filter(pk=mask, image=row).exists():
        raise BadInput("The image has no such nucleus.", field="mask")
    if (x is None) != (y is None) or not _inside(row, x, y):
        raise BadInput("A place has an x and a y, both within the image.", field="x")
    comment = Comment.objects.create(
        id=id, image=row, parent=thread, mask=mask, x=x, y=y, text=text.strip(), author=user
    )
    if thread is None:
        Image.objects.filter(pk=row.pk).update(open_threads=F("open_threads") + 1)
    _tell_people(user, row, comment)
    _announce(row)
    return comment, True


@transaction.atomic
def resolve_thread(*, user: Any, comment: Comment, resolved: bool) -> Comment:
    """Settle a thread, or open it again. Raises BadInput for an answer: threads are settled."""
    image = lock_row(Image.objects.all(), comment.image_id)
    row = Comment.objects.select_for_update().get(pk=comment.pk)
    if row.parent_id is not None:
        raise BadInput("Settle the thread, not one of its answers.", field="resolved")
    if bool(row.resolved_at) != resolved and not row.deleted_at:
        row.resolved_at = timezone.now() if resolved else None
        row.resolved_by = user if resolved else None
        row.save(update_fields=["resolved_at", "resolved_by"])
        change = -1 if resolved else 1
        Image.objects.filter(pk=image.pk).update(open_threads=F("open_threads") + change)
        _announce(image)
    return row


@transaction.atomic
def delete_comment(*, user: Any, comment: Any) -> None:
    """Take a comment back; with the first one goes its thread. Others' are for managers only.

    `comment` carries `my_role`. Raises NotAllowed.
    """
    image = lock_row(Image.objects.all(), comment.image_id)
    row = Comment.objects.select_for_update().get(pk=comment.pk)
    if row.author_id != user.pk and not may(comment.my_role, Comment, Verb.MANAGE):
        raise NotAllowed(_("This comment is somebody else's; only owners and admins delete it."))
    if row.deleted_at:
        return
    row.deleted_at = timezone.now()
    row.save(update_fields=["deleted_at"])
    if row.parent_id is None and not row.resolved_at:
        Image.objects.filter(pk=image.pk).update(open_threads=F("open_threads") - 1)
    _announce(image)


def _thread(image: Image, parent: UUID | None) -> Comment | None:
    if parent is None:
        return None
    first = Comment.objects.live().filter(pk=parent, image=image, parent=None).first()
    if first is None:
        raise BadInput("The image has no such thread.", field="thread")
    return first


def _inside(image: Image, x: float | None, y: float | None) -> bool:
    return x is None or y is None or (0 <= x <= image.width and 0 <= y <= image.height)


def _tell_people(user: Any, image: Image, comment: Comment) -> None:
    """Those mentioned, and of a thread who has taken part in it."""
    members = Membership.objects.filter(dataset_id=image.dataset_id)
    mentioned = set(
        members.filter(user__username__in=set(MENTION.findall(comment.text))).values_list(
            "user_id", flat=True
        )
    )
    of = {
        "actor": user,
        "dataset": image.dataset,
        "image": image,
        "comment": comment,
        "text": comment.text,
    }
    tell(people=mentioned, kind=Notice.Kind.MENTIONED, **of)
    if comment.parent is not None:
        answers = comment.parent.answers.live().values_list("author_id", flat=True)
        concerned = {comment.parent.author_id, *answers} - mentioned
        tell(people=concerned, kind=Notice.Kind.ANSWERED, **of)


def _announce(image: Image) -> None:
    transaction.on_commit(lambda: publish(image.topic, "comments", {}))
