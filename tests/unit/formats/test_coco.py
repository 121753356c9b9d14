import io
import json
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO

from annotations.exceptions import BadFile
from annotations.formats import coco
from annotations.formats.instance import Instance
from ml import rle
from tests.unit.formats.masks import images_with_masks

# pycocotools 2.0.11 lacks the copy keyword that numpy 2 asks for.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Scene = tuple[tuple[int, int], list[Instance]]


def write(scenes: Iterable[Scene], polygons: bool = False) -> bytes:
    file = io.StringIO()
    images = [
        coco.CocoImage(number, f"{number}.png", shape[1], shape[0])
        for number, (shape, _) in enumerate(scenes, start=1)
    ]
    coco.write(
        file,
        description={"description": "Nuclei", "version": "1"},
        categories=["tumour", "Lymphozyt “ß”"],
        images=images,
        instances=(
            (image, instance)
            for image, (_, instances) in zip(images, scenes, strict=True)
            for instance in instances
        ),
        polygons=polygons,
    )
    return file.getvalue().encode()


def read(content: bytes) -> list[tuple[int, Instance | None]]:
    file = io.BytesIO(content)
    index = coco.read_index(file)
    sizes = {id: (image.width or 0, image.height or 0) for id, image in index.images.items()}
    return [(id, instance) for _, id, instance in coco.read_instances(file, index, sizes)]


@given(st.lists(images_with_masks(), min_size=1, max_size=3))
def test_run_lengths_come_back_lossless(scenes: list[Scene]) -> None:
    expected = [(n, one) for n, (_, many) in enumerate(scenes, start=1) for one in many]
    assert read(write(scenes)) == expected


@given(images_with_masks())
def test_polygons_come_back_with_their_holes_filled(scene: Scene) -> None:
    shape, instances = scene
    for (_, back), sent in zip(read(write([scene], polygons=True)), instances, strict=True):
        assert back is not None
        assert back.bbox == sent.bbox
        assert back.label == sent.label
        before = rle.paste(sent.bbox, sent.counts, *shape)
        assert rle.paste(back.bbox, back.counts, *shape)[before].all()


@pytest.mark.parametrize("polygons", [False, True])
def test_pycocotools_reads_what_we_write(tmp_path: Path, polygons: bool) -> None:
    first, second = np.zeros((40, 50), dtype=bool), np.zeros((40, 50), dtype=bool)
    first[3:9, 4:16] = True
    first[20:22, 30:33] = True  # a part apart
    second[39, 49] = True
    masks = [first, second]
    scene = (first.shape, [Instance(*rle.encode(mask), "tumour") for mask in masks])
    path = tmp_path / "nuclei.json"
    path.write_bytes(write([scene], polygons))
    theirs = COCO(str(path))
    assert theirs.cats[1]["name"] == "tumour"
    found = theirs.loadAnns(theirs.getAnnIds(imgIds=[1]))
    for annotation, mask in zip(found, masks, strict=True):
        assert np.array_equal(theirs.annToMask(annotation), mask)
        assert annotation["area"] == mask.sum()
        assert annotation["bbox"] == rle.encode(mask)[0]
        assert annotation["iscrowd"] == 0
    assert len(found[0]["segmentation"]) == 2  # two polygons, or size and counts


def test_an_empty_dataset_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "nuclei.json"
    path.write_bytes(write([]))
    assert COCO(str(path)).getAnnIds() == []


# --- foreign and broken files -------------------------------------------------------------------


def document(*annotations: Any, **changes: Any) -> bytes:
    whole = {
        "images": [{"id": 7, "file_name": "a.png", "width": 4, "height": 3}],
        "annotations": annotations,
        "categories": [{"id": 2, "name": "nucleus"}],
    }
    return json.dumps(whole | changes).encode()


