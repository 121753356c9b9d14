import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture
from rest_framework.test import APIClient

from annotations.models import Dataset, Image, ImportJob, LabelClass, Mask
from annotations.services import import_job
from annotations.services.export import create_export, open_export
from annotations.services.image import delete_image
from annotations.services.import_source import Source
from annotations.services.job import Progress, folder_of
from annotations.services.mask import delete_mask
from annotations.tasks import run_export, run_import
from ml import rle
from tests.factories import make_image, make_mask

Clients = Callable[[str], APIClient]


def upload(
    client: APIClient, dataset: Dataset, content: bytes, name: str, format: str = "coco"
) -> Any:
    file = SimpleUploadedFile(name, content)
    body = {"dataset": dataset.pk, "format": format, "file": file}
    return client.post("/api/imports/", body, format="multipart")


def bring_in(
    client: APIClient, dataset: Dataset, content: bytes, name: str, format: str = "coco"
) -> dict[str, Any]:
    """Upload a file, be its worker, and return the job as it ended."""
    answer = upload(client, dataset, content, name, format)
    assert answer.status_code == 201, answer.data
    job = answer.json()
    assert (job["status"], job["report"], job["file_name"]) == ("queued", None, name)
    run_import(job["id"])
    return client.get(f"/api/imports/{job['id']}/").json()


def document(*segmentations: Any, image: str = "cells.png", **changes: Any) -> bytes:
    whole = {
        "images": [{"id": 3, "file_name": image, "width": 40, "height": 30}],
        "categories": [{"id": 1, "name": "Nucleus"}, {"id": 2, "name": "Mitotic"}],
        "annotations": [
            {"id": n, "image_id": 3, "category_id": 1 + n % 2, "segmentation": segmentation}
            for n, segmentation in enumerate(segmentations)
        ],
    }
    return json.dumps(whole | changes).encode()


def square(x: int, y: int, side: int = 4) -> list[list[int]]:
    return [[x, y, x + side, y, x + side, y + side, x, y + side]]


def png(labels: np.ndarray) -> bytes:
    content = BytesIO()
    Picture.fromarray(labels).save(content, "PNG")
    return content.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()


LABELS = np.zeros((30, 40), dtype=np.uint16)
LABELS[2:6, 3:9] = 1
LABELS[10:14, 20:22] = 300
LABELS[13, 21] = 0


def bitmaps(dataset: Dataset) -> list[tuple[str, str | None, bytes]]:
    """Everything there is, comparably: image, class and pixels of each live mask."""
    rows = Mask.objects.live().filter(image__dataset=dataset).select_related("image", "label_class")
    return sorted(
        (
            row.image.name,
            row.label_class.name if row.label_class else "",
            rle.paste(row.bbox, row.counts, row.image.height, row.image.width).tobytes(),
        )
        for row in rows
    )


# --- round trips --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exported", "imported"), [("coco_rle", "coco"), ("label_masks", "label_masks")]
)
def test_what_was_exported_comes_back_lossless(
    exported: str,
    imported: str,
    dataset: Dataset,
    image: Image,
    team: dict[str, Any],
    client_of: Clients,
) -> None:
    other = make_image(dataset, team["owner"], name="other.tif", seed=1)
    masks = [make_mask(image, team["owner"], x=x) for x in (0, 10, 34)]
    masks.append(make_mask(other, team["owner"], x=39, y=29, width=1, height=1))
    Mask.objects.filter(pk=masks[0].pk).update(label_class=LabelClass.objects.get())
    export = create_export(user=team["owner"], dataset=dataset, format=exported)
    run_export(export.pk)
    export.refresh_from_db()
    path, name = open_export(user=team["owner"], export=export)
    before = bitmaps(dataset)
    for mask in masks:
        delete_mask(user=team["owner"], mask=mask, version=1)
    assert bitmaps(dataset) == []

    job = bring_in(client_of("annotator"), dataset, path.read_bytes(), name, imported)
    assert (job["status"], job["error"]) == ("done", "")
    assert job["report"] == {"images_matched": 2, "masks_created": 4, "skipped": []}
    assert bitmaps(dataset) == before
    origins = set(Mask.objects.live().values_list("origin", "created_by", "version"))
    assert origins == {("imported", team["annotator"].pk, 1)}
    image.refresh_from_db()
    assert (image.mask_count, image.status) == (3, "in_progress")
    assert LabelClass.objects.count() == 1


