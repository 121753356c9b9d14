"""The network's Celery tasks: an id in, one call."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from ml import worker as worker  # connects the worker's signals
from ml.answering import answer_prediction
from ml.encoding import encode_image
from ml.services import requeue_lost_jobs
from ml.training import run_training

ANSWER_SECONDS = 120
ENCODE_SECONDS = 2 * 3600


@shared_task(name="ml.answer_prediction", time_limit=ENCODE_SECONDS, ignore_result=True)
def answer_prediction_task(id: str) -> None:
    answer_prediction(id)


@shared_task(name="ml.encode_image", time_limit=ENCODE_SECONDS, ignore_result=True)
def encode_image_task(id: int) -> None:
    encode_image(id)


@shared_task(name="ml.run_training", ignore_result=True)
def run_training_task(id: int) -> None:
    run_training(id)


@shared_task(name="ml.requeue_lost_jobs", ignore_result=True)
def requeue_lost_jobs_task() -> None:
    now = timezone.now()
    requeue_lost_jobs(
        queued_before=now - timedelta(seconds=30),
        running_before=now - timedelta(seconds=ANSWER_SECONDS),
    )
