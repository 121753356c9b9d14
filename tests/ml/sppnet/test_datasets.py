import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ml.sppnet.datasets import (
    DataError,
    Mixture,
    jitter_colours,
    random_crop,
    read_folder,
    read_sample,
    read_split,
    split_folder,
)
from tests.ml.sppnet.conftest import disks, write_folder


def test_a_folder_reads_back_what_was_written(tmp_path: Path) -> None:
    sample = disks()
    (again,) = read_folder(write_folder(tmp_path, [sample]))
    assert (again.pixels == sample.pixels).all()
    assert (again.labels == sample.labels).all()


@pytest.mark.parametrize(
    ("label", "says"),
    [
        (np.zeros((5, 7), np.uint16), "7×5 px but its image is 128×128"),
        (np.zeros((128, 128, 3), np.uint8), "one channel of integers"),
        (None, "missing or not a readable PNG"),
    ],
)
def test_bad_labels_are_named(tmp_path: Path, label: np.ndarray | None, says: str) -> None:
    write_folder(tmp_path, [disks()])
    path = tmp_path / "labels" / "disks-0.png"
    path.unlink()
    if label is not None:
        cv2.imwrite(str(path), label)
    with pytest.raises(DataError, match=says):
        read_sample(tmp_path, "disks-0")


def test_a_label_without_image_is_named(tmp_path: Path) -> None:
    write_folder(tmp_path, [disks()])
    (tmp_path / "images" / "disks-0.png").unlink()
    with pytest.raises(DataError, match="no image named disks-0"):
        read_folder(tmp_path)


def test_an_image_without_label_is_named(tmp_path: Path) -> None:
    write_folder(tmp_path, [disks(seed=0), disks(seed=1)])
    (tmp_path / "labels" / "disks-1.png").unlink()
    with pytest.raises(DataError, match=r"1 images .* have no label \(first: disks-1\)"):
        read_folder(tmp_path)
    assert len(read_folder(tmp_path, ["disks-0"])) == 1


def test_an_empty_folder_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="images/ and labels/"):
        read_folder(tmp_path)


def test_an_empty_set_cannot_be_trained_on() -> None:
    with pytest.raises(DataError, match="no training images in: nothing"):
        Mixture({"nothing": []}, {})


def test_what_lies_outside_the_image_is_unlabelled() -> None:
    rng = np.random.default_rng(0)
    seen = {int(random_crop(disks(64), 128, (0.6, 0.7), rng).labels.min()) for _ in range(10)}
    assert -1 in seen


def test_pixels_and_labels_stay_together_in_a_crop() -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        crop = random_crop(disks(200, count=20), 96, (0.7, 1.4), rng)
        bright = crop.pixels[..., 0] > 115
        known = crop.labels >= 0
        agreement = (bright == (crop.labels > 0))[known].mean()
        assert agreement > 0.97


def test_crops_are_as_large_as_the_network_sees_them() -> None:
    """Nuclei of an image that is enlarged twofold cover four times the pixels, in training too."""
    sample = disks(300, count=30)
    area = []
    for scale in (1.0, 2.0):
        rng, sizes = np.random.default_rng(0), []
        for _ in range(20):
            crop = random_crop(replace(sample, scale=scale), 128, (1.0, 1.0), rng)
            inside = crop.labels[8:-8, 8:-8]
            whole = set(np.unique(inside)) - set(np.unique(crop.labels[[0, -1]])) - {-1, 0}
            whole -= set(np.unique(crop.labels[:, [0, -1]]))
            sizes += [int((crop.labels == number).sum()) for number in whole]
        area.append(np.median(sizes))
    assert area[1] / area[0] == pytest.approx(4, rel=0.2)


def test_colour_jitter_keeps_shape_and_changes_something() -> None:
    rng = np.random.default_rng(0)
    pixels = disks().pixels
    changed = [jitter_colours(pixels, rng) for _ in range(5)]
    assert all(c.shape == pixels.shape and c.dtype == np.uint8 for c in changed)
    assert any((c != pixels).any() for c in changed)


def test_a_split_names_its_sets_and_folders(tmp_path: Path) -> None:
    write_folder(tmp_path / "disks", [disks()])
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"a": {"folder": "disks", "train": ["disks-0"], "val": []}}))
    part = read_split(tmp_path, split)["a"]
    assert [(sample.name, sample.scale) for sample in part.read_train()] == [("disks-0", None)]
    scales = {"scales": {"disks-0": 2.0}}
    named = {"folder": "disks", "train": [], "val": ["disks-0"], **scales}
    split.write_text(json.dumps({"a": named}))
    assert [sample.scale for sample in read_split(tmp_path, split)["a"].read_val()] == [2.0]
    split.write_text(json.dumps({"a": {"folder": "elsewhere", "train": [], "val": []}}))
    with pytest.raises(DataError, match=r"set a of split\.json needs the folder"):
        read_split(tmp_path, split)
    split.write_text(json.dumps({"a": {"folder": "disks", "train": []}}))
    with pytest.raises(DataError, match=r"set a of split\.json is incomplete"):
        read_split(tmp_path, split)


def test_a_tenth_of_a_folder_is_held_out(tmp_path: Path) -> None:
    write_folder(tmp_path, [disks(64, seed, 2) for seed in range(20)])
    (part,) = split_folder(tmp_path, np.random.default_rng(0)).values()
    assert len(part.val) == 2
    assert not set(part.val) & set(part.train)
    assert len(part.train) == 18


def test_the_shipped_split_keeps_the_demo_images_out_of_training() -> None:
    root = Path(__file__).parents[3]
    split = json.loads((root / "ml/sppnet/splits/permissive.json").read_text())
    trained = {name for part in split.values() for name in part["train"]}
    held = {name for part in split.values() for name in part["val"]}
    demo = {path.stem for path in (root / "annotations/demo/labels").glob("*.png")}
    assert demo
    assert not trained & held
    assert not any(name.startswith(tuple(demo)) for name in trained)