# --- what is made of a file ---------------------------------------------------------------------


def test_classes_are_found_by_name_or_created(
    dataset: Dataset, image: Image, client_of: Clients
) -> None:
    content = document(square(1, 1), square(10, 10), square(20, 20))
    job = bring_in(client_of("owner"), dataset, content, "nuclei.json")
    assert job["report"]["masks_created"] == 3
    classes = {row.name: row for row in LabelClass.objects.filter(dataset=dataset)}
    assert set(classes) == {"Nucleus", "Mitotic"}
    assert classes["Mitotic"].position == 1
    assert classes["Mitotic"].color != classes["Nucleus"].color


def test_what_is_there_already_or_covers_nothing_is_skipped(
    dataset: Dataset, image: Image, client_of: Clients
) -> None:
    client = client_of("owner")
    bring_in(client, dataset, document(square(1, 1)), "nuclei.json")
    content = document(square(1, 1), square(9, 9), square(9, 9), [], [[1, 1, 1.1, 1, 1.1, 1.1]])
    job = bring_in(client, dataset, content, "nuclei.json")
    assert job["report"] == {
        "images_matched": 1,
        "masks_created": 1,
        "skipped": [
            {"name": "cells.png", "why": "2 masks: covers no pixel"},
            {"name": "cells.png", "why": "2 masks: is there already"},
        ],
    }
    image.refresh_from_db()
    assert image.mask_count == 2


@pytest.mark.parametrize("name", ["cells.png", "train/cells.png", "C:\\data\\cells.png"])
def test_folders_of_file_names_do_not_count(
    name: str, dataset: Dataset, image: Image, client_of: Clients
) -> None:
    content = document(square(1, 1), image=name)
    assert bring_in(client_of("owner"), dataset, content, "a.json")["status"] == "done"


def test_a_single_png_is_for_the_image_of_its_name(
    dataset: Dataset, team: dict[str, Any], client_of: Clients
) -> None:
    image = make_image(dataset, team["owner"], name="slide 1.TIF")
    job = bring_in(client_of("owner"), dataset, png(LABELS), "slide 1.png", "label_masks")
    assert job["report"] == {"images_matched": 1, "masks_created": 2, "skipped": []}
    areas = Mask.objects.filter(image=image).order_by("created_at").values_list("area", flat=True)
    assert list(areas) == [24, 7]


def test_a_zip_of_other_tools(dataset: Dataset, image: Image, client_of: Clients) -> None:
    content = zipped({"masks/cells.png": png(LABELS), "readme.txt": b"hello"})
    job = bring_in(client_of("owner"), dataset, content, "masks.zip", "label_masks")
    assert job["report"]["masks_created"] == 2
    assert job["report"]["skipped"] == [{"name": "readme.txt", "why": "is not a label mask"}]


def test_a_name_that_fits_two_images_is_refused(
    dataset: Dataset, team: dict[str, Any], client_of: Clients
) -> None:
    make_image(dataset, team["owner"], name="cells.tif")
    make_image(dataset, team["owner"], name="cells.jpg", seed=1)
    answer = upload(client_of("owner"), dataset, png(LABELS), "cells.png", "label_masks")
    assert answer.status_code == 400
    assert "cells.png could be for cells.jpg or for cells.tif" in answer.json()["detail"]


def test_the_upload_is_removed_afterwards(
    dataset: Dataset, image: Image, client_of: Clients, media: Path
) -> None:
    bring_in(client_of("owner"), dataset, document(square(1, 1)), "nuclei.json")
    assert list((media / "importjobs").iterdir()) == []


# --- bad files ----------------------------------------------------------------------------------

BOMB = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (50_000).to_bytes(4) * 2 + b"\x10\0\0\0\0"
RUNS = {"size": [30, 40], "counts": "0" * 9}

