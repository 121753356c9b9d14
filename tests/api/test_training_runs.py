"""Administrators have the network learn from a dataset, follow the run, and may cancel it."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.test import AsyncClient, Client
from django.utils import timezone
from rest_framework.test import APIClient

from annotations.models import Dataset, Image, Membership, Notice
from annotations.services.dataset import create_dataset, delete_dataset
from annotations.services.notice import email_notice
from annotations.services.training_notice import tell_of_the_end
from ml.models import Checkpoint, Judgement, TrainingRun
from ml.promotions import activate_checkpoint
from ml.services import register_checkpoint
from tests.factories import make_image, make_mask, make_user
from tests.ml.app.disks import write_checkpoint

Clients = Callable[[str], APIClient]
LIST = "/api/training-runs/"


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Messages to workers: (task, ids, queue)."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        "ml.training_queue.enqueue", lambda task, ids, *, queue: sent.append((task, ids, queue))
    )
    return sent


@pytest.fixture
def checkpoint(db: None, settings: Any, tmp_path: Path) -> Checkpoint:
    settings.DATA_DIR = tmp_path / "data"
    path = write_checkpoint(settings.DATA_DIR / "checkpoints" / "disks.safetensors")
    return register_checkpoint(path=path, activate=True)


@pytest.fixture
def admin(db: None) -> APIClient:
    """Of no dataset's team."""
    client = APIClient()
    client.force_login(make_user("boss", is_staff=True))
    return client


@pytest.fixture
def annotated(image: Image, team: dict[str, Any]) -> Dataset:
    make_mask(image, team["owner"])
    return image.dataset


