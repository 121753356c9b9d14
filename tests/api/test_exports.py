import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from PIL import Image as Picture
from pycocotools.coco import COCO
from rest_framework.test import APIClient

from annotations.models import Dataset, Export, Image, LabelClass, Mask, SecurityEvent
from annotations.services.export import create_export
from annotations.services.job import MAX_ATTEMPTS, Progress, resume_lost_jobs
from annotations.services.mask import delete_mask
from annotations.tasks import run_export
from ml import rle
from tests.factories import make_image, make_mask

# pycocotools 2.0.11 lacks the copy keyword that numpy 2 asks for.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Clients = Callable[[str], APIClient]


@pytest.fixture
def masks(image: Image, team: dict[str, Any]) -> list[Mask]:
    """Two masks that overlap, the second of a class; and a deleted one."""
    first = make_mask(image, team["owner"])
    second = make_mask(image, team["owner"], x=8, y=5, width=10, height=8)
    Mask.objects.filter(pk=second.pk).update(label_class=LabelClass.objects.get())
    deleted = make_mask(image, team["owner"], x=20, y=20)
    delete_mask(user=team["owner"], mask=deleted, version=1)
    return [first, second]


def ask(client: APIClient, dataset: Dataset, format: str = "coco_rle") -> dict[str, Any]:
    answer = client.post("/api/exports/", {"dataset": dataset.pk, "format": format})
    assert answer.status_code == 201, answer.data
    return answer.json()


def export(client: APIClient, dataset: Dataset, format: str) -> tuple[dict[str, Any], bytes]:
    """Ask for an export, be its worker, and download it."""
    job = ask(client, dataset, format)
    assert (job["status"], job["progress"], job["download_url"]) == ("queued", 0.0, None)
    run_export(job["id"])
    job = client.get(f"/api/exports/{job['id']}/").json()
    assert (job["status"], job["progress"], job["error"]) == ("done", 1.0, "")
    download = client.get(job["download_url"])
    assert download.status_code == 200
    assert download["Content-Disposition"].startswith('attachment; filename="biopsies-')
    assert download["X-Content-Type-Options"] == "nosniff"
    assert SecurityEvent.objects.filter(kind="export.downloaded").exists()
    content = download.getvalue()
    return job, content


def bitmap(mask: Mask) -> np.ndarray:
    return rle.paste(mask.bbox, mask.counts, mask.image.height, mask.image.width)


@pytest.mark.parametrize("format", ["coco_rle", "coco_polygons"])
def test_coco_holds_the_live_masks(
    format: str, dataset: Dataset, masks: list[Mask], client_of: Clients, tmp_path: Path
) -> None:
    _, content = export(client_of("viewer"), dataset, format)
    path = tmp_path / "nuclei.json"
    path.write_bytes(content)
    coco = COCO(str(path))
    [picture] = coco.loadImgs(coco.getImgIds())
    assert (picture["file_name"], picture["width"], picture["height"]) == ("cells.png", 40, 30)
    found = coco.loadAnns(coco.getAnnIds(imgIds=[picture["id"]]))
    assert [a["area"] for a in found] == [18, 80]
    for annotation, mask in zip(found, masks, strict=True):
        assert np.array_equal(coco.annToMask(annotation), bitmap(mask))
    names = [category["name"] for category in coco.loadCats([a["category_id"] for a in found])]
    assert names == ["unclassified", "Nucleus"]


def test_label_masks_are_16_bit_pngs_with_a_manifest(
    dataset: Dataset, masks: list[Mask], client_of: Clients, team: dict[str, Any]
) -> None:
    make_image(dataset, team["owner"], name="empty.png", seed=1)
    _, content = export(client_of("reviewer"), dataset, "label_masks")
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        labels = np.asarray(Picture.open(archive.open("labels/cells.png")))
        empty = np.asarray(Picture.open(archive.open("labels/empty.png")))
        manifest = json.loads(archive.read("manifest.json"))
    first, second = (bitmap(mask) for mask in masks)
    assert labels.dtype == np.uint16
    assert np.array_equal(labels == 1, first)
    assert np.array_equal(labels == 2, second & ~first)
    assert not empty.any()
    entry = manifest["images"][0]
    assert entry["contested_pixels"] == np.count_nonzero(first & second) > 0
    assert entry["classes"] == [None, "Nucleus"]


@pytest.mark.parametrize("format", ["coco_rle", "label_masks"])
def test_an_empty_dataset_can_be_exported(
    format: str, dataset: Dataset, client_of: Clients
) -> None:
    _, content = export(client_of("owner"), dataset, format)
    assert content


