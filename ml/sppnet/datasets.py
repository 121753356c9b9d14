"""Folders of images and instance masks, and random crops of them with everything to learn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sppnet.levels import levels_of, stretch
from ml.sppnet.magnification import areas_of, scale_for_nuclei

IMAGE_SUFFIXES = (".png", ".webp", ".jpg", ".jpeg", ".tif", ".tiff")
# A label pixel of this value is unlabelled: it never counts in a loss or a score.
UNLABELLED = 65535


class DataError(ValueError):
    """A data folder that cannot be used; the message says which file and why."""


@dataclass(frozen=True)
class Sample:
    """One annotated image: pixels HWC uint8 RGB; labels HW uint16, 0 background, 1..N nuclei,
    UNLABELLED where nobody has looked; ``scale``: by how much it is enlarged for the network, None
    where nobody knows and the size of its nuclei decides."""

    name: str
    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint16]
    scale: float | None = None


def read_pixels(path: Path) -> NDArray[np.uint8]:
    """An image file as HWC uint8 RGB. Raises DataError if it cannot be read."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        raise DataError(f"{path.name} is not a readable image")
    return pixels


def read_sample(folder: Path, name: str, scale: float | None = None) -> Sample:
    """``images/<name>.*`` with ``labels/<name>.png``. Raises DataError."""
    found = [p for s in IMAGE_SUFFIXES if (p := folder / "images" / f"{name}{s}").exists()]
    if not found:
        raise DataError(f"no image named {name} in {folder / 'images'}")
    pixels = read_pixels(found[0])
    labels = cv2.imread(str(folder / "labels" / f"{name}.png"), cv2.IMREAD_UNCHANGED)
    if labels is None:
        raise DataError(f"labels/{name}.png is missing or not a readable PNG")
    if labels.ndim != 2 or labels.dtype not in (np.uint8, np.uint16):
        raise DataError(f"labels/{name}.png must hold one channel of integers")
    if labels.shape != pixels.shape[:2]:
        raise DataError(
            f"labels/{name}.png is {labels.shape[1]}×{labels.shape[0]} px but its image is "
            f"{pixels.shape[1]}×{pixels.shape[0]}"
        )
    return Sample(name, pixels, labels.astype(np.uint16), scale)


def names_in(folder: Path) -> list[str]:
    """Names that have a label, sorted. Raises DataError if there are none, or for an image that
    has none: it may be a misspelt name as well as an image that nobody has annotated."""
    names = sorted(p.stem for p in (folder / "labels").glob("*.png"))
    if not names:
        raise DataError(f"{folder} has no labels/*.png: expected images/ and labels/ folders")
    images = {p.stem for p in (folder / "images").glob("*") if p.suffix in IMAGE_SUFFIXES}
    lonely = sorted(images - set(names))
    if lonely:
        raise DataError(
            f"{len(lonely)} images in {folder / 'images'} have no label (first: {lonely[0]}); "
            "label them or take them out, or name what is to be read with --split"
        )
    return names


def read_folder(
    folder: Path, names: Sequence[str] | None = None, scales: Mapping[str, float] | None = None
) -> list[Sample]:
    """All samples of a folder, or the named ones; ``scales`` of those whose scale is known."""
    scales = scales or {}
    names = names_in(folder) if names is None else names
    return [read_sample(folder, name, scales.get(name)) for name in names]


@dataclass(frozen=True)
class Part:
    """One set of a split: names of images in ``folder`` to train on and to hold out, the share of
    training crops it is to have, and by how much images are enlarged for the network (by name,
    where that is known)."""

    folder: Path
    train: list[str]
    val: list[str]
    weight: float = 1.0
    scales: Mapping[str, float] = field(default_factory=dict)

    def read_train(self) -> list[Sample]:
        return read_folder(self.folder, self.train, self.scales)

    def read_val(self) -> list[Sample]:
        return read_folder(self.folder, self.val, self.scales)


def read_split(root: Path, path: Path) -> dict[str, Part]:
    """A split of folders below ``root``: JSON {set: {folder, train, val, weight, scales}}, of
    which the last two may be left out.

    Raises DataError naming the set that is incomplete or whose folder is missing.
    """
    parts = {}
    for name, values in json.loads(path.read_text()).items():
        try:
            part = Part(**{**values, "folder": root / values["folder"]})
        except (KeyError, TypeError) as error:
            raise DataError(f"set {name} of {path.name} is incomplete: {error}") from None
        if not part.folder.is_dir():
            raise DataError(f"set {name} of {path.name} needs the folder {part.folder}")
        parts[name] = part
    return parts


