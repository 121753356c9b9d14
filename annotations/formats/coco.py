"""COCO instance segmentation, as run lengths (lossless) or as polygons (holes are filled).

Both directions go through the file one annotation at a time, so its size costs no memory.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, TypeVar

import ijson

from annotations.exceptions import BadFile
from annotations.formats.instance import Instance, checked_label
from annotations.formats.polygon import InvalidPolygon, outlines, rasterise
from ml import rle

# COCO wants a category for every annotation; this one stands for none.
UNCLASSIFIED = "unclassified"
MAX_DEPTH = 16
MAX_KEY_LENGTH = 1_000
MAX_VALUES = 1_000_000

T = TypeVar("T")


@dataclass(frozen=True)
class CocoImage:
    """One entry of "images". width and height are None if the file does not say."""

    id: int
    file_name: str
    width: int | None
    height: int | None


@dataclass(frozen=True)
class CocoIndex:
    """All but the annotations: images by their id in the file, category names by theirs."""

    images: dict[int, CocoImage]
    categories: dict[int, str]


def write(
    file: IO[str],
    *,
    description: Mapping[str, Any],
    categories: Iterable[str],
    images: Iterable[CocoImage],
    instances: Iterable[tuple[CocoImage, Instance]],
    polygons: bool,
) -> None:
    """Write the JSON piece by piece. `description` becomes "info"."""
    ids = {name: number for number, name in enumerate([*categories, UNCLASSIFIED], start=1)}
    entries = [{"id": n, "name": name, "supercategory": "nucleus"} for name, n in ids.items()]
    file.write(f'{{"info":{_dump(description)},"licenses":[],"categories":{_dump(entries)},')
    file.write('"images":[')
    _write_items(file, ({**vars(image)} for image in images))
    file.write('],"annotations":[')
    _write_items(
        file,
        (
            {
                "id": number,
                "image_id": image.id,
                "category_id": ids[instance.label or UNCLASSIFIED],
                "segmentation": _segmentation(image, instance, polygons),
                "area": rle.area(instance.bbox, instance.counts),
                "bbox": instance.bbox,
                "iscrowd": 0,
            }
            for number, (image, instance) in enumerate(instances, start=1)
        ),
    )
    file.write("]}\n")


def read_index(file: IO[bytes]) -> CocoIndex:
    """Read the images and categories of a file. Raises BadFile."""
    _check_structure(file)
    images: dict[int, CocoImage] = {}
    for number, entry in enumerate(_items(file, "images")):
        image = _read_image(entry, number)
        if image.id in images:
            raise BadFile(f"Two entries of “images” have the id {image.id}.")
        images[image.id] = image
    if not images:
        raise BadFile("This is not a COCO file: it has no “images”.")
    categories: dict[int, str] = {}
    for number, entry in enumerate(_items(file, "categories")):
        name, identifier = _get(entry, "name"), _get(entry, "id")
        if type(identifier) is not int:
            raise BadFile(f"Entry {number} of “categories” needs a whole number as its id.")
        categories[identifier] = checked_label(name)
    return CocoIndex(images, categories)


def read_instances(
    file: IO[bytes], index: CocoIndex, sizes: Mapping[int, tuple[int, int]]
) -> Iterator[tuple[int, int, Instance | None]]:
    """Yield (number in the file, image id, mask) of each annotation; None if it covers no pixel.

    `sizes` gives the true (width, height) of each image id. Raises BadFile, naming the annotation.
    """
    for number, entry in enumerate(_items(file, "annotations")):
        try:
            image_id, label = _read_references(entry, index)
            width, height = sizes[image_id]
            mask = _read_segmentation(_get(entry, "segmentation"), width, height)
        except (rle.InvalidRle, InvalidPolygon, _Wrong) as error:
            reason = str(error).rstrip(".")
            raise BadFile(f"Annotation {number} (counted from 0) is wrong: {reason}.") from error
        yield number, image_id, Instance(*mask, label) if mask else None


class _Wrong(Exception):
    """The message says what is wrong with an annotation."""


def _write_items(file: IO[str], items: Iterable[Mapping[str, Any]]) -> None:
    separator = "\n"
    for item in items:
        file.write(separator + _dump(item))
        separator = ",\n"


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _segmentation(image: CocoImage, instance: Instance, polygons: bool) -> Any:
    x, y, _, _ = instance.bbox
    if polygons:
        return outlines(rle.decode(instance.bbox, instance.counts), x, y)
    height, width = image.height or 0, image.width or 0  # always known on the way out
    counts = rle.to_full_image(instance.bbox, instance.counts, height, width)
    return {"size": [height, width], "counts": counts}


def _check_structure(file: IO[bytes]) -> None:
    """Raise BadFile unless the file is whole, and made such that reading it stays cheap.

    Of every value ijson keeps the path as a string, so deep nesting or long keys cost it more
    memory than there is.
    """
    depth = values = 0
    for event, value in _parsing(ijson.basic_parse(_rewound(file), use_float=True)):
        if event in ("start_map", "start_array"):
            depth += 1
        elif event in ("end_map", "end_array"):
            depth -= 1
        # Depth 2 is the list of annotations, so this counts what one annotation holds.
        values = values + 1 if depth > 2 else 0
        if depth > MAX_DEPTH or values > MAX_VALUES:
            raise BadFile("This is not a COCO file: an entry is too long or too deeply nested.")
        if event == "map_key" and len(value) > MAX_KEY_LENGTH:
            raise BadFile("This is not a COCO file: it has a key that is too long.")


def _items(file: IO[bytes], key: str) -> Iterator[Any]:
    return _parsing(ijson.items(_rewound(file), f"{key}.item", use_float=True))


def _rewound(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return file


def _parsing(results: Iterator[T]) -> Iterator[T]:
    try:
        yield from results
    except (ijson.JSONError, UnicodeDecodeError, OverflowError) as error:
        raise BadFile("The file is not valid JSON, or it is cut off.") from error


def _get(entry: Any, key: str) -> Any:
    return entry.get(key) if isinstance(entry, dict) else None


def _read_image(entry: Any, number: int) -> CocoImage:
    identifier, name = _get(entry, "id"), _get(entry, "file_name")
    size = _get(entry, "width"), _get(entry, "height")
    if type(identifier) is not int or not isinstance(name, str) or not name:
        raise BadFile(f"Entry {number} of “images” needs a whole-number id and a file_name.")
    if any(n is not None and type(n) is not int for n in size):
        raise BadFile(f"Entry {number} of “images” has a width or height that is no whole number.")
    return CocoImage(identifier, name, *size)


def _read_references(entry: Any, index: CocoIndex) -> tuple[int, str | None]:
    image_id, category_id = _get(entry, "image_id"), _get(entry, "category_id")
    if type(image_id) is not int or image_id not in index.images:
        raise _Wrong(f"its image_id {_shown(image_id)} is not among the “images”")
    if category_id is None:
        return image_id, None
    if type(category_id) is not int or category_id not in index.categories:
        raise _Wrong(f"its category_id {_shown(category_id)} is not among the “categories”")
    name = index.categories[category_id]
    return image_id, None if name == UNCLASSIFIED else name


def _shown(value: Any) -> str:
    return repr(value)[:40]


def _read_segmentation(segmentation: Any, width: int, height: int) -> tuple[list[int], str] | None:
    if isinstance(segmentation, list):
        polygons = [polygon for polygon in segmentation if polygon != []]
        try:
            return rasterise(polygons, height, width) if polygons else None
        except rle.InvalidRle:  # too thin to hold the centre of any pixel
            return None
    if not isinstance(segmentation, dict):
        raise _Wrong("its segmentation is neither polygons nor run lengths")
    size, counts = segmentation.get("size"), segmentation.get("counts")
    if size != [height, width]:
        raise _Wrong(
            f"its run lengths are for size {_shown(size)}, but its image is [{height}, {width}]"
        )
    return rle.from_full_image(counts, height, width)  # type: ignore[arg-type]
