"""Work on whole datasets: an id in, one call of a service."""

from celery import shared_task

from annotations.services import (
    agreement,
    consensus,
    export,
    held_out,
    import_job,
    job,
    ledger,
    likeness,
    need,
    notice,
    purge,
    training,
)


@shared_task(name="annotations.run_export")
def run_export(export_id: int) -> None:
    export.run_export(export_id=export_id)


@shared_task(name="annotations.run_import")
def run_import(import_id: int) -> None:
    import_job.run_import(import_id=import_id)


@shared_task(name="annotations.empty_trash")
def empty_trash() -> None:
    purge.empty_trash()


@shared_task(name="annotations.resume_lost_jobs")
def resume_lost_jobs() -> None:
    job.resume_lost_jobs()


@shared_task(name="annotations.merge_ledgers")
def merge_ledgers() -> None:
    ledger.merge_ledgers()


@shared_task(name="annotations.regroup_images")
def regroup_images(dataset_id: int) -> None:
    held_out.regroup_images(dataset_id=dataset_id)


@shared_task(name="annotations.start_due_trainings")
def start_due_trainings() -> None:
    training.start_due_trainings()


@shared_task(name="annotations.train_dataset")
def train_dataset(dataset: int, minutes: int | None = None) -> None:
    """For periodic tasks that administrators make: keyword arguments {"dataset": 12}."""
    training.train_on_schedule(dataset_id=dataset, minutes=minutes)


@shared_task(name="annotations.email_notice")
def email_notice(notice_id: int) -> None:
    notice.email_notice(notice_id=notice_id)


@shared_task(name="annotations.rank_images")
def rank_images() -> None:
    need.rank_images()


@shared_task(name="annotations.build_consensus")
def build_consensus(consensus_id: int) -> None:
    consensus.build_consensus(consensus_id=consensus_id)


@shared_task(name="annotations.compare_waiting")
def compare_waiting() -> None:
    """Replicas with each other, and masks with what the model had proposed."""
    agreement.compare_waiting()
    likeness.compare_with_model()
