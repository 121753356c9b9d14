"""Have checkpoints compared on the held-out images of a dataset."""

from typing import Any

from django.utils.translation import gettext as _

from annotations.exceptions import Conflict, NotFound
from annotations.models import Dataset, Image
from annotations.models.dataset import source_of
from annotations.services.training import policy_of
from ml.judgement_queue import request_judgement
from ml.models import Checkpoint, Judgement


def ask_for_judgement(
    *, user: Any, candidate: Checkpoint, rival: Checkpoint, dataset_id: int
) -> Judgement:
    """Have `candidate` judged against `rival` by the train worker; by the dataset's gate.

    Raises NotFound, or Conflict if there is nothing to compare or nothing to compare on.
    """
    if not Dataset.objects.live().filter(pk=dataset_id).exists():
        raise NotFound(_("There is no such dataset."))
    if candidate == rival:
        raise Conflict(_("Choose two different checkpoints."))
    gone = next((each for each in (candidate, rival) if each.deleted_at), None)
    if gone is not None:
        raise Conflict(_("The weights of “%(name)s” are deleted.") % {"name": gone})
    held_out = Image.objects.filter(dataset=dataset_id, held_out=True)
    if not held_out.filter(status=Image.Status.ACCEPTED, mask_count__gt=0).exists():
        raise Conflict(
            _(
                "The dataset has no wholly annotated held-out images: hold some out, and finish "
                "them."
            ),
            code="nothing_held_out",
        )
    policy = policy_of(dataset_id)
    return request_judgement(
        candidate=candidate,
        rival=rival,
        source=source_of(dataset_id),
        gate=policy.gate,
        tolerance=policy.tolerance,
        by_name=user.get_username(),
    )
