"""What a dataset says at one moment, as a folder to train on."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
from django.conf import settings
from scipy import ndimage

from annotations.exceptions import BadInput
from annotations.formats import label_mask
from annotations.formats.instance import Instance
from annotations.models import Image, Mask
from annotations.models.dataset import dataset_id_of
from annotations.models.image import ImageQuerySet
from ml.exceptions import NoTrainingData

# What the training command takes for "nobody has looked here".
UNLABELLED = 65_535
# So far around a nucleus of a half-annotated image is background: whoever drew it saw its border.
RIM_PIXELS = 2


def annotated_images(dataset_id: int) -> ImageQuerySet:
    """The images to learn from: those with a nucleus."""
    return Image.objects.filter(dataset_id=dataset_id, mask_count__gt=0)


def take_snapshot(source: str) -> Path:
    """Write DATA_DIR/snapshots/<hash>/ with images/<name>.png and labels/<name>.png; return it.

    Names are the SHA-256 of the image. Labels are 16-bit: 0 background, 1…N nuclei, UNLABELLED.
    The hash is that of the content, so the same masks give the same folder, and a folder of that
    name is whole. Raises NoTrainingData.
    """
    snapshots = Path(settings.DATA_DIR) / "snapshots"
    snapshots.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="writing-", dir=snapshots))
    try:
        for name in ("images", "labels"):
            (folder / name).mkdir()
        digest = hashlib.sha256()
        for image, instances in _annotations(dataset_id_of(source)):
            _write(image, instances, folder)
            facts = [image.sha256, _is_whole(image), [[i.bbox, i.counts] for i in instances]]
            digest.update(json.dumps(facts).encode())
        if not any((folder / "labels").iterdir()):
            raise NoTrainingData("The dataset has no nuclei to learn from: annotate some first.")
        target = snapshots / digest.hexdigest()[:16]
        if not target.is_dir():
            folder.chmod(0o755)
            folder.rename(target)
        return target
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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


def _annotations(dataset_id: int | None) -> Iterator[tuple[Image, list[Instance]]]:
    if dataset_id is None:
        return
    # By content, so that the same images uploaded in another order are the same to learn from.
    for image in annotated_images(dataset_id).order_by("sha256").iterator():
        masks = Mask.objects.live().filter(image=image).order_by("created_at", "id")
        # Of two versions of a nucleus that nobody has decided between, one is enough.
        masks = masks.filter(conflict_with=None)
        instances = [Instance(mask.bbox, mask.counts) for mask in masks]
        if instances:
            yield image, instances


def _is_whole(image: Image) -> bool:
    return image.status == Image.Status.ACCEPTED


def _write(image: Image, instances: list[Instance], folder: Path) -> None:
    pixels = Path(settings.MEDIA_ROOT) / image.pixels
    copy = folder / "images" / f"{image.sha256}.png"
    try:
        os.link(pixels, copy)
    except FileNotFoundError:
        raise NoTrainingData(f"The pixels of “{image.name}” are gone; delete the image.") from None
    except OSError:  # another disk, or one that knows no links
        shutil.copyfile(pixels, copy)
    try:
        labels = training_labels(image.height, image.width, instances, whole=_is_whole(image))
    except BadInput as error:
        raise NoTrainingData(f"{image.name}: {error.detail}") from error
    (folder / "labels" / f"{image.sha256}.png").write_bytes(label_mask.to_png(labels))
