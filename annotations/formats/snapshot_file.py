"""What a snapshot holds, in one file: lossless COCO JSON whose images say a little more.

The same images and masks give the same bytes, so that the file's hash can name the snapshot.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO

import ijson

from annotations.formats import coco
from annotations.formats.instance import Instance

NUCLEUS = "nucleus"
DESCRIPTION = {"description": "A snapshot to train on", "version": 1}
TRAIN, VAL, HELD_OUT = "train", "val", "held_out"


@dataclass(frozen=True)
class SnapshotImage(coco.CocoImage):
    """An image by its content. `file_name` is <sha256>.png, `pixels` where the app keeps it.

    `group` is the slide or patient it is of; `split` is train, val or held_out; `whole` says that
    every nucleus in it has its mask; `scale` is by how much the network has it enlarged.
    """

    width: int
    height: int
    sha256: str
    pixels: str
    group: str
    whole: bool
    split: str
    scale: float = 1.0  # snapshots of earlier releases do not say


def write(
    file: IO[str],
    images: Iterable[SnapshotImage],
    instances: Iterable[tuple[SnapshotImage, Instance]],
) -> None:
    """Write images and then the masks of each, in the order of the images."""
    coco.write(
        file,
        description=DESCRIPTION,
        categories=[NUCLEUS],
        images=images,
        instances=instances,
        polygons=False,
    )


def read_images(path: Path) -> list[SnapshotImage]:
    """The images of a file that `write` has written."""
    with path.open("rb") as file:
        return [
            SnapshotImage(**entry) for entry in ijson.items(file, "images.item", use_float=True)
        ]


def read(path: Path) -> Iterator[tuple[SnapshotImage, list[Instance]]]:
    """Yield each image that has a mask with all its masks, in their order."""
    images = {image.id: image for image in read_images(path)}
    sizes = {id: (image.width, image.height) for id, image in images.items()}
    with path.open("rb") as file:
        index = coco.read_index(file)
        entries = coco.read_instances(file, index, sizes)
        for id, group in groupby(entries, key=lambda entry: entry[1]):
            yield images[id], [instance for _, _, instance in group if instance is not None]
