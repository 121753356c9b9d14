"""A snapshot says what was annotated at one moment, and what nobody has looked at."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Picture

from annotations.formats.instance import Instance
from annotations.models import Dataset, Image, Mask
from annotations.models.dataset import dataset_id_of, source_of
from annotations.services import snapshot
from annotations.services.dataset import create_dataset
from annotations.services.held_out import hold_out
from annotations.services.mask import delete_mask
from annotations.services.snapshot import (
    UNLABELLED,
    file_of,
    restore_snapshot,
    take_snapshot,
    training_labels,
    validation_groups,
)
from ml import rle
from ml.exceptions import NoTrainingData
from tests.factories import make_image, make_mask


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def masked(image: Image, team: dict[str, Any], data_dir: Path) -> Image:
    """In progress, with a nucleus of 6 × 3 pixels at (5, 4)."""
    make_mask(image, team["owner"])
    image.refresh_from_db()
    return image


def labels_of(folder: Path, image: Image) -> np.ndarray:
    return np.asarray(Picture.open(folder / "labels" / f"{image.sha256}.png"))


def take(dataset: Dataset) -> Path:
    return take_snapshot(source_of(dataset.pk))


def test_beyond_the_rim_an_unfinished_image_is_unlabelled() -> None:
    bitmap = np.zeros((12, 12), dtype=bool)
    bitmap[5, 5] = True
    bbox, counts = rle.encode(bitmap)
    labels = training_labels(12, 12, [Instance(bbox, counts)], whole=False)
    assert labels.dtype == np.uint16
    assert labels[5, 5] == 1
    assert labels[5, 3:8].tolist() == [0, 0, 1, 0, 0]
    assert labels[3:8, 5].tolist() == [0, 0, 1, 0, 0]
    assert labels[5, 2] == labels[2, 5] == labels[3, 3] == UNLABELLED  # a disk, not a square
    assert np.count_nonzero(labels == 0) == 12
    whole = training_labels(12, 12, [Instance(bbox, counts)], whole=True)
    assert np.array_equal(whole, bitmap)


def test_neighbours_stay_nuclei_within_each_others_rims() -> None:
    instances = []
    for x in (2, 4):
        bitmap = np.zeros((8, 10), dtype=bool)
        bitmap[2:5, x : x + 2] = True
        instances.append(Instance(*rle.encode(bitmap)))
    labels = training_labels(8, 10, instances, whole=False)
    assert labels[3].tolist() == [0, 0, 1, 1, 2, 2, 0, 0, UNLABELLED, UNLABELLED]


def test_a_finished_image_is_wholly_labelled(masked: Image) -> None:
    half = labels_of(take(masked.dataset), masked)
    assert (half == UNLABELLED).any()
    Image.objects.update(status=Image.Status.ACCEPTED)
    folder = take(masked.dataset)
    with Picture.open(folder / "labels" / f"{masked.sha256}.png") as picture:
        assert picture.mode == "I;16"
    labels = labels_of(folder, masked)
    assert labels.shape == (30, 40)
    assert np.unique(labels).tolist() == [0, 1]
    assert np.count_nonzero(labels) == 18


def test_images_without_nuclei_are_left_out(
    masked: Image, team: dict[str, Any], dataset: Dataset
) -> None:
    empty = make_image(dataset, team["owner"], name="empty.png", seed=1)
    emptied = make_image(dataset, team["owner"], name="emptied.png", seed=2)
    delete_mask(user=team["owner"], mask=make_mask(emptied, team["owner"]), version=1)
    Image.objects.filter(pk=empty.pk).update(status=Image.Status.ACCEPTED)
    folder = take(dataset)
    assert [path.stem for path in (folder / "images").iterdir()] == [masked.sha256]
    assert [path.stem for path in (folder / "labels").iterdir()] == [masked.sha256]


def test_pixels_outlive_their_image(masked: Image, media: Path) -> None:
    folder = take(masked.dataset)
    copy = folder / "images" / f"{masked.sha256}.png"
    content = (media / masked.pixels).read_bytes()
    (media / masked.pixels).unlink()
    assert copy.read_bytes() == content


def test_another_disk_gets_a_copy(masked: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: Any) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("annotations.services.snapshot.os.link", link)
    assert (take(masked.dataset) / "images" / f"{masked.sha256}.png").stat().st_nlink == 1


def test_the_same_masks_give_the_same_folder(
    masked: Image, team: dict[str, Any], data_dir: Path
) -> None:
    first = take(masked.dataset)
    written = {path: path.stat().st_mtime_ns for path in first.rglob("*.png")}
    assert take(masked.dataset) == first
    assert written == {path: path.stat().st_mtime_ns for path in first.rglob("*.png")}
    make_mask(masked, team["owner"], x=20, y=20)
    second = take(masked.dataset)
    Image.objects.update(status=Image.Status.ACCEPTED)
    third = take(masked.dataset)
    assert {path for path in (data_dir / "snapshots").iterdir() if path.is_dir()} == {
        *(first, second, third)
    }
    assert len({first, second, third}) == 3


def test_a_snapshot_that_fails_leaves_nothing(
    masked: Image, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "training_labels", fail)
        with pytest.raises(MemoryError):
            take(masked.dataset)
    assert not [*(data_dir / "snapshots").iterdir()]


def test_a_snapshot_of_nothing_says_so(dataset: Dataset, masked: Image, media: Path) -> None:
    (media / masked.pixels).unlink()
    with pytest.raises(NoTrainingData, match=r"The pixels of an image of “cells.png” are gone"):
        take(dataset)
    Image.objects.all().delete()
    with pytest.raises(NoTrainingData, match="annotate some first"):
        take(dataset)
    with pytest.raises(NoTrainingData):
        take_snapshot("a folder somewhere")


def test_more_nuclei_than_16_bits_are_refused(
    masked: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "UNLABELLED", 1)
    with pytest.raises(NoTrainingData, match=r"cells.png: More than 0 nuclei"):
        take(masked.dataset)


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_snapshot_is_made_again_byte_for_byte(
    masked: Image, team: dict[str, Any], dataset: Dataset
) -> None:
    make_mask(masked, team["owner"], x=20, y=20)
    folder = take(dataset)
    before = files(folder)
    shutil.rmtree(folder)
    for mask in masked.masks.all():
        delete_mask(user=team["owner"], mask=mask, version=1)
    assert restore_snapshot(folder.name) == folder
    assert files(folder) == before
    with pytest.raises(NoTrainingData, match="There is no snapshot"):
        restore_snapshot("0" * 16)


def test_a_snapshot_is_a_coco_file_named_by_its_content(masked: Image, dataset: Dataset) -> None:
    folder = take(dataset)
    content = file_of(folder.name).read_bytes()
    assert hashlib.sha256(content).hexdigest().startswith(folder.name)
    coco = json.loads(content)
    [image], [annotation] = coco["images"], coco["annotations"]
    assert (image["sha256"], image["split"], image["whole"]) == (masked.sha256, "train", False)
    assert annotation["bbox"] == [5, 4, 6, 3]
    assert coco["categories"][0]["name"] == "nucleus"


def test_held_out_groups_are_never_trained_on(
    masked: Image, team: dict[str, Any], dataset: Dataset
) -> None:
    for seed in range(1, 8):
        image = make_image(dataset, team["owner"], name=f"{seed}.png", seed=seed)
        make_mask(image, team["owner"])
    hold_out(user=team["owner"], dataset=dataset, groups=["1.png", "2.png"])
    split = json.loads((take(dataset) / "split.json").read_text())["dataset"]
    assert (len(split["train"]), len(split["val"])) == (5, 1)
    held = set(Image.objects.filter(held_out=True).values_list("sha256", flat=True))
    assert len(held) == 2
    assert not held & {*split["train"], *split["val"]}
    # Nor by way of another dataset that has the same picture.
    other = create_dataset(user=team["owner"], name="Other")
    for seed in (1, 9):
        make_mask(make_image(other, team["owner"], seed=seed, name=f"{seed}.png"), team["owner"])
    split = json.loads((take(other) / "split.json").read_text())["dataset"]
    assert len(split["train"]) == 1
    hold_out(user=team["owner"], dataset=other, groups=["9.png"])
    with pytest.raises(NoTrainingData, match="held out for judging"):
        take(other)


def test_images_are_learned_and_judged_at_the_scale_at_which_clicks_see_them(
    masked: Image, team: dict[str, Any], dataset: Dataset
) -> None:
    held = make_image(dataset, team["owner"], name="held.png", seed=1)
    make_mask(held, team["owner"])
    hold_out(user=team["owner"], dataset=dataset, groups=["held.png"])
    Image.objects.filter(pk=held.pk).update(status=Image.Status.ACCEPTED)
    plain = take(dataset)
    Image.objects.filter(dataset=dataset).update(scale=2.0)
    folder = take(dataset)
    learned = json.loads((folder / "split.json").read_text())["dataset"]
    judged = json.loads((folder / "held_out.json").read_text())
    assert learned["scales"] == {masked.sha256: 2.0, held.sha256: 2.0}
    assert judged["scales"] == {held.sha256: 2.0}
    # What was scored at another scale is scored anew.
    before = json.loads((plain / "held_out.json").read_text())
    assert (before["names"], before["scales"]) == (judged["names"], {held.sha256: 1.0})
    assert before["id"] != judged["id"]


@given(st.sets(st.text(max_size=8), max_size=40), st.text(max_size=8))
def test_groups_to_validate_on_are_a_steady_tenth(groups: set[str], further: str) -> None:
    chosen = validation_groups(groups)
    assert chosen <= groups
    assert len(chosen) == (max(len(groups) // 10, 1) if len(groups) >= 5 else 0)
    more = validation_groups({*groups, further})
    assert len(chosen - more) <= 1


def test_a_source_names_its_dataset() -> None:
    assert dataset_id_of(source_of(12)) == 12
    assert dataset_id_of("") is None
    assert dataset_id_of("dataset:x") is None
    assert dataset_id_of("12") is None


def test_of_two_versions_that_nobody_has_decided_between_one_is_learned(
    masked: Image, team: dict[str, Any], dataset: Dataset
) -> None:
    before = take(dataset)
    copy = make_mask(masked, team["annotator"])
    Mask.objects.filter(pk=copy.pk).update(conflict_with=masked.masks.exclude(pk=copy.pk).get())
    assert take(dataset) == before
    Mask.objects.filter(pk=copy.pk).update(conflict_with=None)
    assert take(dataset) != before
