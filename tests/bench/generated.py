"""Images full of nuclei that nobody drew, for measurements: rows written straight to the database.

python -m tests.bench.generated 1000 10000 prints {"1000": {"dataset": …, "image": …}, …}
"""

import json
import math
import sys
from io import BytesIO
from typing import Any
from uuid import UUID

import django
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

SPACING = 26
SHAPES = 300
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


def generate(count: int, *, dataset: Any, user: Any) -> Any:
    """Make an image with `count` masks on it, the same for the same count."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from annotations.models import Image, LabelClass, Mask
    from annotations.services.image import upload_image
    from ml import rle

    random = np.random.default_rng(count)
    shapes = outlines(random)
    corners = placed(count, random)
    content = picture_of(side_of(count), shapes, corners, random)
    file = SimpleUploadedFile(f"nuclei_{count}.png", content, content_type="image/png")
    image = upload_image(user=user, dataset=dataset, file=file)
    encoded = [rle.encode(shape) for shape in shapes]
    classes = list(LabelClass.objects.filter(dataset=dataset))
    rows = []
    for number, (x, y) in enumerate(corners.tolist()):
        (left, top, width, height), counts = encoded[number % SHAPES]
        rows.append(
            Mask(
                id=UUID(bytes=random.bytes(16), version=4),
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
    return image


def main(counts: list[int]) -> None:
    django.setup()
    from django.contrib.auth import get_user_model

    from annotations.services.dataset import create_dataset
    from annotations.services.label_class import create_class

    user = get_user_model().objects.get(username="admin")
    dataset = create_dataset(user=user, name="Generated nuclei")
    for name, color in (("Lymphocyte", "#e8590c"), ("Stroma", "#9c36b5"), ("Mitosis", "#2b8a3e")):
        create_class(user=user, dataset=dataset, name=name, color=color)
    made = {}
    for count in counts:
        image = generate(count, dataset=dataset, user=user)
        made[str(count)] = {"dataset": dataset.pk, "image": image.pk}
    print(json.dumps(made))


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]])
