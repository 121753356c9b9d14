"""Uploads are decoded, stored once, named safely, and sent only as what they are."""

import re
import shutil
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Batch, Dataset, Image
from annotations.services.dataset import create_dataset
from annotations.services.image import clean_name
from annotations.services.image_files import delete_unused_files
from annotations.services.purge import purging
from ml.models import Checkpoint, Encoding
from tests.factories import make_image, png_bytes, png_file


@pytest.fixture
def owner(client_of: Any) -> Any:
    return client_of("owner")


def upload(client: Any, dataset: Dataset, file: Any, **fields: Any) -> Any:
    body = {"dataset": dataset.pk, "file": file, **fields}
    return client.post("/api/images/", body, format="multipart")


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_an_upload_becomes_an_image(owner: Any, dataset: Dataset, media: Path) -> None:
    answer = upload(owner, dataset, png_file("cells.png"), microns_per_pixel=0.25)
    assert answer.status_code == 201
    image = answer.json()
    assert (image["name"], image["width"], image["height"]) == ("cells.png", 40, 30)
    assert (image["bit_depth"], image["channels"], image["microns_per_pixel"]) == (8, 3, 0.25)
    assert (image["status"], image["mask_count"], image["version"]) == ("new", 0, 1)
    original = media / Image.objects.get().original
    assert original.read_bytes() == png_bytes()
    assert original.name == f"{image['sha256']}.png"
    dataset.refresh_from_db()
    assert dataset.image_count == 1


def test_files_are_sent_as_what_they_are(owner: Any, image: Image) -> None:
    expected = {"pixels": "image/png", "thumbnail": "image/webp"}
    for name, content_type in expected.items():
        answer = owner.get(f"/api/images/{image.pk}/{name}/")
        assert answer["Content-Type"] == content_type
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
        assert len(b"".join(answer.streaming_content)) > 0
        cached = owner.get(f"/api/images/{image.pk}/{name}/", HTTP_IF_NONE_MATCH=answer["ETag"])
        assert cached.status_code == 304


def test_a_file_that_is_lost_is_not_found(owner: Any, image: Image, media: Path) -> None:
    (media / image.pixels).unlink()
    answer = owner.get(f"/api/images/{image.pk}/pixels/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_original_is_a_download(owner: Any, image: Image) -> None:
    answer = owner.get(f"/api/images/{image.pk}/original/")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="cells.png"'
    assert b"".join(answer.streaming_content) == png_bytes()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        png_bytes()[:200],
        b"GIF89a" + bytes(50),
    ],
    ids=["empty", "svg", "html", "truncated", "gif"],
)
def test_what_is_no_image_is_refused_and_leaves_nothing(
    owner: Any, dataset: Dataset, media: Path, content: bytes
) -> None:
    answer = upload(owner, dataset, SimpleUploadedFile("cells.png", content, "image/png"))
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_image"
    assert "cells.png" in answer.json()["detail"]
    assert not Image.objects.exists()
    assert files_in(media) == []


def test_a_file_over_the_limit_is_refused(owner: Any, dataset: Dataset, settings: Any) -> None:
    settings.MAX_UPLOAD_MB = 0
    answer = upload(owner, dataset, png_file())
    assert answer.status_code == 413
    assert "larger than 0 MB" in answer.json()["detail"]


def test_the_same_file_twice_is_a_conflict(owner: Any, dataset: Dataset) -> None:
    upload(owner, dataset, png_file("first.png"))
    answer = upload(owner, dataset, png_file("second.png"))
    assert answer.status_code == 409
    assert "first.png" in answer.json()["detail"]


