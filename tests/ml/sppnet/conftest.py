"""A network small enough to run in a blink, and images whose nuclei are known exactly."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from ml.sppnet.config import ModelConfig
from ml.sppnet.datasets import Sample
from ml.sppnet.network import ClickNet, build

# Networks this small gain nothing from a second thread, and lose much where cores are busy.
torch.set_num_threads(1)

SMALL = ModelConfig(tile=128, overlap=32, window=64)


@pytest.fixture
def network() -> ClickNet:
    torch.manual_seed(0)
    made = build(SMALL)
    assert isinstance(made, ClickNet)
    return made.eval()


def disks(side: int = 128, seed: int = 0, count: int = 9) -> Sample:
    """Bright disks on dark, none touching another."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((side, side), np.uint16)
    for label in range(1, count + 1):
        for _ in range(50):
            x, y = (int(v) for v in rng.integers(12, side - 12, 2))
            disk = cv2.circle(np.zeros_like(labels), (x, y), int(rng.integers(6, 10)), 1, -1) > 0
            if not labels[cv2.dilate(disk.astype(np.uint8), np.ones((5, 5))) > 0].any():
                labels[disk] = label
                break
    grey = np.where(labels > 0, 190, 40) + rng.normal(0, 6, labels.shape)
    pixels = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return Sample(f"disks-{seed}", pixels, labels)


def beside_each_other() -> Sample:
    """One nucleus alone, and two side by side."""
    labels = np.zeros((128, 128), np.uint16)
    labels[20:32, 20:32] = 1
    labels[80:100, 60:74], labels[80:100, 74:90] = 2, 3
    pixels = np.repeat(np.where(labels > 0, 190, 40).astype(np.uint8)[..., None], 3, axis=2)
    return Sample("beside", pixels, labels)


def write_folder(folder: Path, samples: list[Sample]) -> Path:
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for sample in samples:
        cv2.imwrite(str(folder / "images" / f"{sample.name}.png"), sample.pixels[..., ::-1])
        cv2.imwrite(str(folder / "labels" / f"{sample.name}.png"), sample.labels)
    return folder
