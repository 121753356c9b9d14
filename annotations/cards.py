"""An image as a dataset's list shows it."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.safestring import SafeString

from annotations.fragments import fragment
from annotations.models import Dataset, Image
from annotations.permissions import Verb, may, sees_names

COLUMNS = (
    *("pk", "name", "status", "assignee_id", "assignee__username", "open_threads", "due_on"),
    *("mask_count", "width", "height", "encoding"),
)


class Card(NamedTuple):
    """All that the card says. Whose turn it is stays empty where that is not to be known."""

    dataset: int
    pk: int
    name: str
    status: str
    assignee: str
    is_mine: bool
    open_threads: int
    due_on: date | None
    is_overdue: bool
    mask_count: int
    width: int
    height: int
    encoding: str
    may_assign: bool
    may_delete: bool

    @property
    def status_name(self) -> str:
        return str(Image.Status(self.status).label)


def cards_of(rows: Iterable[dict[str, Any]], *, dataset: Any, user: Any) -> list[SafeString]:
    """The cards of these rows of COLUMNS, for `user`, whose role `dataset` carries."""
    role, today = dataset.my_role, timezone.localdate()
    names_seen = sees_names(dataset, role)
    may_assign = may(role, Dataset, Verb.MANAGE)
    may_delete = may(role, Image, Verb.DELETE_IMAGE)

    def card(row: dict[str, Any]) -> Card:
        assignee_id, assignee = row.pop("assignee_id"), row.pop("assignee__username")
        is_due = row["due_on"] is not None and row["status"] != Image.Status.ACCEPTED
        return Card(
            **row,
            dataset=dataset.pk,
            assignee=(assignee or "") if names_seen else "",
            is_mine=assignee_id is not None and assignee_id == user.pk and not names_seen,
            is_overdue=is_due and row["due_on"] < today,
            may_assign=may_assign,
            may_delete=may_delete,
        )

    return [fragment("annotations/_card.html", image=card(row)) for row in rows]
