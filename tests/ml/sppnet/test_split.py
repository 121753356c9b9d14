from pathlib import Path

import pytest

from ml.sppnet.datasets import DataError
from ml.sppnet.split import patient_of, read_image_split, split_names, write_split


def test_images_are_split_80_10_10_and_all_of_them() -> None:
    names = [f"image-{i}" for i in range(30)]
    split = split_names(names, seed=1)
    assert [len(part) for part in (split.train, split.val, split.test)] == [24, 3, 3]
    assert sorted(split.train + split.val + split.test) == sorted(names)
    assert split.grouped_by == "image"
    assert split == split_names(names[::-1], seed=1)
    assert split != split_names(names, seed=2)


def test_a_patient_is_on_one_side() -> None:
    names = [f"TCGA-AB-{patient:04}-01Z-00-DX{slide}" for patient in range(10) for slide in (1, 2)]
    split = split_names(names, seed=0)
    sides = [{patient_of(name) for name in part} for part in (split.train, split.val, split.test)]
    assert [len(side) for side in sides] == [8, 1, 1]
    assert not sides[0] & sides[1] | sides[0] & sides[2] | sides[1] & sides[2]
    assert split.grouped_by == "patient"


def test_a_split_is_kept_as_json(tmp_path: Path) -> None:
    split = split_names([f"{i}" for i in range(10)], seed=3)
    write_split(split, tmp_path / "split.json")
    assert read_image_split(tmp_path / "split.json") == split


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not a split"),
        ('{"train": ["a"]}', "needs train, val and test"),
        ('{"train": ["a"], "val": [], "test": ["b"]}', "val is empty"),
        ('{"train": ["a"], "val": ["b"], "test": ["a"]}', "a is in two parts"),
    ],
)
def test_a_split_that_cannot_be_used_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "split.json"
    path.write_text(text)
    with pytest.raises(DataError, match=says):
        read_image_split(path)


def test_two_images_cannot_be_split() -> None:
    with pytest.raises(DataError, match="2 images cannot be split"):
        split_names(["a", "b"], seed=0)
