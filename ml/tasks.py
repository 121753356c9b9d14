"""The network's Celery tasks: an id in, one call.

Beat and the train worker load this module too, and have no use for the 300 MB of torch: what
needs it is imported by the task.
"""

from celery import shared_task

from ml import worker as worker  # connects the worker's signals
from ml.converting import convert_weights
from ml.judging import run_judgement
from ml.recovery import requeue_lost_jobs
from ml.training import run_training


@shared_task(name="ml.answer_prediction", soft_time_limit=60, time_limit=90)
def answer_prediction_task(id: str) -> None:
    from ml.answering import answer_prediction

    answer_prediction(id)


@shared_task(name="ml.propose_nuclei", soft_time_limit=3600, time_limit=3660)
def propose_nuclei_task(id: str) -> None:
    from ml.answering import propose_nuclei

    propose_nuclei(id)


@shared_task(name="ml.encode_image", soft_time_limit=3600, time_limit=3660)
def encode_image_task(id: int) -> None:
    from ml.encoding import encode_image

    encode_image(id)


@shared_task(name="ml.prepare_promoted", soft_time_limit=120, time_limit=150)
def prepare_promoted_task(id: int) -> None:
    from ml.preparing import prepare_promoted

    prepare_promoted(id)


@shared_task(name="ml.export_decoder", soft_time_limit=300, time_limit=330)
def export_decoder_task(id: int) -> None:
    from ml.exporting import export_decoder_of

    export_decoder_of(id)


@shared_task(name="ml.rank_image", soft_time_limit=600, time_limit=630)
def rank_image_task(id: int) -> None:
    from ml.ranking import rank_image

    rank_image(id)


@shared_task(name="ml.convert_weights", soft_time_limit=300, time_limit=330)
def convert_weights_task(id: int) -> None:
    convert_weights(id)


@shared_task(name="ml.run_training")
def run_training_task(id: int) -> None:
    run_training(id)


@shared_task(name="ml.run_judgement")
def run_judgement_task(id: int) -> None:
    run_judgement(id)


@shared_task(name="ml.requeue_lost_jobs")
def requeue_lost_jobs_task() -> None:
    requeue_lost_jobs()
