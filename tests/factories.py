"""Rows for the tests, made by the services that make them in earnest."""

from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture

from annotations.models import Dataset, Image, Mask
from annotations.services.image import upload_image
from annotations.services.mask import save_mask
from ml import rle

PASSWORD = "a long enough passphrase"


def make_user(username: str, **fields: Any) -> Any:
    return get_user_model().objects.create_user(username, password=PASSWORD, **fields)


def png_bytes(width: int = 40, height: int = 30, seed: int = 0) -> bytes:
    """A small RGB PNG; another seed makes another picture."""
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    buffer = BytesIO()
    Picture.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def png_file(name: str = "cells.png", **options: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png_bytes(**options), content_type="image/png")


def make_image(dataset: Dataset, user: Any, *, name: str = "cells.png", seed: int = 0) -> Image:
    """A 40 × 30 image of noise."""
    return upload_image(user=user, dataset=dataset, file=png_file(name, seed=seed))


def wire_mask(x: int = 5, y: int = 4, width: int = 6, height: int = 3) -> dict[str, Any]:
    """A rectangle of a 40 × 30 image as it travels: bbox and counts."""
    bitmap = np.zeros((30, 40), dtype=bool)
    bitmap[y : y + height, x : x + width] = True
    bbox, counts = rle.encode(bitmap)
    return {"bbox": bbox, "counts": counts}


def make_mask(image: Image, user: Any, *, id: UUID | None = None, **shape: int) -> Mask:
    mask, _ = save_mask(
        user=user, image=image, id=id or uuid4(), version=0, origin="drawn", **wire_mask(**shape)
    )
    return mask


def as_seen_by(user: Any, dataset: Dataset) -> Any:
    """The dataset as a view finds it, with `my_role`."""
    return Dataset.objects.visible_to(user).get(pk=dataset.pk)
