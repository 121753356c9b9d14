"""The pixels of an image as the network sees them, kept in memory between clicks."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from django.conf import settings

from ml.exceptions import ImageUnreadable
from ml.lru import ByteBoundedLru
from ml.models import Encoding, Prediction
from ml.one_by_one import OneByOne

_recent: ByteBoundedLru[np.ndarray] = ByteBoundedLru(512 * 1024**2)
_reading = OneByOne()


class Picture(NamedTuple):
    """What is known of an image here: its rendition's path relative to MEDIA_ROOT, its size, and
    by how much the network has it enlarged."""

    path: str
    sha256: str
    width: int
    height: int
    scale: float

    @classmethod
    def of(cls, job: Prediction | Encoding) -> "Picture":
        return cls(job.image_path, job.image_sha256, job.width, job.height, job.scale)

    def pixels(self) -> np.ndarray:
        """HWC uint8 RGB in [0, 255]. Raises ImageUnreadable if the file is missing, damaged or
        of another size."""
        with _reading.turn(self.path):
            pixels = _recent.get((self.sha256, self.path))
            return self._read() if pixels is None else pixels

    def _read(self) -> np.ndarray:
        pixels = cv2.imread(str(Path(settings.MEDIA_ROOT) / self.path), cv2.IMREAD_COLOR_RGB)
        if pixels is None:
            raise ImageUnreadable("The image's file is missing or damaged: upload it again.")
        if pixels.shape[:2] != (self.height, self.width):
            raise ImageUnreadable(
                f"The image's file has {pixels.shape[1]}×{pixels.shape[0]} pixels "
                f"instead of {self.width}×{self.height}: upload it again."
            )
        _recent.put((self.sha256, self.path), pixels, pixels.nbytes)
        return pixels
