"""What is deleted waits in the trash, can be brought back as it was, and goes in the end."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from annotations.models import Dataset, Event, Export, Image, LabelClass, Mask, MaskWrite
from annotations.services.dataset import create_dataset, delete_dataset
from annotations.services.export import create_export, run_export
from annotations.services.image import delete_image
from annotations.services.label_class import create_class, delete_class
from annotations.services.mask import delete_mask, save_mask
from annotations.services.prompt import place_clicks
from annotations.services.purge import empty_trash
from annotations.services.recount import differences
from ml.models import Prediction
from tests.factories import make_image, make_mask, wire_mask

Clients = Callable[[str], Any]
IN_A_MONTH = timedelta(days=31)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def counts_are_right(dataset: Dataset) -> bool:
    """Of images and nuclei; the time that somebody worked settles only later."""
    return not [told for told in differences(dataset) if "seconds" not in told]


def empty_trash_in_a_month() -> None:
    empty_trash(now=timezone.now() + IN_A_MONTH)


def test_an_image_comes_back_with_its_masks(
    image: Image, client_of: Clients, team: dict[str, Any]
) -> None:
    owner, mask = client_of("owner"), make_mask(image, team["annotator"])
    assert owner.delete(f"/api/images/{image.pk}/").status_code == 204
    assert owner.get(f"/api/images/?dataset={image.dataset_id}").json()["results"] == []
    assert owner.get(f"/api/masks/?image={image.pk}").json()["results"] == []
    assert owner.get(f"/api/masks/{mask.pk}/").status_code == 404
    assert owner.get(f"/api/datasets/{image.dataset_id}/").json()["image_count"] == 0

    answer = owner.post(f"/api/images/{image.pk}/restore/")
    assert (answer.status_code, answer.json()["mask_count"]) == (200, 1)
    assert owner.get(f"/api/masks/{mask.pk}/").status_code == 200
    assert owner.get(f"/api/datasets/{image.dataset_id}/").json()["image_count"] == 1
    assert counts_are_right(image.dataset)
    kinds = Event.objects.filter(image=image).values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["image.deleted", "image.restored"]
    assert owner.post(f"/api/images/{image.pk}/restore/").status_code == 404


def test_whoever_asks_for_something_deleted_learns_what_became_of_it(
    image: Image, client_of: Clients, team: dict[str, Any]
) -> None:
    mask = make_mask(image, team["annotator"])
    delete_image(user=team["owner"], image=image)
    body = {"image": image.pk, "origin": "drawn", "version": 1, **wire_mask(x=20)}
    for answer in (
        client_of("annotator").put(f"/api/masks/{mask.pk}/", body),
        client_of("annotator").delete(f"/api/masks/{mask.pk}/?version=1"),
        client_of("viewer").get(f"/api/images/{image.pk}/"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "deleted")
        assert "owner deleted “cells.png”" in answer.json()["detail"]
    delete_dataset(user=team["owner"], dataset=image.dataset)
    answer = client_of("annotator").put(f"/api/masks/{mask.pk}/", body)
    assert "owner deleted “Biopsies”" in answer.json()["detail"]
    page = client_of("viewer").get(f"/datasets/{image.dataset_id}/annotate/{image.pk}/")
    assert page.status_code == 404
    assert "owner deleted “Biopsies”" in page.content.decode()
    answer = client_of("stranger").put(f"/api/masks/{mask.pk}/", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_blind_dataset_tells_its_managers_alone_who_deleted(
    image: Image, client_of: Clients, team: dict[str, Any]
) -> None:
    type(image.dataset).objects.update(blind=True)
    delete_image(user=team["owner"], image=image)
    told = client_of("annotator").get(f"/api/images/{image.pk}/").json()["detail"]
    assert "“cells.png” was deleted on" in told
    assert "owner deleted" not in told
    assert "owner deleted" in client_of("owner").get(f"/api/images/{image.pk}/").json()["detail"]


def test_the_same_picture_may_come_again_meanwhile(
    image: Image, client_of: Clients, team: dict[str, Any]
) -> None:
    delete_image(user=team["owner"], image=image)
    again = make_image(image.dataset, team["owner"])
    assert again.name == image.name
    answer = client_of("owner").post(f"/api/images/{image.pk}/restore/")
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate_image")
    delete_image(user=team["owner"], image=again)
    other = make_image(image.dataset, team["owner"], seed=3)
    answer = client_of("owner").post(f"/api/images/{image.pk}/restore/")
    assert answer.status_code == 200
    assert answer.json()["name"] != other.name


def test_masks_keep_a_deleted_class_until_it_is_purged(
    image: Image, client_of: Clients, team: dict[str, Any]
) -> None:
    owner, dataset = client_of("owner"), image.dataset
    label_class = dataset.classes.get()
    drawn = {"origin": "drawn", "label_class": label_class.pk}
    mask, _ = save_mask(
        user=team["owner"], image=image, id=uuid4(), version=0, **wire_mask(), **drawn
    )
    assert owner.delete(f"/api/classes/{label_class.pk}/").status_code == 204
    shown = owner.get(f"/api/datasets/{dataset.pk}/").json()
    assert shown["classes"] == []
    assert [each["name"] for each in shown["deleted_classes"]] == ["Nucleus"]
    # A page that has not heard of it saves its work with that class, and loses nothing.
    body = {"image": image.pk, "version": 1, **drawn, **wire_mask(x=20)}
    assert owner.put(f"/api/masks/{mask.pk}/", body).json()["label_class"] == label_class.pk

    assert owner.post(f"/api/classes/{label_class.pk}/restore/").status_code == 200
    assert owner.get(f"/api/datasets/{dataset.pk}/").json()["deleted_classes"] == []
    delete_class(user=team["owner"], label_class=label_class)
    create_class(user=team["owner"], dataset=dataset, name="Nucleus", color="#000000")
    answer = owner.post(f"/api/classes/{label_class.pk}/restore/")
    assert (answer.status_code, answer.json()["code"]) == (400, "name_taken")

    empty_trash_in_a_month()
    mask.refresh_from_db()
    assert mask.label_class is None
    assert Event.objects.filter(kind="class.purged", actor=None).count() == 1
    assert counts_are_right(dataset)


def test_an_owner_brings_a_dataset_back(
    image: Image, client_of: Clients, team: dict[str, Any]
) -> None:
    make_mask(image, team["annotator"])
    dataset = image.dataset
    for client in (client_of("owner"), client_of("annotator")):
        assert client.get(f"/api/datasets/{dataset.pk}/").status_code == 200
    client_of("owner").delete(f"/api/datasets/{dataset.pk}/")
    assert client_of("annotator").get(f"/api/datasets/{dataset.pk}/").status_code == 404
    assert client_of("admin").post(f"/api/datasets/{dataset.pk}/restore/").status_code == 403
    assert client_of("owner").post(f"/api/datasets/{dataset.pk}/restore/").status_code == 200
    assert client_of("annotator").get(f"/api/datasets/{dataset.pk}/").json()["image_count"] == 1
    assert counts_are_right(dataset)


@pytest.mark.django_db(transaction=True)
def test_the_trash_is_emptied_after_a_month_and_not_before(
    dataset: Dataset, team: dict[str, Any], media: Path
) -> None:
    image = make_image(dataset, team["owner"])
    twin = make_image(create_dataset(user=team["owner"], name="Copy"), team["owner"])
    make_mask(image, team["owner"])
    for each in (image, twin):
        place_clicks(user=team["owner"], image=each, id=uuid4(), clicks=[])
    export = create_export(user=team["owner"], dataset=dataset, format="coco_rle")
    run_export(export_id=export.pk)
    delete_image(user=team["owner"], image=image)
    empty_trash()
    assert Image.with_trash.count() == 2
    assert len(files_in(media)) == 4
    empty_trash_in_a_month()
    assert not Image.with_trash.filter(pk=image.pk).exists()
    assert not Mask.objects.exists()
    assert not Export.objects.exists()
    assert not Event.objects.filter(image=image.pk).exists()
    assert Event.objects.get(kind="image.purged").data == {"name": "cells.png"}
    assert Prediction.objects.get().topic == twin.topic
    assert len(files_in(media)) == 3, "those of the twin"
    delete_dataset(user=team["owner"], dataset=twin.dataset)
    empty_trash_in_a_month()
    assert list(Dataset.objects.all()) == [dataset]
    assert files_in(media) == []


def test_rows_of_deleted_masks_go_and_their_history_stays(
    image: Image, team: dict[str, Any]
) -> None:
    gone, kept = (make_mask(image, team["owner"], x=x) for x in (5, 20))
    copy, _ = save_mask(
        user=team["reviewer"],
        image=image,
        id=uuid4(),
        version=0,
        origin="drawn",
        conflict_with=kept.pk,
        revision=uuid4(),
        **wire_mask(x=22),
    )
    for mask in (gone, kept):
        delete_mask(user=team["owner"], mask=mask, version=1)
    empty_trash()
    assert Mask.objects.count() == 3
    empty_trash_in_a_month()
    assert set(Mask.objects.values_list("pk", flat=True)) == {kept.pk, copy.pk}
    assert not MaskWrite.objects.exists()
    assert Event.objects.filter(mask=gone.pk).count() == 2


def test_leftovers_of_uploads_that_died_are_removed(
    image: Image, media: Path, team: dict[str, Any], settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    known = files_in(media)
    unknown = media / "images" / image.sha256[:2] / f"{image.sha256[:2]}{'0' * 62}.png"
    recent = media / "incoming" / "b" / "upload"
    old = [media / "incoming" / "a" / "upload", unknown]
    for path in (*old, recent):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for path in (*known, *old, old[0].parent):
        os.utime(path, (0, 0))
    empty_trash()
    assert sorted(files_in(media)) == sorted([*known, recent])


def test_a_class_that_is_deleted_is_not_exported_or_offered(
    image: Image, team: dict[str, Any], client_of: Clients
) -> None:
    delete_class(user=team["owner"], label_class=image.dataset.classes.get())
    assert not image.dataset.classes.exists()
    assert LabelClass.trash.count() == 1
    rows = client_of("owner").get(f"/api/classes/?dataset={image.dataset_id}").json()["results"]
    assert rows == []


def test_pages_show_the_trash_and_bring_things_back(
    image: Image, client_of: Clients, team: dict[str, Any]
) -> None:
    owner, viewer, dataset = client_of("owner"), client_of("viewer"), image.dataset
    url = f"/datasets/{dataset.pk}/trash/"
    assert "The trash is empty" in owner.get(url).content.decode()
    delete_image(user=team["owner"], image=image)
    delete_class(user=team["owner"], label_class=dataset.classes.get())
    page = owner.get(url).content.decode()
    assert "cells.png" in page
    assert page.count('aria-label="Restore ') == 2
    assert "ask an owner to restore it" in viewer.get(url).content.decode()
    assert "cells.png" in owner.post(f"/images/{image.pk}/restore/", follow=True).content.decode()
    assert Image.objects.filter(pk=image.pk).exists()

    delete_dataset(user=team["owner"], dataset=dataset)
    assert "Restore Biopsies" in owner.get("/trash/").content.decode()
    assert "Biopsies" not in client_of("stranger").get("/trash/").content.decode()
    assert "Restore Biopsies" not in viewer.get("/trash/").content.decode()
    assert owner.post(f"/datasets/{dataset.pk}/restore/").status_code == 302
    assert viewer.get(f"/datasets/{dataset.pk}/").status_code == 200