def annotation(segmentation: Any, **changes: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": 7, "category_id": 2, "segmentation": segmentation} | changes


PIXEL = Instance([1, 1, 1, 1], "01", "nucleus")


@pytest.mark.parametrize(
    "segmentation",
    [
        {"size": [3, 4], "counts": "417"},
        {"size": [3, 4], "counts": [4, 1, 7]},
        [[1, 1, 2, 1, 2, 2, 1, 2]],
        [[1.2, 1.2, 1.9, 1.2, 1.9, 1.9, 1.2, 1.9], []],
    ],
)
def test_every_kind_of_segmentation_is_read(segmentation: Any) -> None:
    assert read(document(annotation(segmentation))) == [(7, PIXEL)]


def test_annotations_may_come_before_images() -> None:
    whole = json.loads(document(annotation([[1, 1, 2, 1, 2, 2, 1, 2]])))
    turned = json.dumps(dict(reversed(whole.items()))).encode()
    assert read(turned) == [(7, PIXEL)]


def test_a_mask_without_category_has_no_class() -> None:
    [(_, instance)] = read(
        document(annotation({"size": [3, 4], "counts": "417"}, category_id=None))
    )
    assert instance is not None
    assert instance.label is None


@pytest.mark.parametrize("segmentation", [[], [[]], [[1.1, 1.1, 1.2, 1.1, 1.2, 1.2]]])
def test_what_covers_no_pixel_is_reported_as_none(segmentation: Any) -> None:
    assert read(document(annotation(segmentation))) == [(7, None)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not valid JSON"),
        (b"PK\x03\x04", "not valid JSON"),
        (b'{"images": [{"id": 1, "file_name": "a.png"}', "not valid JSON"),
        (b"\xff\xfe{", "not valid JSON"),
        (b"[1, 2]", "no “images”"),
        (b'{"images": {"id": 1}}', "no “images”"),
        (b"[" * 100_000, "deeply nested"),
        (b'{"a":' * 100_000, "deeply nested"),
        (document(annotation([[0] * 1_000_001])), "too long"),
        (document(**{"x" * 1_001: 1}), "key that is too long"),
        (document(images=[3]), "Entry 0 of “images”"),
        (document(images=[{"id": "1", "file_name": "a"}]), "Entry 0 of “images”"),
        (document(images=[{"id": 1}]), "Entry 0 of “images”"),
        (document(images=[{"id": 1, "file_name": "a", "width": "9"}]), "Entry 0 of “images”"),
        (document(images=[{"id": 1, "file_name": "a"}] * 2), "the id 1"),
        (document(categories=[{"id": 1}]), "no name"),
        (document(categories=[{"name": "x"}]), "Entry 0 of “categories”"),
        (document(categories=[{"id": 1, "name": "x" * 101}]), "longer than 100"),
        (document(categories=[{"id": 1, "name": "a\0b"}]), "cannot be shown"),
        (document(5), "Annotation 0 .* image_id None"),
        (document(annotation([], image_id=8)), "image_id 8 is not among"),
        (document(annotation([], category_id=9)), "category_id 9 is not among"),
        (document(annotation([]), annotation(None)), "Annotation 1 .* neither polygons"),
        (document(annotation([[1, 2, 3]])), "three points"),
        (document(annotation([3])), "three points"),
        (document(annotation([[0, 0, 9, 0, 9, 9]])), "outside the 4×3"),
        (document(annotation({"size": [4, 3], "counts": "417"})), r"size \[4, 3\]"),
        (document(annotation({"size": [3, 4], "counts": "41"})), "cover 5 pixels"),
        (document(annotation({"size": [3, 4], "counts": "4 7"})), "character"),
        (document(annotation({"size": [3, 4], "counts": [4, 1]})), "cover 5 pixels"),
        (document(annotation({"size": [3, 4], "counts": [4.5, 1]})), "whole numbers"),
        (document(annotation({"size": [3, 4], "counts": None})), "string or a list"),
        (document(annotation({"size": [3, 4], "counts": [12]})), "empty"),
    ],
)
def test_broken_files_are_refused_by_what_is_wrong(content: bytes, message: str) -> None:
    with pytest.raises(BadFile, match=message) as refusal:
        read(content)
    assert refusal.value.detail.endswith(".")


def test_the_file_is_never_wholly_in_memory() -> None:
    polygon = [[1, 1, 2, 1, 2, 2, *[1, 2] * 300]]
    content = document(*[annotation(polygon)] * 2_000)
    file = io.BytesIO(content)
    tracemalloc.start()
    index = coco.read_index(file)
    count = sum(1 for _ in coco.read_instances(file, index, {7: (4, 3)}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 2_000
    assert peak < len(content) / 2
