"""Images full of nuclei that nobody drew, for measurements: rows written straight to the database.

python -m tests.bench.generated 1000 10000 prints {"1000": {"dataset": …, "image": …}, …}

With --of 10100 each picture has so many nuclei, the same ones, and each image a dataset of its own;
"free" are places (x, y) of nuclei in its middle that have no mask.
"""

import argparse
import json
import math
from io import BytesIO
from typing import Any
from uuid import UUID

import django
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

FREE = 32
SPACING = 26
SHAPES = 300
CLASSES = (("Lymphocyte", "#e8590c"), ("Stroma", "#9c36b5"), ("Mitosis", "#2b8a3e"))
MARGIN = 14


def outlines(random: np.random.Generator) -> list[NDArray[np.bool_]]:
    """Nuclei of 5 to 11 pixels radius, longish and a little lumpy, each as a H×W bool crop."""
    side = 2 * MARGIN
    y, x = np.mgrid[:side, :side] - MARGIN + 0.5
    angle = np.arctan2(y, x)
    found = []
    for _ in range(SHAPES):
        radius, stretch = random.uniform(5.5, 9.5), random.uniform(1, 1.3)
        turn, phase = random.uniform(0, math.pi, 2)
        lumps = 1 + 0.08 * np.cos(3 * angle + phase)
        along = x * np.cos(turn) + y * np.sin(turn)
        across = y * np.cos(turn) - x * np.sin(turn)
        found.append(np.hypot(along / stretch, across * stretch) < radius * lumps)
    return found


def side_of(count: int) -> int:
    """Pixels that a square image needs for so many nuclei."""
    return math.ceil(math.sqrt(count)) * SPACING + 2 * MARGIN


def placed(count: int, random: np.random.Generator) -> NDArray[np.int_]:
    """count×2 corners (x, y) of crops, on a shaken grid."""
    columns = math.ceil(math.sqrt(count))
    grid = np.stack([np.arange(count) % columns, np.arange(count) // columns], axis=1)
    return grid * SPACING + random.integers(0, 5, (count, 2))


def picture_of(
    side: int,
    shapes: list[NDArray[np.bool_]],
    corners: NDArray[np.int_],
    random: np.random.Generator,
) -> bytes:
    pixels = random.integers(12, 30, (side, side), dtype=np.uint8)
    for number, (x, y) in enumerate(corners):
        shape = shapes[number % SHAPES]
        pixels[y : y + shape.shape[0], x : x + shape.shape[1]][shape] += 110
    buffer = BytesIO()
    Picture.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def without_mask(count: int, corners: NDArray[np.int_]) -> NDArray[np.intp]:
    """Numbers of the nuclei that get no mask when `count` do: those in the middle first, then from
    all over the picture."""
    away = np.abs(corners - corners.mean(axis=0)).max(axis=1)
    order = np.argsort(away, kind="stable")
    middle, others = order[:FREE], np.sort(order[FREE:])
    masked = others[np.linspace(0, len(others) - 1, count).round().astype(int)]
    return np.concatenate([middle, np.setdiff1d(others, masked)])


def generate(count: int, *, dataset: Any, user: Any, nuclei: int | None = None) -> dict[str, Any]:
    """Make an image of `nuclei`, `count` of them with masks, the same for the same numbers."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from annotations.models import Image, LabelClass, Mask
    from annotations.services.image import upload_image
    from ml import rle

    nuclei = nuclei or count
    random = np.random.default_rng(nuclei)
    shapes = outlines(random)
    corners = placed(nuclei, random)
    content = picture_of(side_of(nuclei), shapes, corners, random)
    free = without_mask(count, corners) if nuclei > count else np.array([], int)
    bare = set(free.tolist())
    file = SimpleUploadedFile(f"nuclei_{count}.png", content, content_type="image/png")
    image = upload_image(user=user, dataset=dataset, file=file)
    encoded = [rle.encode(shape) for shape in shapes]
    classes = list(LabelClass.objects.filter(dataset=dataset))
    rows = []
    # The same picture may have a row for each number of masks: their ids differ.
    ids = np.random.default_rng([nuclei, count])
    for number, (x, y) in enumerate(corners.tolist()):
        if number in bare:
            continue
        (left, top, width, height), counts = encoded[number % SHAPES]
        rows.append(
            Mask(
                id=UUID(bytes=ids.bytes(16), version=4),
                image=image,
                label_class=classes[number % len(classes)],
                x=x + left,
                y=y + top,
                width=width,
                height=height,
                counts=counts,
                area=int(shapes[number % SHAPES].sum()),
                origin="imported",
                created_by=user,
                updated_by=user,
            )
        )
    Mask.objects.bulk_create(rows, batch_size=1000)
    Image.objects.filter(pk=image.pk).update(mask_count=count, status="in_progress")
    places = (corners[free[:FREE]] + MARGIN).tolist()
    return {"dataset": dataset.pk, "image": image.pk, "free": places}


def main(counts: list[int], nuclei: int | None = None) -> None:
    django.setup()
    from django.contrib.auth import get_user_model

    from annotations.services.dataset import create_dataset
    from annotations.services.label_class import create_class

    user = get_user_model().objects.get(username="admin")
    made: dict[str, Any] = {}
    dataset = None
    for count in counts:
        # The same picture twice in a dataset is refused.
        if dataset is None or nuclei:
            dataset = create_dataset(user=user, name="Generated nuclei")
            for name, color in CLASSES:
                create_class(user=user, dataset=dataset, name=name, color=color)
        made[str(count)] = generate(count, dataset=dataset, user=user, nuclei=nuclei)
    print(json.dumps(made))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("counts", type=int, nargs="+")
    parser.add_argument("--of", type=int, dest="nuclei")
    main(**vars(parser.parse_args()))