def split_folder(folder: Path, rng: np.random.Generator) -> dict[str, Part]:
    """A folder as one set, a tenth of its images (none below five) held out."""
    names = names_in(folder)
    held = set(rng.permutation(names)[: len(names) // 10 or int(len(names) >= 5)].tolist())
    train = [name for name in names if name not in held]
    return {folder.name: Part(folder, train, sorted(held))}


@dataclass(frozen=True)
class Crop:
    """A square training example: pixels S×S×3 uint8 RGB; labels S×S int32 (0 background, 1..N,
    -1 unlabelled)."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int32]


def random_crop(
    sample: Sample, side: int, scales: tuple[float, float], rng: np.random.Generator
) -> Crop:
    """A random place, rotation, flip and scale of ``sample``, about the scale at which the network
    sees it. What lies outside the image is mirrored in the pixels and unlabelled in the labels."""
    height, width = sample.labels.shape
    usual = sample.scale or 1.0
    scale = float(np.exp(rng.uniform(*np.log(scales)))) * usual
    # Small images are not shrunk into a corner of the crop.
    scale = max(scale, min(0.75 * side / min(height, width), scales[1] * usual))
    angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.5 else rng.integers(4) * np.pi / 2
    flip = -1.0 if rng.random() < 0.5 else 1.0
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    linear = np.array([[cos * flip, -sin], [sin * flip, cos]])
    half = side / (2 * scale)
    centre = [
        rng.uniform(min(half, n / 2), max(n - half, n / 2)) if n > 0 else 0 for n in (width, height)
    ]
    offset = side / 2 - linear @ np.array(centre)
    matrix = np.column_stack([linear, offset])
    size = (side, side)
    smooth = cv2.INTER_AREA if scale < 0.8 else cv2.INTER_LINEAR
    pixels = cv2.warpAffine(
        sample.pixels, matrix, size, flags=smooth, borderMode=cv2.BORDER_REFLECT_101
    )
    labels = cv2.warpAffine(
        sample.labels,
        matrix,
        size,
        flags=cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=UNLABELLED,
    ).astype(np.int32)
    labels[labels == UNLABELLED] = -1
    return Crop(pixels, labels)


# Optical densities of haematoxylin, eosin and the residual (Ruifrok and Johnston, 2001).
_STAINS = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]], np.float32)
_UNSTAIN = np.linalg.inv(_STAINS).astype(np.float32)


def jitter_colours(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Light changes of stain, brightness, contrast, gamma, focus and noise. S×S×3 uint8."""
    image: NDArray[np.floating] = pixels.astype(np.float32)
    if rng.random() < 0.6 and image.mean() > 90:
        density = -np.log((image + 1) / 256) @ _UNSTAIN
        density *= rng.uniform(0.75, 1.3, 3).astype(np.float32)
        density += rng.uniform(-0.03, 0.03, 3).astype(np.float32)
        image = np.exp(-(density @ _STAINS)) * 256 - 1
    if rng.random() < 0.6:
        contrast = rng.uniform(0.75, 1.3)
        image = (image - image.mean()) * contrast + image.mean() + rng.uniform(-20, 20)
    image = np.clip(image, 0, 255)
    if rng.random() < 0.4:
        image = 255 * (image / 255) ** float(np.exp(rng.uniform(-0.5, 0.5)))
    if rng.random() < 0.2 and image.mean() < 90:
        # Stains that glow are as often shown in their colour as in grey.
        image = image * rng.uniform(0, 1, 3).clip(0.05).astype(np.float32)
        image *= 255 / max(float(np.percentile(image, 99.8)), 1.0)
    if rng.random() < 0.08:
        image = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2)
    if rng.random() < 0.15:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.2))
    if rng.random() < 0.15:
        image = image + rng.normal(0, rng.uniform(1, 8), image.shape).astype(np.float32)
    return np.clip(image, 0, 255).astype(np.uint8)


def as_learned(sample: Sample) -> Sample:
    """Stretched to its levels, at the scale that is known or that its nuclei ask for."""
    known = np.where(sample.labels == UNLABELLED, 0, sample.labels)
    return replace(
        sample,
        pixels=stretch(sample.pixels, levels_of(sample.pixels)),
        scale=sample.scale or scale_for_nuclei(areas_of(known)),
    )


class Mixture:
    """Samples of several sets, drawn with given weights, each stretched to its own levels, and
    enlarged by the size of its nuclei where its scale is unknown."""

    def __init__(self, sets: Mapping[str, Sequence[Sample]], weights: Mapping[str, float]) -> None:
        empty = [name for name, samples in sets.items() if not samples]
        if empty or not sets:
            raise DataError(f"no training images in: {', '.join(empty) or 'any set'}")
        self.sets = {
            name: [as_learned(sample) for sample in samples] for name, samples in sets.items()
        }
        self.names = list(self.sets)
        shares = np.array([weights.get(name, 1.0) for name in self.names], float)
        self.shares = shares / shares.sum()

    def draw(self, side: int, scales: tuple[float, float], rng: np.random.Generator) -> Crop:
        """A crop that holds at least part of a nucleus, unless five tries find none."""
        for _ in range(5):
            samples = self.sets[self.names[int(rng.choice(len(self.names), p=self.shares))]]
            crop = random_crop(samples[int(rng.integers(len(samples)))], side, scales, rng)
            if (crop.labels > 0).sum() > 40:
                break
        return Crop(self.recoloured(crop.pixels, rng), crop.labels)

    def recoloured(self, pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """The colours in which a crop is learned."""
        return jitter_colours(pixels, rng)
