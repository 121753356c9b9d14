"""Two checkpoints side by side, worst regressions first; what fails the gate needs a reason."""

from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotations.models import Dataset, Image
from annotations.models.dataset import source_of
from annotations.services.held_out import hold_out
from ml.models import Checkpoint, Evaluation, Judgement, Status
from ml.services import register_checkpoint
from tests.factories import make_image, make_mask, make_user
from tests.ml.app.disks import write_checkpoint

LIST = "/api/judgements/"


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    sent: list[Any] = []
    monkeypatch.setattr(
        "ml.judgement_queue.enqueue", lambda *message, queue: sent.append((*message, queue))
    )
    return sent


@pytest.fixture
def pair(db: None, settings: Any, tmp_path: Path) -> tuple[Checkpoint, Checkpoint]:
    """A new checkpoint and the active one."""
    settings.DATA_DIR = tmp_path / "data"
    old = write_checkpoint(settings.DATA_DIR / "old.safetensors", name='"old"')
    new = write_checkpoint(settings.DATA_DIR / "new.safetensors", 1.0, name='"new"')
    return register_checkpoint(path=new), register_checkpoint(path=old, activate=True)


@pytest.fixture
def held_out(dataset: Dataset, team: Any) -> list[Image]:
    images = [make_image(dataset, team["owner"], name=f"{n}.png", seed=n) for n in range(2)]
    for image in images:
        make_mask(image, team["owner"])
    Image.objects.update(status=Image.Status.ACCEPTED)
    hold_out(user=team["owner"], dataset=dataset, groups=["0.png", "1.png"])
    return images


@pytest.fixture
def judged(pair: tuple[Checkpoint, Checkpoint], held_out: list[Image]) -> Judgement:
    """The new one gains on the first image and loses on the second."""
    first, second = (image.sha256 for image in held_out)
    for checkpoint, scores in zip(pair, [(0.75, 0.25), (0.5, 0.75)], strict=True):
        row = Evaluation.objects.create(
            checkpoint=checkpoint,
            held_out="aaaa",
            source=held_out[0].scope,
            scores={first: {"aji": scores[0]}, second: {"aji": scores[1]}},
            summary={"aji": {"mean": sum(scores) / 2, "interval": [0.2, 0.8]}},
        )
        row.folder.mkdir(parents=True)
        (row.folder / f"{first}.webp").write_bytes(b"a picture")
    gain = {"candidate": 0.5, "rival": 0.625, "gain": -0.125, "interval": [-0.5, 0.25], "images": 2}
    return Judgement.objects.create(
        candidate=pair[0],
        rival=pair[1],
        source=held_out[0].scope,
        held_out="aaaa",
        status=Status.DONE,
        comparison={"aji": gain},
        passed=False,
        reasons=["aji is worse by 0.125"],
        enqueued_at=held_out[0].created_at,
    )


@pytest.fixture
def admin(db: None) -> APIClient:
    client = APIClient()
    client.force_login(make_user("boss", is_staff=True))
    return client


def test_a_comparison_is_asked_for_once_there_is_something_to_judge_on(
    admin: APIClient,
    pair: tuple[Checkpoint, Checkpoint],
    dataset: Dataset,
    request: pytest.FixtureRequest,
    sent: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    new, old = pair
    body = {"candidate": new.pk, "rival": old.pk, "dataset": dataset.pk}
    refused = admin.post(LIST, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_held_out")
    request.getfixturevalue("held_out")
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(LIST, body)
    assert (answer.status_code, answer.json()["status"]) == (201, "queued")
    assert sent == [("ml.run_judgement", [answer.json()["id"]], "train")]
    assert admin.post(LIST, body | {"rival": new.pk}).status_code == 409
    assert admin.post(LIST, body | {"dataset": 404}).status_code == 404


def test_what_fails_the_gate_is_promoted_with_a_reason_only(
    admin: APIClient, judged: Judgement
) -> None:
    url = f"/api/checkpoints/{judged.candidate_id}/activate/"
    refused = admin.post(url)
    assert (refused.status_code, refused.json()["code"]) == (409, "gate")
    assert "aji is worse by 0.125" in refused.json()["detail"]
    assert admin.post(url, {"reason": "it is better where it matters"}).status_code == 200
    # Against what answers now it was never judged, so going back needs no reason.
    assert admin.post(f"/api/checkpoints/{judged.rival_id}/activate/").status_code == 200


def test_what_passes_on_one_dataset_hides_no_failure_on_another(
    admin: APIClient, judged: Judgement, dataset: Dataset
) -> None:
    """The newest judgement is that on the other dataset."""
    other = Dataset.objects.create(name="other", created_by=dataset.created_by)
    newer = Judgement.objects.create(
        candidate=judged.candidate,
        rival=judged.rival,
        source=source_of(other.pk),
        status=Status.DONE,
        passed=True,
        enqueued_at=judged.enqueued_at,
    )
    url = f"/api/checkpoints/{judged.candidate_id}/activate/"
    for body in ({"dataset": dataset.pk}, {}):
        refused = admin.post(url, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "gate")
    assert admin.post(url, {"dataset": other.pk}).status_code == 200
    newer.source = judged.source  # judged once more, on the same dataset
    newer.save()
    assert admin.post(url, {"dataset": dataset.pk}).status_code == 200


def test_the_page_shows_the_worst_change_first(client: Any, judged: Judgement) -> None:
    client.force_login(make_user("boss", is_staff=True))
    url = f"/models/comparisons/{judged.pk}/"
    page = client.get(url).content.decode()
    assert "aji is worse by 0.125" in page
    assert "-0.125" in page
    assert page.index("1.png") < page.index("0.png")
    pictures = [word for word in page.split('"') if word.startswith("/models/evaluations/")]
    assert len(pictures) == 4
    assert client.get(pictures[2]).content == b"a picture"
    assert client.get(pictures[0]).status_code == 404
    assert client.get(f"{url}?by=nonsense&page=99").status_code == 200
    Judgement.objects.update(status="running")
    assert "scores both on every held-out image" in client.get(url).content.decode()


def test_the_page_starts_comparisons(
    client: Any, judged: Judgement, pair: tuple[Checkpoint, Checkpoint], dataset: Dataset
) -> None:
    client.force_login(make_user("boss", is_staff=True))
    page = client.get("/models/comparisons/").content.decode()
    assert "new against old" in page
    new, old = pair
    body = {"candidate": old.pk, "rival": new.pk, "dataset": dataset.pk}
    page = client.post("/models/comparisons/new/", body, follow=True).content.decode()
    assert "old against new" in page
    page = client.post("/models/comparisons/new/", {}, follow=True).content.decode()
    assert "Choose two checkpoints and a dataset" in page
    page = client.get(f"/models/checkpoints/{new.pk}/").content.decode()
    assert "On held-out images" in page
