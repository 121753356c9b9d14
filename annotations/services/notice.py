"""Tell people what concerns them: in the app at once, and by e-mail from a worker."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from annotations.models import Comment, Dataset, Image, Membership, Notice
from annotations.permissions import sees_names
from ml.broker import BATCH, enqueue

EMAIL_TASK = "annotations.email_notice"


def tell(
    *,
    people: Iterable[int],
    kind: Notice.Kind,
    actor: Any,
    dataset: Dataset,
    image: Image | None = None,
    comment: Comment | None = None,
    text: str = "",
    images: int = 1,
) -> None:
    """Give each member among `people` (ids) a notice; nobody is told of what they did themselves.

    Call it within the transaction of what it tells of.
    """
    members = Membership.objects.filter(dataset=dataset, user_id__in=people)
    give(
        Notice(
            person_id=person,
            kind=kind,
            actor=actor,
            dataset=dataset,
            image=image,
            comment=comment,
            text=text,
            images=images,
        )
        for person in members.exclude(user=actor).values_list("user_id", flat=True)
    )


def give(notices: Iterable[Notice]) -> None:
    """Store notices, and have them mailed once the transaction of what they tell of is through."""
    ids = [notice.pk for notice in Notice.objects.bulk_create(notices)]
    if ids:
        transaction.on_commit(lambda: enqueue(EMAIL_TASK, ids, queue=BATCH))


def mark_read(*, user: Any, ids: list[int] | None = None) -> None:
    """Mark these of one's own notices as read, or all."""
    unread = Notice.objects.filter(person=user).unread()
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    unread.update(read_at=timezone.now())


def email_notice(*, notice_id: int) -> None:
    """Send the notice by e-mail, unless its person does without, or has read it already."""
    person = get_user_model().objects.filter(notices=notice_id).select_related("preference").first()
    if person is None or not person.email:
        return
    preference = getattr(person, "preference", None)
    if preference is not None and not preference.email_notices:
        return
    rows = Notice.objects.of(person).unread()
    rows = rows.select_related("person", "actor", "dataset", "image")
    notice: Any = rows.filter(pk=notice_id).first()
    if notice is None:
        return
    url = settings.SITE_URL.rstrip("/") + address_of(notice)
    with translation.override(language_of(person)):
        context = {"notice": notice, "who": doer_of(notice, notice.my_role), "url": url}
        body = render_to_string("annotations/notice_email.txt", context)
    subject, _, text = str(body).strip().partition("\n")
    send_mail(subject, text.strip() + "\n", None, [person.email])


def language_of(person: Any) -> str:
    """In which one writes to them, outside of a request of theirs."""
    preference = getattr(person, "preference", None)
    return (preference and preference.language) or settings.LANGUAGE_CODE


def doer_of(notice: Notice, role: str) -> str:
    """The name of who did it, as far as its person, a member with `role`, is told; empty if
    nobody did."""
    if notice.actor is None:
        return ""
    if sees_names(notice.dataset, role):
        return str(notice.actor.get_username())
    return _("Somebody")


def address_of(notice: Notice) -> str:
    """The page on which the notice's person can do something about it."""
    if notice.run_id is not None:
        if notice.person.is_staff:
            return reverse("training-run", args=[notice.run_id])
        return reverse("dataset", args=[notice.dataset_id])
    if notice.image_id is None:
        return reverse("dataset", args=[notice.dataset_id]) + "?assignee=me"
    page = reverse("annotate", args=[notice.dataset_id, notice.image_id])
    return f"{page}#comment={notice.comment_id}" if notice.comment_id else page