AT_ONCE: dict[str, tuple[str, str, bytes, str]] = {
    "empty": ("coco", "a.json", b"", "is empty"),
    "cut off": ("coco", "a.json", document(square(1, 1))[:-9], "not valid JSON"),
    "a zip as COCO": ("coco", "a.json", zipped({"a": b""}), "not valid JSON"),
    "a script": ("coco", "a.json", b"<script>alert(1)</script>", "not valid JSON"),
    "other images": ("coco", "a.json", document(image="slide.png"), "does not have: “slide.png”"),
    "another size": (
        "coco",
        "a.json",
        document(images=[{"id": 3, "file_name": "cells.png", "width": 9, "height": 9}]),
        "9×9 pixels, but here it is 40×30",
    ),
    "one image twice": (
        "coco",
        "a.json",
        document(images=[{"id": n, "file_name": f"{n}/cells.png"} for n in (3, 4)]),
        "both for the image cells.png",
    ),
    "JSON as label masks": ("label_masks", "a.zip", document(), "neither a PNG nor a whole zip"),
    "zip slip": ("label_masks", "a.zip", zipped({"../cells.png": png(LABELS)}), "points outside"),
    "a PNG for nothing": ("label_masks", "other.png", png(LABELS), "does not have: “other.png”"),
    "a zip for nothing": (
        "label_masks",
        "a.zip",
        zipped({"x.png": png(LABELS)}),
        "does not have: “x.png”",
    ),
    "half a character": (
        "label_masks",
        "a.zip",
        zipped(
            {
                "cells.png": png(LABELS),
                "manifest.json": b'{"format": "sppnet-annotate label masks 1", "images": '
                b'[{"image": "\\ud800", "labels": "cells.png", "classes": []}]}',
            }
        ),
        "manifest.json in the zip is damaged",
    ),
    "turned": ("label_masks", "cells.png", png(LABELS.T.copy()), "30×40 pixels, but its image is"),
    "bomb": ("label_masks", "cells.png", BOMB, "50000×50000 pixels"),
    "zipped bomb": ("label_masks", "a.zip", zipped({"cells.png": BOMB}), "50000×50000 pixels"),
    "colours": (
        "label_masks",
        "cells.png",
        png(np.zeros((30, 40, 3), dtype=np.uint8)),
        "no label mask: it is colour",
    ),
}

LATER: dict[str, tuple[str, str, bytes, str]] = {
    "outside": ("coco", "a.json", document(square(1, 1), square(38, 1)), "Annotation 1 .* outside"),
    "bad runs": ("coco", "a.json", document(square(1, 1), RUNS), "Annotation 1 .* cover 0 pixels"),
    "truncated": ("label_masks", "cells.png", png(LABELS)[:60], "damaged or truncated"),
    "truncated in a zip": (
        "label_masks",
        "a.zip",
        zipped({"cells.png": png(LABELS)[:60]}),
        "damaged or truncated",
    ),
}


@pytest.mark.parametrize("case", AT_ONCE)
def test_a_bad_file_is_refused_at_once_and_nothing_is_stored(
    case: str, dataset: Dataset, image: Image, client_of: Clients, media: Path
) -> None:
    format, name, content, message = AT_ONCE[case]
    answer = upload(client_of("owner"), dataset, content, name, format)
    assert answer.status_code == 400
    assert message in answer.json()["detail"]
    assert not ImportJob.objects.exists()
    assert not (media / "importjobs").exists()


@pytest.mark.parametrize("case", [*LATER, *(case for case in AT_ONCE if case != "empty")])
def test_a_bad_file_fails_in_the_worker_and_nothing_is_stored(
    case: str,
    dataset: Dataset,
    image: Image,
    client_of: Clients,
    media: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_job, "CHECK_AT_ONCE_BYTES", 0)  # as if it were large
    format, name, content, message = (AT_ONCE | LATER)[case]
    job = bring_in(client_of("owner"), dataset, content, name, format)
    assert (job["status"], job["report"]) == ("failed", None)
    assert all(part in job["error"] for part in message.split(" .* "))
    assert not Mask.objects.exists()
    assert list((media / "importjobs").iterdir()) == []
    image.refresh_from_db()
    assert (image.mask_count, image.status) == (0, "new")


def test_a_file_that_is_too_large(dataset: Dataset, client_of: Clients, settings: Any) -> None:
    settings.MAX_UPLOAD_MB = 0
    answer = upload(client_of("owner"), dataset, b"{}", "a.json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_bad_requests(dataset: Dataset, client_of: Clients) -> None:
    client = client_of("owner")
    assert upload(client, dataset, b"{}", "a.pkl", "pickle").status_code == 400
    body = {"dataset": dataset.pk, "format": "coco"}
    assert client.post("/api/imports/", body, format="multipart").status_code == 400


# --- roles and the life of a job ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [("owner", 201), ("annotator", 201), ("reviewer", 403), ("viewer", 403), ("stranger", 404)],
)
def test_owners_and_annotators_import(
    role: str, status: int, dataset: Dataset, image: Image, client_of: Clients
) -> None:
    answer = upload(client_of(role), dataset, document(square(1, 1)), "a.json")
    assert answer.status_code == status


