"""The network learns by itself: after enough new nuclei, once people rest; or by the clock."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from rest_framework.test import APIClient

from annotations.models import Dataset, Image, TrainingPolicy, Workday
from annotations.services.training import change_policy, start_due_trainings
from annotations.tasks import train_dataset
from ml.models import Checkpoint, TrainingRun
from ml.services import register_checkpoint
from tests.factories import make_mask, make_user
from tests.ml.app.disks import write_checkpoint


@pytest.fixture(autouse=True)
def checkpoint(
    db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Checkpoint:
    monkeypatch.setattr("ml.training_queue.enqueue", lambda *message, queue: True)
    settings.DATA_DIR = tmp_path / "data"
    path = write_checkpoint(settings.DATA_DIR / "checkpoints" / "disks.safetensors")
    return register_checkpoint(path=path, activate=True)


@pytest.fixture
def policy(dataset: Dataset) -> TrainingPolicy:
    return change_policy(
        dataset_id=dataset.pk, version=0, after_nuclei=2, settle_minutes=5, cool_down_minutes=60
    )


def annotate(image: Image, user: Any, number: int) -> None:
    for x in range(number):
        make_mask(image, user, x=8 * x % 32, y=x)


def rest(minutes: float) -> None:
    """Let the last work be so long ago."""
    Workday.objects.update(at=timezone.now() - timedelta(minutes=minutes))


def test_enough_new_nuclei_start_one_run_once_people_rest(
    policy: TrainingPolicy, image: Image, team: Any, django_assert_max_num_queries: Any
) -> None:
    annotate(image, team["owner"], 1)
    rest(10)
    start_due_trainings()
    assert not TrainingRun.objects.exists()
    annotate(image, team["owner"], 1)
    start_due_trainings()
    assert not TrainingRun.objects.exists()  # somebody is at it
    rest(10)
    start_due_trainings()
    run = TrainingRun.objects.get()
    assert (run.trigger, run.created_by_name) == ("nuclei", "")
    with django_assert_max_num_queries(2):  # counters, no scan
        start_due_trainings()
    assert TrainingRun.objects.count() == 1


def test_runs_by_themselves_leave_a_pause(policy: TrainingPolicy, image: Image, team: Any) -> None:
    annotate(image, team["owner"], 2)
    rest(10)
    start_due_trainings()
    annotate(image, team["owner"], 2)
    rest(10)
    for minutes_ago, runs in ((30, 1), (61, 2)):
        ended = timezone.now() - timedelta(minutes=minutes_ago)
        TrainingRun.objects.update(status="done", finished_at=ended)
        start_due_trainings()
        assert TrainingRun.objects.count() == runs


def test_a_policy_of_no_number_starts_nothing(dataset: Dataset, image: Image, team: Any) -> None:
    annotate(image, team["owner"], 5)
    rest(10)
    change_policy(dataset_id=dataset.pk, version=0, minutes=5)
    start_due_trainings()
    assert not TrainingRun.objects.exists()


def test_a_schedule_trains_only_if_something_is_new(
    dataset: Dataset, image: Image, team: Any
) -> None:
    PeriodicTask.objects.create(
        name="nightly",
        task="annotations.train_dataset",
        kwargs=f'{{"dataset": {dataset.pk}}}',
        interval=IntervalSchedule.objects.create(every=1, period="days"),
    )
    train_dataset(dataset=dataset.pk)  # nothing to learn from: logged, not raised
    annotate(image, team["owner"], 1)
    train_dataset(dataset=dataset.pk, minutes=3)
    run = TrainingRun.objects.get()
    assert (run.trigger, run.config["minutes"]) == ("schedule", 3)
    TrainingRun.objects.update(status="done", finished_at=timezone.now())
    train_dataset(dataset=dataset.pk)
    assert TrainingRun.objects.count() == 1
    annotate(image, team["owner"], 1)
    train_dataset(dataset=dataset.pk)
    assert TrainingRun.objects.count() == 2


def test_administrators_set_it_and_a_run_by_hand_follows_it(
    dataset: Dataset, image: Image, team: Any
) -> None:
    client = APIClient()
    client.force_login(make_user("boss", is_staff=True))
    url = f"/api/datasets/{dataset.pk}/training-policy/"
    assert client.get(url).json()["version"] == 0
    body = {"version": 0, "minutes": 7, "epochs": 2, "gate": "none", "auto_promote": True}
    assert client.patch(url, body).json()["version"] == 1
    assert client.patch(url, body | {"version": 9}).json()["current"]["minutes"] == 7
    annotate(image, team["owner"], 1)
    run = client.post("/api/training-runs/", {"dataset": dataset.pk}).json()
    assert run["limits"] == {
        "minutes": 7,
        "epochs": 2,
        "gate": "none",
        "tolerance": 0.005,
        "auto_promote": True,
    }


def test_the_page_of_the_policy(dataset: Dataset, client: Any) -> None:
    client.force_login(make_user("boss", is_staff=True))
    url = f"/models/datasets/{dataset.pk}/"
    assert "0 nuclei are new" in client.get(url).content.decode()
    form = {
        "version": 0,
        "after_nuclei": 50,
        "settle_minutes": 5,
        "cool_down_minutes": 60,
        "minutes": 20,
        "gate": "better",
        "tolerance": 0.01,
        "auto_promote": "on",
    }
    assert "Saved." in client.post(url, form, follow=True).content.decode()
    policy = TrainingPolicy.objects.get()
    assert (policy.after_nuclei, policy.auto_promote, policy.epochs) == (50, True, None)
    page = client.post(url, form | {"minutes": ""}).content.decode()
    assert "This field is required" in page
