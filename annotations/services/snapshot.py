"""What a dataset says at one moment, frozen: one file that tells it all, a folder to train on.

DATA_DIR/snapshots/<hash>.json is the snapshot (annotations/formats/snapshot_file.py), named by
the hash of its bytes. DATA_DIR/snapshots/<hash>/ is made from it and the stored images, and can be
made again, byte for byte: images/<name>.png, labels/<name>.png and split.json, which says which of
them are trained on. Names are the SHA-256 of the image. Labels are 16-bit: 0 background, 1…N
nuclei, UNLABELLED. held_out.json names the images to judge on: the wholly annotated ones of those
that are held out.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from scipy import ndimage

from annotations.exceptions import BadInput
from annotations.formats import label_mask, snapshot_file
from annotations.formats.instance import Instance
from annotations.formats.snapshot_file import HELD_OUT, TRAIN, VAL, SnapshotImage
from annotations.models import Image, Mask
from annotations.models.dataset import dataset_id_of
from annotations.models.image import ImageQuerySet
from ml.exceptions import NoTrainingData

# What the training command takes for "nobody has looked here".
UNLABELLED = 65_535
# So far around a nucleus of a half-annotated image is background: whoever drew it saw its border.
RIM_PIXELS = 2
# With so many groups to learn from, a tenth of them tells when to stop.
GROUPS_TO_VALIDATE = 5


def annotated_images(dataset_id: int) -> ImageQuerySet:
    """The images with a nucleus; without replicas, which are no further images."""
    return Image.objects.originals().filter(dataset_id=dataset_id, mask_count__gt=0)


def images_to_learn(dataset_id: int) -> ImageQuerySet:
    """Those of them that may be trained on."""
    return annotated_images(dataset_id).filter(held_out=False)


def take_snapshot(source: str) -> Path:
    """Freeze the dataset that `source` names; return the folder to train on.

    The same masks give the same folder, and a folder of that name is whole. Raises NoTrainingData.
    """
    with TemporaryDirectory(prefix="writing-", dir=_snapshots()) as scratch:
        written = Path(scratch) / "snapshot.json"
        _write(written, dataset_id_of(source))
        name = hashlib.sha256(written.read_bytes()).hexdigest()[:16]
        folder = _make_folder(written, Path(scratch), name)
        os.replace(written, file_of(name))
        return folder


def restore_snapshot(name: str) -> Path:
    """Make the folder of a snapshot again if it is gone; return it.

    Raises NoTrainingData if the snapshot, or the pixels of an image of it, are gone as well.
    """
    if not file_of(name).is_file():
        raise NoTrainingData(f"There is no snapshot {name}.")
    with TemporaryDirectory(prefix="writing-", dir=_snapshots()) as scratch:
        return _make_folder(file_of(name), Path(scratch), name)


def file_of(name: str) -> Path:
    """The COCO file that is the snapshot."""
    return _snapshots() / f"{name}.json"


def training_labels(
    height: int, width: int, instances: list[Instance], *, whole: bool
) -> np.ndarray:
    """HW uint16 labels. Unless the image is annotated as a `whole`, only nuclei and their rims
    are labelled: what lies between them may hold nuclei that nobody has come to yet.

    Raises BadInput for more nuclei than can be told apart.
    """
    if len(instances) >= UNLABELLED:
        raise BadInput(f"More than {UNLABELLED - 1:,} nuclei do not fit into a 16-bit label mask.")
    labels, _ = label_mask.paint(height, width, instances)
    if not whole:
        disk = np.hypot(*np.mgrid[-RIM_PIXELS : RIM_PIXELS + 1, -RIM_PIXELS : RIM_PIXELS + 1])
        seen = ndimage.binary_dilation(labels > 0, disk <= RIM_PIXELS)
        labels[~seen] = UNLABELLED
    return labels


def validation_groups(groups: Iterable[str]) -> set[str]:
    """A tenth of the groups, at least one; none of fewer than five. The same groups give the same,
    and a further group moves few of the others."""
    ordered = sorted(set(groups), key=lambda group: hashlib.sha256(group.encode()).hexdigest())
    if len(ordered) < GROUPS_TO_VALIDATE:
        return set()
    return set(ordered[: max(len(ordered) // 10, 1)])


def _snapshots() -> Path:
    folder = Path(settings.DATA_DIR) / "snapshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(path: Path, dataset_id: int | None) -> None:
    images = list(_images(dataset_id)) if dataset_id is not None else []
    if not images:
        raise NoTrainingData("The dataset has no nuclei to learn from: annotate some first.")
    if all(image.split == HELD_OUT for _, image in images):
        raise NoTrainingData(
            "All annotated images are held out for judging: annotate some of the others first."
        )
    with path.open("w", encoding="utf-8") as file:
        snapshot_file.write(file, (image for _, image in images), _instances(images))


def _images(dataset_id: int) -> Iterator[tuple[int, SnapshotImage]]:
    """(id of the image in the database, image of the snapshot)."""
    # What another dataset is judged on is not learned by way of this one.
    elsewhere = Image.objects.filter(sha256=OuterRef("sha256"), held_out=True)
    annotated = annotated_images(dataset_id).filter(Q(held_out=True) | ~Exists(elsewhere))
    learned = annotated.filter(held_out=False).order_by()
    validating = validation_groups(learned.values_list("group", flat=True).distinct())
    # By content, so that the same images uploaded in another order are the same to learn from.
    rows = annotated.order_by("sha256").iterator()
    for number, row in enumerate(rows, start=1):
        split = HELD_OUT if row.held_out else VAL if row.group in validating else TRAIN
        yield (
            row.pk,
            SnapshotImage(
                number,
                f"{row.sha256}.png",
                row.width,
                row.height,
                sha256=row.sha256,
                pixels=row.pixels,
                group=row.group,
                whole=row.status == Image.Status.ACCEPTED,
                split=split,
                scale=row.scale,
            ),
        )


def _instances(
    images: Iterable[tuple[int, SnapshotImage]],
) -> Iterator[tuple[SnapshotImage, Instance]]:
    for pk, image in images:
        # Of two versions of a nucleus that nobody has decided between, one is enough.
        masks = Mask.objects.live().filter(image=pk, conflict_with=None)
        for mask in masks.order_by("created_at", "id").iterator():
            yield image, Instance(mask.bbox, mask.counts, snapshot_file.NUCLEUS)


def _make_folder(snapshot: Path, scratch: Path, name: str) -> Path:
    target = _snapshots() / name
    if target.is_dir():
        return target
    folder = scratch / name
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    split: dict[str, list[str]] = {TRAIN: [], VAL: [], HELD_OUT: []}
    judged: list[tuple[SnapshotImage, list[Instance]]] = []
    images: list[SnapshotImage] = []
    for image, instances in snapshot_file.read(snapshot):
        images.append(image)
        _add(image, instances, folder)
        if image.split == HELD_OUT and image.whole:
            judged.append((image, instances))
        split[image.split].append(image.sha256)
    learned = {"folder": ".", "train": split[TRAIN], "val": split[VAL], "scales": _scales(images)}
    (folder / "split.json").write_text(json.dumps({"dataset": learned}))
    (folder / "held_out.json").write_text(json.dumps(_to_judge_on(judged)))
    folder.rename(target)
    return target


def _to_judge_on(judged: list[tuple[SnapshotImage, list[Instance]]]) -> dict[str, Any]:
    """{"id", "names", "scales"}: two snapshots with the same id judge on the same nuclei, seen at
    the same scale."""
    facts = [
        [image.sha256, image.scale, [[each.bbox, each.counts] for each in instances]]
        for image, instances in judged
    ]
    digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    return {
        "id": digest[:16],
        "names": [image.sha256 for image, _ in judged],
        "scales": _scales(image for image, _ in judged),
    }


def _scales(images: Iterable[SnapshotImage]) -> dict[str, float]:
    """By how much the network has each enlarged."""
    return {image.sha256: image.scale for image in images}


def _add(image: SnapshotImage, instances: list[Instance], folder: Path) -> None:
    pixels = Path(settings.MEDIA_ROOT) / image.pixels
    copy = folder / "images" / image.file_name
    try:
        os.link(pixels, copy)
    except FileNotFoundError:
        raise NoTrainingData(
            f"The pixels of an image of “{image.group}” are gone; delete the image."
        ) from None
    except OSError:  # another disk, or one that knows no links
        shutil.copyfile(pixels, copy)
    try:
        labels = training_labels(image.height, image.width, instances, whole=image.whole)
    except BadInput as error:
        raise NoTrainingData(f"{image.group}: {error.detail}") from error
    (folder / "labels" / image.file_name).write_bytes(label_mask.to_png(labels))
