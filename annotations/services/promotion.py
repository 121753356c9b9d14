"""Which checkpoint answers clicks where: promote one, go back to the one before."""

from typing import Any

from django.utils.translation import gettext as _

from annotations.exceptions import Conflict, NotFound
from annotations.models import Dataset
from annotations.models.dataset import source_of
from ml import exceptions, promotions
from ml.models import Checkpoint, Judgement


def promote(
    *, user: Any, checkpoint: Checkpoint, dataset_id: int | None = None, reason: str = ""
) -> None:
    """Let `checkpoint` answer clicks at once: in one dataset, or wherever no other was promoted.

    One that did not pass the gate needs a reason. Raises NotFound for an unknown dataset, Conflict
    for want of that reason, or if the checkpoint is of the wrong kind or its weights are gone.
    """
    scope = scope_of(dataset_id)
    why_not = failed_gate(checkpoint, scope)
    if why_not and not reason.strip():
        raise Conflict(
            _("“%(name)s” has not passed the gate (%(why)s). Say why it is promoted all the same.")
            % {"name": checkpoint, "why": why_not},
            code="gate",
        )
    if checkpoint.deleted_at or not checkpoint.path.is_file():
        raise Conflict(
            _("The file of %(name)s is gone; upload it again.") % {"name": checkpoint.name}
        )
    try:
        promotions.activate_checkpoint(
            checkpoint=checkpoint,
            scope=scope,
            by_name=user.get_username(),
            reason=reason,
        )
    except exceptions.Conflict as error:
        raise Conflict(error.detail) from error


def failed_gate(checkpoint: Checkpoint, scope: str) -> str:
    """Why the checkpoint has not passed against what answers clicks in `scope` now; empty if it
    has, or was never judged against that.

    In a dataset its own judgements count; on the whole site the latest on each dataset does.
    """
    rival = Checkpoint.objects.active(scope).values("pk")
    judged = Judgement.objects.filter(candidate=checkpoint, rival__in=rival, passed__isnull=False)
    if scope:
        judged = judged.filter(source=scope)
    latest: dict[str, Judgement] = {}
    for judgement in judged:  # the newest comes first
        latest.setdefault(judgement.source, judgement)
    failed = [judgement for judgement in latest.values() if not judgement.passed]
    return "; ".join(why for each in failed for why in each.reasons or [each.error])


def roll_back(*, user: Any, dataset_id: int | None = None) -> Checkpoint | None:
    """Go back to what answered clicks before the last promotion; None: the site's checkpoint.

    Raises NotFound for an unknown dataset, Conflict if there is nothing to go back to.
    """
    try:
        return promotions.roll_back(
            scope=scope_of(dataset_id), by_name=user.get_username(), reason=_("rolled back")
        )
    except exceptions.Conflict as error:
        raise Conflict(error.detail) from error


def scope_of(dataset_id: int | None) -> str:
    """The name under which `ml` knows a dataset, or the site. Raises NotFound."""
    if dataset_id is None:
        return ""
    if not Dataset.objects.live().filter(pk=dataset_id).exists():
        raise NotFound(_("There is no such dataset."))
    return source_of(dataset_id)