def test_a_run_is_queued_listed_and_cancelled(
    admin: APIClient,
    checkpoint: Checkpoint,
    annotated: Dataset,
    sent: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(LIST, {"dataset": annotated.pk})
    assert answer.status_code == 201, answer.data
    run = answer.json()
    assert run | {"id": 0, "created_at": ""} == {
        "id": 0,
        "dataset": annotated.pk,
        "trigger": "person",
        "minutes": 30,
        "limits": {
            "minutes": 30,
            "gate": "better",
            "tolerance": 0.005,
            "auto_promote": False,
        },
        "status": "queued",
        "position": 1,
        "progress": 0.0,
        "metrics": {},
        "error": "",
        "checkpoint_from": checkpoint.pk,
        "checkpoint_to": None,
        "code_version": "",
        "created_by_name": "boss",
        "created_at": "",
        "finished_at": None,
    }
    assert sent[-1] == ("ml.run_training", [run["id"]], "train")
    second = admin.post(LIST, {"dataset": annotated.pk, "minutes": 5})
    assert (second.status_code, second.json()["code"]) == (409, "conflict")
    assert "queued already" in second.json()["detail"]
    assert admin.delete(f"{LIST}{run['id']}/").status_code == 204
    assert admin.get(f"{LIST}{run['id']}/").json()["status"] == "cancelled"
    again = admin.delete(f"{LIST}{run['id']}/")
    assert (again.status_code, "ended already" in again.json()["detail"]) == (409, True)
    third = admin.post(LIST, {"dataset": annotated.pk, "minutes": 1440})
    assert (third.status_code, third.json()["minutes"]) == (201, 1440.0)
    page = admin.get(f"{LIST}?status=cancelled").json()
    assert [row["id"] for row in page["results"]] == [run["id"]]


@pytest.mark.parametrize("minutes", [0, 1441, -5, "long", 1.5])
def test_the_time_makes_sense(
    admin: APIClient, checkpoint: Checkpoint, annotated: Dataset, minutes: Any
) -> None:
    answer = admin.post(LIST, {"dataset": annotated.pk, "minutes": minutes})
    assert answer.status_code == 400
    assert "minutes" in answer.json()["errors"]


def test_without_nuclei_there_is_nothing_to_learn(
    admin: APIClient, checkpoint: Checkpoint, image: Image
) -> None:
    answer = admin.post(LIST, {"dataset": image.dataset_id})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_training_data")
    assert "annotate some first" in answer.json()["detail"]
    assert not TrainingRun.objects.exists()


def test_without_a_checkpoint_there_is_nothing_to_start_from(
    admin: APIClient, annotated: Dataset
) -> None:
    answer = admin.post(LIST, {"dataset": annotated.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_checkpoint")


def test_a_deleted_or_unknown_dataset_is_not_found(
    admin: APIClient, checkpoint: Checkpoint, annotated: Dataset
) -> None:
    assert admin.post(LIST, {"dataset": annotated.pk + 1}).status_code == 404
    delete_dataset(user=annotated.created_by, dataset=annotated)
    assert admin.post(LIST, {"dataset": annotated.pk}).status_code == 404
    assert admin.post(LIST, {}).status_code == 400


@pytest.mark.parametrize("role", ["owner", "annotator", "stranger"])
def test_runs_are_for_administrators(
    admin: APIClient, client_of: Clients, checkpoint: Checkpoint, annotated: Dataset, role: str
) -> None:
    run = admin.post(LIST, {"dataset": annotated.pk}).json()
    client = client_of(role)
    for answer in (
        client.get(LIST),
        client.get(f"{LIST}{run['id']}/"),
        client.post(LIST, {"dataset": annotated.pk}),
        client.delete(f"{LIST}{run['id']}/"),
        client.get("/models/"),
        client.get(f"/models/runs/{run['id']}/"),
        client.post("/models/runs/"),
        client.post(f"/models/runs/{run['id']}/cancel/"),
    ):
        assert answer.status_code == 403
    assert TrainingRun.objects.get().status == "queued"
    assert APIClient().get(LIST).status_code == 401


@pytest.fixture
def page_of(db: None, client: Any) -> Callable[..., str]:
    """The page of administrators after a POST, or as it is."""
    client.force_login(make_user("root", is_staff=True))

    def page_of(path: str = "", **body: Any) -> str:
        answer = client.post(path, body, follow=True) if path else client.get("/models/")
        assert answer.status_code == 200
        return answer.content.decode()

    return page_of


def test_the_page_starts_follows_and_cancels(
    page_of: Callable[..., str], checkpoint: Checkpoint, annotated: Dataset, client: Any
) -> None:
    assert "Biopsies (1 image, 1 nucleus)" in page_of()
    page = page_of("/models/runs/", dataset=annotated.pk, minutes=10)
    assert "Training is queued" in page
    run = TrainingRun.objects.get()
    assert f'hx-get="/models/runs/{run.pk}/progress/" hx-trigger="every 3s"' in page
    TrainingRun.objects.update(
        status="running", progress=0.42, metrics={"loss": 1.25, "iou1": 0.8123, "step": 7}
    )
    part = client.get(f"/models/runs/{run.pk}/progress/")
    text = part.content.decode()
    assert "HX-Trigger" not in part
    assert all(word in text for word in ('value="42"', "42 %", "<b>1.250</b>", "<b>0.812</b>"))
    assert "is cancelled" in page_of(f"/models/runs/{run.pk}/cancel/")
    assert "ended already" in page_of(f"/models/runs/{run.pk}/cancel/")
    ended = client.get(f"/models/runs/{run.pk}/progress/")
    assert "run-ended" in ended["HX-Trigger"]
    assert "every 3s" not in ended.content.decode()


def test_the_page_shows_how_runs_ended(
    page_of: Callable[..., str], checkpoint: Checkpoint, annotated: Dataset, settings: Any
) -> None:
    page_of("/models/runs/", dataset=annotated.pk, minutes=10)
    TrainingRun.objects.update(status="failed", error="error: the loss became nan")
    assert "the loss became nan" in page_of()
    path = write_checkpoint(settings.DATA_DIR / "b.safetensors", 2.0, name='"run-1"')
    result = register_checkpoint(path=path)
    TrainingRun.objects.update(
        status="done", error="", checkpoint_to=result, metrics={"metrics": {"aji": 0.61}}
    )
    page = page_of()
    assert "Result: <strong>run-1</strong>" in page
    assert "held-out AJI <b>0.610</b>" in page


def test_the_page_says_what_is_missing(
    page_of: Callable[..., str], checkpoint: Checkpoint, image: Image
) -> None:
    page = page_of()
    assert "No dataset has nuclei yet" in page
    assert "The train worker is not running" in page
    assert "takes at most" in page_of("/models/runs/", dataset=image.dataset_id, minutes=5000)
    assert "choose a dataset" in page_of("/models/runs/", minutes=5)
    assert "annotate some first" in page_of("/models/runs/", dataset=image.dataset_id, minutes=5)


def test_the_queue_is_put_in_order(admin: APIClient, checkpoint: Checkpoint, team: Any) -> None:
    runs = []
    for name in ("a", "b"):
        dataset = create_dataset(user=team["owner"], name=name)
        make_mask(make_image(dataset, team["owner"]), team["owner"])
        runs.append(admin.post(LIST, {"dataset": dataset.pk, "epochs": 3}).json())
    assert runs[0]["limits"]["epochs"] == 3
    moved = admin.post(f"{LIST}{runs[1]['id']}/move/", {"up": True})
    assert (moved.status_code, moved.json()["position"]) == (200, 1)
    assert admin.post(f"{LIST}{runs[1]['id']}/move/", {"up": True}).status_code == 409
    assert TrainingRun.objects.queue().first() == TrainingRun.objects.get(pk=runs[1]["id"])
    refused = admin.post(f"{LIST}{runs[0]['id']}/resume/")
    assert (refused.status_code, "can be resumed" in refused.json()["detail"]) == (409, True)


def test_the_page_of_a_run_shows_how_it_goes(
    page_of: Callable[..., str],
    checkpoint: Checkpoint,
    annotated: Dataset,
    client: Any,
    settings: Any,
) -> None:
    page_of("/models/runs/", dataset=annotated.pk, minutes=10, epochs=4, memory_mb=2048)
    run = TrainingRun.objects.get()
    url = f"/models/runs/{run.pk}/"
    page = client.get(url).content.decode()
    assert all(word in page for word in ("waits for its turn", "at most 4 epochs", "2048 MB"))
    TrainingRun.objects.update(status="running", progress=0.5)
    folder = settings.DATA_DIR / "training" / f"run-{run.pk}"
    (folder / "previews").mkdir(parents=True)
    (folder / "previews" / "0.webp").write_bytes(b"a picture")
    lines = [
        {"progress": 0.25, "minutes": 2, "epoch": 1.5, "loss": 2.5, "images_per_second": 3.25},
        {"minutes": 2, "metrics": {"aji": 0.41}},
        {"progress": 0.5, "minutes": 4, "epoch": 3.1, "loss": 1.25, "images_per_second": 3.5},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines) + '{"half": '
    (folder / "progress.jsonl").write_text(text)
    (folder / "log").write_text("dataset: 1 images to train on")
    part = client.get(f"{url}watch/").content.decode()
    assert all(
        word in part for word in ("<dd>50 %", "<dd>4</dd>", "<dd>3.1", "<dd>3.5", "<b>0.410")
    )
    assert 'points="0.0,' in part
    assert "1 images to train on" in part
    assert client.get(f"{url}previews/0/").content == b"a picture"
    assert client.get(f"{url}previews/1/").status_code == 404
    TrainingRun.objects.update(status="failed", error="The disk is full.")
    assert "Resume" in client.get(url).content.decode()
    page = client.post(f"{url}resume/", follow=True).content.decode()
    assert "goes on where it last saved" in page


@pytest.mark.django_db(transaction=True)
def test_who_watches_a_run_is_told(monkeypatch: pytest.MonkeyPatch, checkpoint: Checkpoint) -> None:
    run = TrainingRun.objects.create(
        checkpoint_from=checkpoint, config={"minutes": 1}, enqueued_at=timezone.now()
    )

    async def subscribe(topic: str) -> AsyncIterator[Any]:
        assert topic == run.topic
        yield None
        yield "run", {"id": run.pk}

    monkeypatch.setattr("annotations.api.training_events.subscribe", subscribe)

    async def listen(user: Any) -> Any:
        client = AsyncClient()
        await client.aforce_login(user)
        answer: Any = await client.get(f"{LIST}{run.pk}/events/")
        if not answer.streaming:
            return answer.status_code
        return "".join([piece.decode() async for piece in answer])

    comment, told, _ = async_to_sync(listen)(make_user("boss", is_staff=True)).split("\n\n")
    assert comment.startswith(": ")
    assert json.loads(told.partition("data: ")[2])["status"] == "queued"
    assert async_to_sync(listen)(make_user("visitor")) == 403


@pytest.fixture
def ended(checkpoint: Checkpoint, dataset: Dataset) -> Callable[..., TrainingRun]:
    """A run on the dataset that has ended, of which people have been told."""

    def ended(**fields: Any) -> TrainingRun:
        run = TrainingRun.objects.create(
            **{
                "checkpoint_from": checkpoint,
                "checkpoint_to": checkpoint,
                "source": dataset.source,
                "created_by_name": "boss",
                "config": {"minutes": 30, "epochs": 4},
                "status": "done",
                "enqueued_at": timezone.now(),
                **fields,
            }
        )
        tell_of_the_end(run.pk)
        return run

    return ended


def judged(run: TrainingRun, **fields: Any) -> None:
    Judgement.objects.create(
        candidate=run.checkpoint_to,
        rival=run.checkpoint_from,
        source=run.source,
        run=run,
        status="done",
        enqueued_at=timezone.now(),
        **fields,
    )
    Notice.objects.all().delete()
    tell_of_the_end(run.pk)


def test_who_started_a_run_is_told_and_mailed_how_it_ended(
    admin: APIClient, ended: Any, mailoutbox: list[Any]
) -> None:
    get_user_model().objects.filter(username="boss").update(email="boss@example.org")
    run = ended()
    ended(status="failed", error="It needed more memory than it may have.")
    ended(status="cancelled")
    failed, done = admin.get("/api/notices/").json()["results"]
    assert (done["kind"], done["run"], done["actor"]) == ("trained", run.pk, None)
    assert done["url"] == f"/models/runs/{run.pk}/"
    assert done["text"] == "Its result is “disks”."
    assert (failed["kind"], failed["text"]) == (
        "not_trained",
        "It needed more memory than it may have.",
    )
    for notice in (done, failed):
        email_notice(notice_id=notice["id"])
    assert [mail.to for mail in mailoutbox] == [["boss@example.org"]] * 2
    assert mailoutbox[0].subject == f"Training run {run.pk} on “Biopsies” is done"
    assert f"/models/runs/{run.pk}/" in mailoutbox[0].body
    assert "more memory" in mailoutbox[1].body
    client = Client()
    client.force_login(get_user_model().objects.get(username="boss"))
    page = client.get("/notices/").content.decode()
    assert f"Training run {run.pk} on “Biopsies” is done" in page
    assert "has failed" in page


def test_a_run_that_nobody_started_is_told_to_who_manages_the_dataset(
    ended: Any, client_of: Clients, dataset: Dataset
) -> None:
    ended(created_by_name="", trigger="schedule")
    told = Notice.objects.values_list("person__username", flat=True)
    assert sorted(told) == ["admin", "owner"]
    [notice] = client_of("owner").get("/api/notices/").json()["results"]
    assert notice["url"] == f"/datasets/{dataset.pk}/", "the run's page is not theirs"
    Membership.objects.filter(user__username="owner").delete()
    assert client_of("owner").get("/api/notices/").json()["results"] == []


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ({"minutes": 30.02, "epoch": 2}, "It ended when its 30 minutes were over."),
        ({"minutes": 9, "epoch": 4.0}, "It ended after its 4 epochs."),
    ],
)
def test_the_limit_that_ended_a_training_is_told(
    admin: APIClient, ended: Any, metrics: Any, said: str
) -> None:
    ended(metrics=metrics)
    assert Notice.objects.get().text == f"Its result is “disks”. {said}"


def test_the_verdict_of_the_gate_is_told(
    admin: APIClient, ended: Any, checkpoint: Checkpoint
) -> None:
    run = ended()
    judged(run, passed=False, reasons=["aji is worse by 0.020"])
    assert Notice.objects.get().text.endswith("not passed the gate: aji is worse by 0.020.")
    judged(run, passed=True, reasons=["aji is better by 0.020"])
    assert "waits to be promoted: aji is better" in Notice.objects.get().text
    activate_checkpoint(checkpoint=checkpoint, scope=run.source)
    judged(run, passed=True, reasons=["aji is better by 0.020"])
    assert "answers clicks there now: aji is better" in Notice.objects.get().text
