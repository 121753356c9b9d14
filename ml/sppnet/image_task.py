"""What the paper's network and its rivals learn: the mask of all nuclei, from one point."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.sppnet.augment import Pose, cut_out, draw_pose, laid
from ml.sppnet.config import ImageTrainConfig, Sampling
from ml.sppnet.datasets import UNLABELLED, DataError, Sample
from ml.sppnet.encoder import Features
from ml.sppnet.fit import fit
from ml.sppnet.losses import dice_loss
from ml.sppnet.network import STRIDE, PaperNet, WholeImageNet, as_images
from ml.sppnet.prompts import NEGATIVE, NOT_A_POINT, POSITIVE
from ml.sppnet.sampling import anywhere, centre, cnps
from ml.sppnet.team import Team


class Prompt(NamedTuple):
    """points 2×2 (x, y) and kinds 2: one in a nucleus, one on background; a point that cannot be
    had is padding."""

    points: NDArray[np.float32]
    kinds: NDArray[np.int64]


class ImageBatch(NamedTuple):
    """pixels B×3×S×S float in [0, 1]; target and valid B×S/4×S/4 float in {0, 1}; points
    B×C×2×2 (x, y) in pixels and kinds B×C×2, C prompts of each image; and what each image is:
    its number and pose."""

    pixels: Tensor
    target: Tensor
    valid: Tensor
    points: Tensor
    kinds: Tensor
    sources: list[tuple[int, Pose]]


def draw_prompt(
    labels: NDArray[np.uint16], how: Sampling, sigma: float, rng: np.random.Generator
) -> Prompt:
    """One point in a random nucleus and one on background (section 2.1); labels H×W."""
    ids = np.unique(labels)
    ids = ids[(ids > 0) & (ids < UNLABELLED)]
    points, kinds = np.zeros((2, 2), np.float32), np.full(2, NOT_A_POINT, np.int64)
    if ids.size:
        nucleus = labels == rng.choice(ids)
        if how == "cnps":
            points[0] = cnps(nucleus, rng, sigma=sigma)
        elif how == "centre":
            points[0] = np.array(centre(nucleus)) + 0.5
        else:
            points[0] = anywhere(nucleus, rng)
        kinds[0] = POSITIVE
    away = anywhere(labels == 0, rng)
    if away is not None:
        points[1], kinds[1] = away, NEGATIVE
    return Prompt(points, kinds)


def mask_of(labels: NDArray[np.uint16]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(nuclei, known) on the mask's grid: S×S labels to S/4×S/4 in {0, 1}."""
    known = labels != UNLABELLED
    size = tuple(n // STRIDE for n in labels.shape)
    share, seen = (
        cv2.resize(a.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        for a in ((labels > 0) & known, known)
    )
    return (share > 0.5).astype(np.float32), (seen > 0.99).astype(np.float32)


@dataclass
class FeatureStore:
    """What a frozen encoder makes of each image in each pose, kept in a folder as fp16."""

    folder: Path

    def features(
        self, network: PaperNet, pixels: Tensor, sources: list[tuple[int, Pose]], bf16: bool
    ) -> Features:
        """Features of a batch; what is not there yet is made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        paths = [self.folder / f"{image}_{pose.key}.npy" for image, pose in sources]
        for path, image in zip(paths, pixels, strict=True):
            if not path.exists():
                with torch.no_grad(), torch.autocast(pixels.device.type, torch.bfloat16, bf16):
                    made = network.encode(image.unsqueeze(0)).embedding[0]
                partial = path.with_suffix(f".{os.getpid()}.npy")
                np.save(partial, made.half().cpu().numpy())
                partial.replace(path)
        kept = torch.from_numpy(np.stack([np.load(path) for path in paths]))
        none = torch.empty(0, device=pixels.device)
        return Features(kept.to(pixels.device).float(), none, none)


class ImageTask:
    """Whole images, each as often as every other. In a team a batch is divided."""

    def __init__(
        self,
        samples: Sequence[Sample],
        config: ImageTrainConfig,
        side: int,
        store: FeatureStore | None = None,
        team: Team | None = None,
    ) -> None:
        if not samples:
            raise DataError("there are no images to train on")
        self.team = team or Team()
        if config.batch % self.team.size:
            raise DataError(
                f"a batch of {config.batch} cannot be divided among {self.team.size} processes"
            )
        self.config, self.side, self.store = config, side, store
        self.samples = [s if config.crop else fit(s, side) for s in samples]
        self.images_per_batch = config.batch // self.team.size
        self.steps_per_epoch = max(1, round(len(samples) / config.batch / config.accumulate))

    def batch(self, index: int) -> ImageBatch:
        """The batch of that number: the same for a seed, so that training resumes exactly."""
        first = index * self.config.batch
        numbers = range(first + self.team.rank, first + self.config.batch, self.team.size)
        return collate([self._draw(number) for number in numbers])

    def _draw(self, number: int) -> tuple[Any, ...]:
        """The image that is ``number``-th to be seen, and everything to learn from it."""
        config = self.config
        epoch, place = divmod(number, len(self.samples))
        order = np.random.default_rng([config.seed, epoch, 1]).permutation(len(self.samples))
        rng = np.random.default_rng([config.seed, number, 2])
        image = int(order[place])
        sample = self.samples[image]
        if config.crop:
            sample = fit(crop(sample, config.crop, rng), self.side)
        pose = draw_pose(rng, config.augment, quarters=self.store is not None)
        sample = laid(sample, pose)
        prompts = [
            draw_prompt(sample.labels, config.sampling, config.sigma, rng)
            for _ in range(config.clicks_per_image)
        ]
        pixels = sample.pixels
        if rng.random() < config.augment and self.store is None:
            pixels = cut_out(pixels, rng)
        return pixels, *mask_of(sample.labels), prompts, (image, pose)

    def loss(
        self, network: WholeImageNet, batch: ImageBatch, index: int
    ) -> tuple[Tensor, dict[str, float]]:
        """The dice loss, the mean over images and their prompts."""
        device = next(network.parameters()).device
        layout = torch.channels_last if self.config.channels_last else torch.contiguous_format
        pixels = batch.pixels.to(device).contiguous(memory_format=layout)
        points, kinds = batch.points.to(device), batch.kinds.to(device)
        features = None
        if self.store is not None and isinstance(network, PaperNet):
            features = self.store.features(network, pixels, batch.sources, self.config.bf16)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.config.bf16):
            logits = network.answers(pixels, points, kinds, features)
        target, valid = (m.to(device).unsqueeze(1) for m in (batch.target, batch.valid))
        loss = dice_loss(logits.float(), target, valid, squared=False).mean()
        return loss, {"loss": float(loss.detach())}


def collate(drawn: Sequence[tuple[Any, ...]]) -> ImageBatch:
    pixels, target, valid, prompts, sources = zip(*drawn, strict=True)
    return ImageBatch(
        as_images(pixels),
        torch.from_numpy(np.stack(target)),
        torch.from_numpy(np.stack(valid)),
        torch.from_numpy(np.stack([[p.points for p in ps] for ps in prompts])),
        torch.from_numpy(np.stack([[p.kinds for p in ps] for ps in prompts])),
        list(sources),
    )


def crop(sample: Sample, side: int, rng: np.random.Generator) -> Sample:
    """A random square part of at most ``side`` px."""
    height, width = sample.labels.shape
    y, x = (int(rng.integers(0, max(n - side, 0) + 1)) for n in (height, width))
    view = np.s_[y : y + side, x : x + side]
    return Sample(sample.name, sample.pixels[view], sample.labels[view])