def test_another_file_of_the_same_name_gets_a_name_of_its_own(owner: Any, dataset: Dataset) -> None:
    names = {upload(owner, dataset, png_file(seed=seed)).json()["name"] for seed in (1, 2)}
    assert len(names) == 2
    assert all(name.startswith("cells") and name.endswith(".png") for name in names)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\me\\slide 3.tif", "slide 3.tif"),
        ("a\x00b\nc\u202egnp.png", "abcgnp.png"),
        ("", "image"),
        ("..", "image"),
        ("é" * 300 + ".png", "é" * 196 + ".png"),
    ],
)
def test_names_lose_paths_and_control_characters(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def test_a_name_with_markup_is_only_a_name(owner: Any, dataset: Dataset) -> None:
    name = "<img src=x onerror=alert(1)>.png"
    answer = upload(owner, dataset, png_file(name))
    assert answer.json()["name"] == name
    page = owner.get(f"/datasets/{dataset.pk}/").content.decode()
    assert name not in page
    assert "&lt;img src=x onerror=alert(1)&gt;.png" in page
    image = Image.objects.get()
    canvas = owner.get(f"/datasets/{dataset.pk}/annotate/{image.pk}/").content.decode()
    assert name not in canvas


def test_a_change_needs_the_version_that_was_seen(owner: Any, image: Image) -> None:
    url = f"/api/images/{image.pk}/"
    assert owner.patch(url, {"name": "a.png"}).status_code == 400
    assert owner.patch(url, {"name": "a.png", "version": 1}).json()["version"] == 2
    stale = owner.patch(url, {"name": "b.png", "version": 1})
    assert stale.status_code == 409
    assert stale.json()["current"]["name"] == "a.png"
    assert stale.json()["current"]["encoding"] == "none"


@pytest.mark.parametrize(
    "change", [{"status": "accepted"}, {"microns_per_pixel": 0}, {"microns_per_pixel": "wide"}]
)
def test_a_bad_change_is_refused(owner: Any, image: Image, change: dict[str, Any]) -> None:
    assert owner.patch(f"/api/images/{image.pk}/", {"version": 1, **change}).status_code == 400


def test_names_in_a_dataset_stay_different(
    owner: Any, dataset: Dataset, image: Image, team: Any
) -> None:
    other = make_image(dataset, team["owner"], name="other.png", seed=3)
    answer = owner.patch(f"/api/images/{other.pk}/", {"version": 1, "name": image.name})
    assert (answer.status_code, answer.json()["code"]) == (400, "name_taken")


@pytest.mark.django_db(transaction=True)
def test_files_that_another_upload_brings_at_that_moment_stay(
    owner: Any, dataset: Dataset, team: Any, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_image(dataset, team["owner"])
    copy = create_dataset(user=team["owner"], name="Copy")
    paths = [image.original, image.pixels, image.thumbnail]
    with purging():
        Image.objects.all().delete()  # and now its files are to go, but for the upload below

    def clean_up() -> None:
        try:
            delete_unused_files(image.sha256, paths)
        finally:
            connection.close()

    cleaner = Thread(target=clean_up)
    move = shutil.move

    def move_slowly(source: Path, target: Path) -> None:
        move(source, target)
        if target.name.endswith(".thumb.webp"):  # the last; the row is not committed yet
            cleaner.start()
            cleaner.join(0.3)

    monkeypatch.setattr("annotations.services.image.shutil.move", move_slowly)
    make_image(copy, team["owner"])
    cleaner.join(10)
    assert len(files_in(media)) == 3


def test_the_state_of_the_encoding_is_that_of_the_active_checkpoint(
    owner: Any, image: Image
) -> None:
    for name, active, status in (("old", False, "ready"), ("new", True, "running")):
        checkpoint = Checkpoint.objects.create(
            name=name, sha256=name, file=name, kind="click", is_active=active
        )
        Encoding.objects.update_or_create(
            image_sha256=image.sha256,
            checkpoint=checkpoint,
            defaults={
                "status": status,
                "image_path": image.pixels,
                "width": 40,
                "height": 30,
                "enqueued_at": timezone.now(),
            },
        )
    assert owner.get(f"/api/images/{image.pk}/").json()["encoding"] == "running"


def test_the_list_is_filtered_and_costs_the_same_however_long(
    owner: Any, dataset: Dataset, image: Image, team: Any
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            owner.get(f"/api/images/?dataset={dataset.pk}")
            owner.get(f"/datasets/{dataset.pk}/")
        return len(captured)

    owner.post(f"/api/images/{image.pk}/submit/", {"version": 1})
    few = queries()
    for seed in (1, 2, 3):
        make_image(dataset, team["owner"], name=f"{seed}.png", seed=seed)
    assert queries() == few
    found = owner.get(f"/api/images/?dataset={dataset.pk}&status=new").json()["results"]
    assert [row["name"] for row in found] == ["1.png", "2.png", "3.png"]
    assert owner.get("/api/images/?status=lost").status_code == 400


def filtered(client: Any, dataset: Dataset, query: str) -> list[str]:
    found = client.get(f"/api/images/?dataset={dataset.pk}&{query}")
    assert found.status_code == 200, found.content
    return [row["name"] for row in found.json()["results"]]


@pytest.fixture
def handed_out(dataset: Dataset, team: Any) -> Dataset:
    """One image in each state that a filter asks for, and one in none."""
    today = timezone.localdate()
    batch = Batch.objects.create(dataset=dataset, name="First", created_by=team["owner"])
    facts: dict[str, dict[str, Any]] = {
        "assigned": {"assignee": team["annotator"]},
        "reviewed": {"reviewer": team["reviewer"], "status": "in_review"},
        "batched": {"batch": batch},
        "late": {"due_on": today - timedelta(days=1)},
        "late but done": {"due_on": today - timedelta(days=1), "status": "accepted"},
        "due": {"due_on": today},
        "discussed": {"open_threads": 1},
        "none": {},
    }
    for seed, (name, fields) in enumerate(facts.items()):
        image = make_image(dataset, team["owner"], name=f"{name}.png", seed=seed)
        Image.objects.filter(pk=image.pk).update(**fields)
    return dataset


def test_the_list_is_filtered_by_what_the_page_is_filtered_by(
    owner: Any, client_of: Any, handed_out: Dataset, team: Any
) -> None:
    batch = Batch.objects.get().pk
    for query, names in {
        f"assignee={team['annotator'].pk}": ["assigned.png"],
        f"reviewer={team['reviewer'].pk}": ["reviewed.png"],
        f"batch={batch}": ["batched.png"],
        f"batch={batch}&assignee=me": [],
        "overdue=true": ["late.png"],
        "comments=true": ["discussed.png"],
    }.items():
        assert filtered(owner, handed_out, query) == names, query
        page = owner.get(f"/datasets/{handed_out.pk}/?{query.replace('true', 'on')}")
        shown = re.findall(r'class="name" title="([^"]+)"', page.content.decode())
        assert shown == names, query
    assert filtered(client_of("annotator"), handed_out, "assignee=me") == ["assigned.png"]
    assert len(filtered(owner, handed_out, "assignee=none")) == 7
    assert len(filtered(owner, handed_out, "overdue=false")) == 8


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("dataset={0}&assignee=somebody", "assignee"),
        ("dataset={0}&reviewer=9999999999999999999", "reviewer"),
        ("assignee=me", "dataset"),
        ("overdue=true", "dataset"),
    ],
)
def test_filters_that_make_no_sense_are_refused(
    owner: Any, dataset: Dataset, query: str, name: str
) -> None:
    answer = owner.get(f"/api/images/?{query.format(dataset.pk)}")
    assert answer.status_code == 400
    assert name in answer.json()["detail"].lower()


def test_a_blind_dataset_is_not_filtered_by_other_people(
    owner: Any, client_of: Any, handed_out: Dataset, team: Any
) -> None:
    Dataset.objects.update(blind=True)
    by_annotator = f"assignee={team['annotator'].pk}"
    assert filtered(owner, handed_out, by_annotator) == ["assigned.png"]
    assert filtered(client_of("annotator"), handed_out, by_annotator) == ["assigned.png"]
    assert filtered(client_of("reviewer"), handed_out, "reviewer=me") == ["reviewed.png"]
    for query in (by_annotator, f"reviewer={team['owner'].pk}"):
        answer = client_of("reviewer").get(f"/api/images/?dataset={handed_out.pk}&{query}")
        assert answer.status_code == 400, query
    stranger = client_of("stranger")
    assert filtered(stranger, handed_out, by_annotator) == []
