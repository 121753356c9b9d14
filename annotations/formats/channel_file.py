"""A deep or many-channelled image file → its samples as one array, to be windowed again and again.

Like image_file, it runs as a process of its own: `python -m annotations.formats.channel_file SOURCE
OUT_DIR MEGAPIXELS MEMORY_MB` writes `channels.npy` (CHW uint8, uint16 or float32) and prints
{"channels": [{"name", "least", "most", "black", "white"}]}, or {"error": sentence}.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from annotations.formats import confined, tiff
from annotations.formats.image_file import read_deep_png, sniff
from annotations.formats.rendering import UnreadableImage, window

CHANNELS_NAME = "channels.npy"
MOST_CHANNELS = 16
BYTES_A_PIXEL = 8


def extract(source: Path, out_dir: Path, megapixels: float) -> dict[str, object]:
    """Write the array; return what is known about each channel."""
    facts: list[dict[str, object]] = []
    with (out_dir / CHANNELS_NAME).open("wb") as file:
        for name, channel in _read(source, megapixels):
            samples = _simplified(channel)
            if not facts:
                _write_header(file, samples.dtype, (0, *samples.shape))
            file.write(samples.tobytes())
            facts.append(_facts(samples, name))
        # NumPy leaves room in the header for the first axis to grow.
        file.seek(0)
        _write_header(file, samples.dtype, (len(facts), *samples.shape))
    return {"channels": facts}


def _read(source: Path, megapixels: float) -> Iterable[tuple[str, np.ndarray]]:
    with source.open("rb") as file:
        kind = sniff(file.read(16))
    if kind == "tiff":
        return tiff.read_channels(source, megapixels, MOST_CHANNELS)
    if kind == "png":
        return [("", channel) for channel in read_deep_png(source)]
    raise UnreadableImage("has no more to show than is shown already")


def _simplified(channel: np.ndarray) -> np.ndarray:
    """HW of any real dtype → uint8 or uint16 where nothing is lost by it, else float32."""
    if channel.dtype == bool:
        return channel * np.uint8(255)
    if channel.dtype in (np.uint8, np.uint16):
        return channel.astype(channel.dtype.newbyteorder("="))
    return np.nan_to_num(channel.astype(np.float32))


def _facts(samples: np.ndarray, name: str) -> dict[str, object]:
    black, white = (0.0, 255.0) if samples.dtype == np.uint8 else window(samples)
    return {
        "name": name,
        "least": float(samples.min()),
        "most": float(samples.max()),
        "black": black,
        "white": white,
    }


def _write_header(file: BinaryIO, dtype: np.dtype, shape: tuple[int, ...]) -> None:
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


if __name__ == "__main__":
    confined.run(extract, bytes_a_pixel=BYTES_A_PIXEL)
