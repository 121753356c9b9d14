"""Tell people how a training ended that they started, or that was started for their dataset."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from annotations.models import Dataset, Notice
from annotations.models.dataset import dataset_id_of
from annotations.permissions import MANAGERS
from annotations.services.notice import give, language_of
from ml.models import Judgement, Promotion, Status, TrainingRun


@transaction.atomic
def tell_of_the_end(run_id: int) -> None:
    """Give a notice to who started the run; if it started by itself, to those who manage its
    dataset. Of one that was cancelled nobody is told: a person did it."""
    run = TrainingRun.objects.select_related("checkpoint_to").get(pk=run_id)
    dataset = Dataset.objects.live().filter(pk=dataset_id_of(run.source) or 0).first()
    if dataset is None or run.status == Status.CANCELLED:
        return
    is_done = run.status == Status.DONE
    notices = []
    for person in _whom_it_concerns(run, dataset).select_related("preference"):
        with translation.override(language_of(person)):
            text = " ".join(_of_the_result(run)) if is_done else run.error
        kind = Notice.Kind.TRAINED if is_done else Notice.Kind.NOT_TRAINED
        notices.append(Notice(person=person, kind=kind, dataset=dataset, run=run, text=text))
    give(notices)


def _whom_it_concerns(run: TrainingRun, dataset: Dataset) -> QuerySet[Any]:
    people = get_user_model().objects.filter(is_active=True)
    if run.created_by_name:
        return people.filter(username=run.created_by_name)
    return people.filter(memberships__dataset=dataset, memberships__role__in=MANAGERS)


def _of_the_result(run: TrainingRun) -> list[str]:
    """Sentences: what it is called, which limit ended the training, what came of judging it."""
    sentences = [_("Its result is “%(name)s”.") % {"name": run.checkpoint_to}]
    if run.metrics.get("minutes", 0) >= run.config["minutes"]:
        sentences.append(
            _("It ended when its %(minutes)g minutes were over.")
            % {"minutes": run.config["minutes"]}
        )
    elif run.metrics.get("epoch", 0) >= run.config.get("epochs", float("inf")):
        sentences.append(
            _("It ended after its %(epochs)s epochs.") % {"epochs": run.config["epochs"]}
        )
    judgement = run.judgements.first()
    if judgement is not None:
        sentences.append(_of_the_gate(run, judgement))
    return sentences


def _of_the_gate(run: TrainingRun, judgement: Judgement) -> str:
    why = "; ".join(judgement.reasons) or judgement.error
    why = why.rstrip(".")
    if not judgement.passed:
        return _("It has not passed the gate: %(why)s.") % {"why": why}
    promoted = Promotion.objects.current(run.source).filter(checkpoint=run.checkpoint_to)
    if promoted.exists():
        return _("It has passed the gate, and answers clicks there now: %(why)s.") % {"why": why}
    return _("It has passed the gate, and waits to be promoted: %(why)s.") % {"why": why}
