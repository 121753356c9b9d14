"""From the samples of a microscope image to 8-bit RGB for the screen and the network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MAX_SIDE = 40_000
MAX_ASPECT_RATIO = 100
# Darkest and brightest 0.1 % may saturate: hot pixels must not decide the contrast.
WINDOW_PERCENTILES = (0.1, 99.9)
# Enough for percentiles; more would only cost memory.
WINDOW_SAMPLES = 4_000_000
ROWS_AT_ONCE = 512


class UnreadableImage(Exception):
    """The message completes a sentence that begins with the file's name."""


def check_size(width: int, height: int, megapixels: float) -> None:
    """Raise UnreadableImage if an image with this header should not be decoded at all."""
    if width < 1 or height < 1:
        raise UnreadableImage("has no pixels")
    if width * height > megapixels * 1_000_000:
        raise UnreadableImage(
            f"is {width}×{height} pixels, more than the {megapixels:g} megapixels allowed"
        )
    if max(width, height) > MAX_SIDE:
        raise UnreadableImage(
            f"is {width}×{height} pixels, longer than the {MAX_SIDE} pixels allowed a side"
        )
    if max(width, height) > MAX_ASPECT_RATIO * min(width, height):
        raise UnreadableImage(
            f"is {width}×{height} pixels, more than {MAX_ASPECT_RATIO} times as long as wide"
        )


def to_rgb(channels: np.ndarray | Sequence[np.ndarray]) -> np.ndarray:
    """1 to 3 HW channels of any real dtype → HWC uint8 RGB in [0, 255].

    uint8 is kept as it is; anything else is stretched between its own percentiles, channel by
    channel. One channel is grey; of two, the blue is black. NaN and infinities are clipped.
    """
    height, width = channels[0].shape
    rgb = np.zeros((height, width, 3), dtype=np.uint8)
    for index, channel in enumerate(channels[:3]):
        _stretch(channel, out=rgb[..., index])
    if len(channels) == 1:
        rgb[..., 1:] = rgb[..., :1]
    return rgb


def _stretch(channel: np.ndarray, out: np.ndarray) -> None:
    if channel.dtype == np.uint8:
        out[:] = channel
        return
    if channel.dtype == bool:
        out[:] = channel * np.uint8(255)
        return
    low, high = window(channel)
    for row in range(0, len(channel), ROWS_AT_ONCE):
        rows = channel[row : row + ROWS_AT_ONCE].astype(np.float64)
        stretched = np.nan_to_num((rows - low) / (high - low), nan=0.0)
        out[row : row + ROWS_AT_ONCE] = np.rint(np.clip(stretched, 0, 1) * 255)


def window(channel: np.ndarray) -> tuple[float, float]:
    """What a channel is stretched between when nobody says otherwise: (black, white)."""
    step = max(1, int(np.ceil(np.sqrt(channel.size / WINDOW_SAMPLES))))
    samples = channel[::step, ::step].astype(np.float64)
    finite = samples[np.isfinite(samples)]
    if not len(finite):
        return 0.0, 1.0
    low, high = np.percentile(finite, WINDOW_PERCENTILES)
    if high <= low:  # a few bright pixels on an even ground
        low, high = float(finite.min()), float(finite.max())
    return (float(low), float(high)) if high > low else (float(low), float(low) + 1.0)


@dataclass(frozen=True)
class ShownChannel:
    """One channel of a composition: samples from `black` to `white` go from black to `color`."""

    index: int
    black: float
    white: float
    color: tuple[int, int, int]


def compose(samples: np.ndarray, shown: Sequence[ShownChannel]) -> np.ndarray:
    """CHW samples → HWC uint8 RGB in [0, 255]: the light of the shown channels, added up."""
    _, height, width = samples.shape
    rgb = np.zeros((height, width, 3), dtype=np.uint8)
    for row in range(0, height, ROWS_AT_ONCE):
        light = np.zeros(rgb[row : row + ROWS_AT_ONCE].shape, np.uint16)
        for channel in shown:
            light += _lit(samples[channel.index, row : row + ROWS_AT_ONCE], channel)
        rgb[row : row + ROWS_AT_ONCE] = np.minimum(light, 255)
    return rgb


def _lit(rows: np.ndarray, channel: ShownChannel) -> np.ndarray:
    """HW samples → HWC uint16 in [0, 255]."""
    if rows.dtype == np.float32:
        return _coloured(rows, channel)
    levels = np.arange(np.iinfo(rows.dtype).max + 1, dtype=np.float32)
    return _coloured(levels, channel)[rows]


def _coloured(samples: np.ndarray, channel: ShownChannel) -> np.ndarray:
    share = (samples - np.float32(channel.black)) / np.float32(channel.white - channel.black)
    share = np.clip(share, 0, 1)
    return np.rint(share[..., None] * np.asarray(channel.color, np.float32)).astype(np.uint16)