@pytest.mark.parametrize("format", Export.Format.values)
def test_queries_do_not_grow_with_images_or_masks(
    format: str,
    dataset: Dataset,
    masks: list[Mask],
    team: dict[str, Any],
    django_assert_max_num_queries: Any,
) -> None:
    for seed in range(1, 5):
        image = make_image(dataset, team["owner"], name=f"{seed}.png", seed=seed)
        for x in range(6):
            make_mask(image, team["owner"], x=x)
    job = create_export(user=team["owner"], dataset=dataset, format=format)
    with django_assert_max_num_queries(10):
        run_export(job.pk)
    assert Export.objects.get().status == "done"


def test_the_list_shows_the_newest_first_and_only_your_datasets(
    dataset: Dataset, client_of: Clients
) -> None:
    ids = [ask(client_of("viewer"), dataset)["id"] for _ in range(3)]
    page = client_of("owner").get(f"/api/exports/?dataset={dataset.pk}&page_size=2").json()
    assert [job["id"] for job in page["results"]] == [ids[2], ids[1]]
    assert client_of("stranger").get("/api/exports/").json()["results"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [({"format": "coco_rle"}, 400), ({"format": "pickle"}, 400), ({"dataset": 0}, 400)],
)
def test_bad_requests(
    body: dict[str, Any], status: int, dataset: Dataset, client_of: Clients
) -> None:
    answer = client_of("owner").post("/api/exports/", body)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_strangers_find_nothing(dataset: Dataset, client_of: Clients) -> None:
    job, _ = export(client_of("owner"), dataset, "coco_rle")
    stranger = client_of("stranger")
    body = {"dataset": dataset.pk, "format": "coco_rle"}
    assert stranger.post("/api/exports/", body).status_code == 404
    assert stranger.get(f"/api/exports/{job['id']}/").status_code == 404
    assert stranger.get(job["download_url"]).status_code == 404
    assert stranger.delete(f"/api/exports/{job['id']}/").status_code == 404
    assert APIClient().get(job["download_url"]).status_code in (401, 403)


def test_only_its_maker_or_an_owner_removes_an_export(dataset: Dataset, client_of: Clients) -> None:
    job = ask(client_of("viewer"), dataset)
    assert client_of("reviewer").delete(f"/api/exports/{job['id']}/").status_code == 403
    assert client_of("annotator").delete(f"/api/exports/{job['id']}/").status_code == 404
    assert client_of("owner").delete(f"/api/exports/{job['id']}/").status_code == 204


def test_a_blind_dataset_does_not_tell_who_exports(dataset: Dataset, client_of: Clients) -> None:
    made = {role: ask(client_of(role), dataset) for role in ("owner", "annotator", "reviewer")}
    Dataset.objects.update(blind=True)

    def seen_by(role: str) -> list[str]:
        rows = client_of(role).get("/api/exports/").json()["results"]
        return [row["created_by"] for row in reversed(rows)]

    assert seen_by("owner") == [job["created_by"] for job in made.values()] == list(made)
    assert seen_by("reviewer") == ["somebody else", "somebody else", "reviewer"]
    assert seen_by("annotator") == ["annotator"]


def test_an_unfinished_export_cannot_be_downloaded(dataset: Dataset, client_of: Clients) -> None:
    job = ask(client_of("owner"), dataset)
    answer = client_of("owner").get(f"/api/exports/{job['id']}/download/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_done")


def test_a_lost_file_says_so(dataset: Dataset, client_of: Clients, media: Path) -> None:
    job, _ = export(client_of("owner"), dataset, "coco_rle")
    (media / Export.objects.get().file).unlink()
    answer = client_of("owner").get(job["download_url"])
    assert answer.status_code == 404
    assert "export again" in answer.json()["detail"]


# --- the life of a job --------------------------------------------------------------------------


def test_asking_sends_one_message(
    dataset: Dataset,
    client_of: Clients,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        "annotations.services.job.enqueue",
        lambda task, ids, *, queue: sent.append((task, ids, queue)),
    )
    with django_capture_on_commit_callbacks(execute=True):
        job = ask(client_of("owner"), dataset)
    assert sent == [("annotations.run_export", [job["id"]], "batch")]


def test_a_message_delivered_twice_changes_nothing(
    dataset: Dataset, masks: list[Mask], client_of: Clients
) -> None:
    job, content = export(client_of("owner"), dataset, "coco_rle")
    run_export(job["id"])
    run_export(job["id"] + 1000)
    assert Export.objects.get().attempts == 1
    download = client_of("owner").get(job["download_url"])
    assert download.getvalue() == content


def test_a_finished_export_is_removed_with_its_file(
    dataset: Dataset, client_of: Clients, media: Path
) -> None:
    job, _ = export(client_of("owner"), dataset, "label_masks")
    assert client_of("owner").delete(f"/api/exports/{job['id']}/").status_code == 204
    assert client_of("owner").delete(f"/api/exports/{job['id']}/").status_code == 404
    assert not (media / "exports" / str(job["id"])).exists()


