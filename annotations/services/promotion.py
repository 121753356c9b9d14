"""Which checkpoint answers clicks where: promote one, go back to the one before."""

from typing import Any

from django.utils.translation import gettext as _

from annotations.exceptions import Conflict, NotFound
from annotations.models import Dataset
from annotations.models.dataset import source_of
from ml import exceptions, promotions
from ml.models import Checkpoint


def promote(
    *, user: Any, checkpoint: Checkpoint, dataset_id: int | None = None, reason: str = ""
) -> None:
    """Let `checkpoint` answer clicks at once: in one dataset, or wherever no other was promoted.

    Raises NotFound for an unknown dataset, Conflict if the checkpoint is of the wrong kind or its
    weights are gone.
    """
    if checkpoint.deleted_at or not checkpoint.path.is_file():
        raise Conflict(
            _("The file of %(name)s is gone; upload it again.") % {"name": checkpoint.name}
        )
    try:
        promotions.activate_checkpoint(
            checkpoint=checkpoint,
            scope=scope_of(dataset_id),
            by_name=user.get_username(),
            reason=reason,
        )
    except exceptions.Conflict as error:
        raise Conflict(error.detail) from error


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