def test_imports_are_seen_by_who_started_them_and_who_oversees(
    dataset: Dataset, image: Image, client_of: Clients
) -> None:
    job = upload(client_of("owner"), dataset, document(square(1, 1)), "a.json").json()
    stranger = client_of("stranger")
    assert stranger.get(f"/api/imports/{job['id']}/").status_code == 404
    assert stranger.delete(f"/api/imports/{job['id']}/").status_code == 404
    assert stranger.get("/api/imports/").json()["results"] == []
    for role, found in (("owner", 1), ("reviewer", 1), ("annotator", 0), ("viewer", 0)):
        assert len(client_of(role).get("/api/imports/").json()["results"]) == found, role
        answer = client_of(role).get(f"/api/imports/{job['id']}/")
        assert answer.status_code == (200 if found else 404), role


def test_a_blind_dataset_does_not_tell_who_imports(
    dataset: Dataset, image: Image, client_of: Clients
) -> None:
    upload(client_of("annotator"), dataset, document(square(1, 1)), "a.json")
    Dataset.objects.update(blind=True)
    for role, name in (
        ("owner", "annotator"),
        ("annotator", "annotator"),
        ("reviewer", "somebody else"),
    ):
        [row] = client_of(role).get("/api/imports/").json()["results"]
        assert row["created_by"] == name, role


def test_a_queued_import_can_be_cancelled(
    dataset: Dataset, image: Image, client_of: Clients, media: Path
) -> None:
    client = client_of("owner")
    job = upload(client, dataset, document(square(1, 1)), "a.json").json()
    assert client.delete(f"/api/imports/{job['id']}/").status_code == 204
    run_import(job["id"])
    assert client.get(f"/api/imports/{job['id']}/").json()["status"] == "cancelled"
    assert list((media / "importjobs").iterdir()) == []
    assert client.delete(f"/api/imports/{job['id']}/").status_code == 204
    assert client.get(f"/api/imports/{job['id']}/").status_code == 404


def test_an_import_cancelled_at_the_last_moment_stores_nothing(
    dataset: Dataset, image: Image, client_of: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of("owner")
    finish = Progress.finish

    def finish_too_late(self: Progress, **results: Any) -> None:
        ImportJob.objects.update(status="cancelled")
        finish(self, **results)

    monkeypatch.setattr(Progress, "finish", finish_too_late)
    bring_in(client, dataset, document(square(1, 1)), "a.json")
    assert not Mask.objects.exists()
    assert LabelClass.objects.count() == 1


def test_an_image_deleted_meanwhile_fails_the_import(
    dataset: Dataset, image: Image, client_of: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = import_job._store

    def delete_then_store(job: ImportJob, source: Source, *rest: Any) -> None:
        delete_image(user=image.created_by, image=image)
        store(job, source, *rest)

    monkeypatch.setattr(import_job, "_store", delete_then_store)
    job = bring_in(client_of("owner"), dataset, document(square(1, 1)), "a.json")
    assert job["status"] == "failed"
    assert "cells.png was deleted" in job["error"]


def test_a_lost_upload_fails_with_a_sentence(
    dataset: Dataset, image: Image, client_of: Clients
) -> None:
    client = client_of("owner")
    job = upload(client, dataset, document(square(1, 1)), "a.json").json()
    (folder_of(ImportJob.objects.get()) / "upload").unlink()
    run_import(job["id"])
    assert "upload it again" in client.get(f"/api/imports/{job['id']}/").json()["error"]


def test_a_second_delivery_imports_nothing_twice(
    dataset: Dataset, image: Image, client_of: Clients
) -> None:
    job = bring_in(client_of("owner"), dataset, document(square(1, 1)), "a.json")
    run_import(job["id"])
    assert Mask.objects.count() == 1


def test_queries_do_not_grow_with_masks(
    dataset: Dataset, image: Image, client_of: Clients, django_assert_max_num_queries: Any
) -> None:
    content = document(*(square(x, y, 1) for x in range(30) for y in range(20)))
    answer = upload(client_of("owner"), dataset, content, "a.json")
    with django_assert_max_num_queries(45):
        run_import(answer.json()["id"])
    assert Mask.objects.count() == 600