def test_a_queued_export_is_cancelled_before_it_begins(
    dataset: Dataset, client_of: Clients
) -> None:
    job = ask(client_of("owner"), dataset)
    assert client_of("owner").delete(f"/api/exports/{job['id']}/").status_code == 204
    run_export(job["id"])
    assert client_of("owner").get(f"/api/exports/{job['id']}/").json()["status"] == "cancelled"


def when_reporting(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have something happen while a worker is at it."""
    report = Progress.report

    def report_after(self: Progress, fraction: float) -> None:
        act()
        report(self, fraction)

    monkeypatch.setattr(Progress, "report", report_after)
    monkeypatch.setattr("annotations.services.job.REPORT_EVERY_SECONDS", 0)


def test_a_running_export_stops_when_it_is_cancelled(
    dataset: Dataset,
    masks: list[Mask],
    client_of: Clients,
    media: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = ask(client_of("owner"), dataset, "label_masks")
    url = f"/api/exports/{job['id']}/"
    when_reporting(monkeypatch, lambda: client_of("owner").delete(url))
    run_export(job["id"])
    assert client_of("owner").get(url).json()["status"] == "cancelled"
    assert not (media / "exports" / str(job["id"])).exists()


def test_progress_is_written_while_it_runs(
    dataset: Dataset, masks: list[Mask], team: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(1, 4):
        make_image(dataset, team["owner"], name=f"{seed}.png", seed=seed)
    seen: list[float] = []
    when_reporting(monkeypatch, lambda: seen.append(Export.objects.get().progress))
    run_export(create_export(user=team["owner"], dataset=dataset, format="label_masks").pk)
    assert seen == [0.0, 0.25, 0.5, 0.75]


def lose(job_id: int, **fields: Any) -> None:
    """Make a job look as if its worker had died a while ago."""
    long_ago = timezone.now() - timedelta(minutes=10)
    Export.objects.filter(pk=job_id).update(alive_at=long_ago, **fields)


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sent: list[int] = []
    monkeypatch.setattr(
        "annotations.services.job.enqueue", lambda task, ids, *, queue: sent.extend(ids)
    )
    return sent


def test_a_job_of_a_dead_worker_is_sent_again_and_made_anew(
    dataset: Dataset, masks: list[Mask], client_of: Clients, messages: list[int], media: Path
) -> None:
    job = ask(client_of("owner"), dataset)
    leftover = media / "exports" / str(job["id"]) / "1.part"
    leftover.parent.mkdir(parents=True)
    leftover.write_text("half a fi")
    run_export(ask(client_of("owner"), dataset)["id"])  # another one, which is fine
    lose(job["id"], status="running", attempts=1)
    resume_lost_jobs()
    assert messages == [job["id"]]
    run_export(job["id"])
    assert client_of("owner").get(f"/api/exports/{job['id']}/").json()["status"] == "done"
    assert [path.name for path in leftover.parent.iterdir()] == ["2.json"]


def test_a_worker_believed_dead_stops_when_it_finds_its_job_taken(
    dataset: Dataset,
    masks: list[Mask],
    client_of: Clients,
    messages: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = ask(client_of("owner"), dataset)

    def be_silent() -> None:
        lose(job["id"])
        resume_lost_jobs()

    when_reporting(monkeypatch, be_silent)
    run_export(job["id"])
    assert Export.objects.get().status == "queued"


def test_a_job_that_kills_its_workers_fails_with_a_sentence(
    dataset: Dataset, client_of: Clients, messages: list[int]
) -> None:
    job = ask(client_of("owner"), dataset)
    lose(job["id"], status="running", attempts=MAX_ATTEMPTS)
    resume_lost_jobs()
    run_export(job["id"])
    answer = client_of("owner").get(f"/api/exports/{job['id']}/").json()
    assert answer["status"] == "failed"
    assert "died 3 times" in answer["error"]


def test_a_bug_fails_the_job_and_is_raised(
    dataset: Dataset,
    masks: list[Mask],
    client_of: Clients,
    monkeypatch: pytest.MonkeyPatch,
    media: Path,
) -> None:
    job = ask(client_of("owner"), dataset)

    def break_down() -> None:
        raise ZeroDivisionError

    when_reporting(monkeypatch, break_down)
    with pytest.raises(ZeroDivisionError):
        run_export(job["id"])
    answer = client_of("owner").get(f"/api/exports/{job['id']}/").json()
    assert answer["status"] == "failed"
    assert "went wrong on the server" in answer["error"]
    assert not (media / "exports" / str(job["id"])).exists()


def test_a_former_member_cannot_download(dataset: Dataset, client_of: Clients) -> None:
    job, _ = export(client_of("viewer"), dataset, "coco_rle")
    dataset.memberships.filter(role="viewer").delete()
    assert client_of("viewer").get(job["download_url"]).status_code == 404
