"""The samples behind an 8-bit rendition: windowed and coloured anew as a person asks for it."""

import fcntl
import io
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import numpy as np
from django.conf import settings
from PIL import Image as Picture

from annotations.exceptions import BadInput, NotFound, TooLarge
from annotations.formats.rendering import ShownChannel, compose
from annotations.models import Image
from annotations.services.image_decoding import run_confined

# Each rendition takes a second or so of a core, and three bytes a pixel.
AT_ONCE = 2
MOST_MEGAPIXELS = 64
# On disk, for all images together; the longest unused go first.
KEPT_BYTES = 2 * 1024**3
_places = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Channels:
    """samples: CHW uint8, uint16 or float32, read from disk as needed. facts: one for each."""

    samples: np.ndarray
    facts: list[dict[str, Any]]


def open_channels(*, image: Image) -> Channels:
    """The stored samples of a deep image; decoded at the first question, kept for the next.

    Raises NotFound if the rendition shows all there is, TooLarge, BadInput if it cannot be decoded.
    """
    if not image.is_deep:
        raise NotFound("All that this image has is in its 8-bit rendition.")
    if image.width * image.height > MOST_MEGAPIXELS * 1_000_000:
        raise TooLarge(f"Channels are shown for images of up to {MOST_MEGAPIXELS} megapixels.")
    kept = _folder_of(image.sha256)
    try:
        return _read(kept)
    except FileNotFoundError:
        pass  # Nobody has asked for it lately. What is there waits for no other image's decoding.
    folder = kept.parent
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            _decode(image, kept)
            _forget_oldest(folder, keep=kept)
        return _read(kept)


def render_channels(*, channels: Channels, shown: Sequence[ShownChannel]) -> bytes:
    """A PNG of the image, 8-bit RGB. Raises BadInput for a channel that there is not."""
    if any(channel.index >= len(channels.samples) for channel in shown):
        raise BadInput(f"The image has {len(channels.samples)} channels.", field="show")
    with _places:
        png = io.BytesIO()
        Picture.fromarray(compose(channels.samples, shown)).save(png, "PNG", compress_level=1)
        return png.getvalue()


def forget_channels(*, sha256: str) -> None:
    """Delete what is kept of an image that nobody has any more."""
    shutil.rmtree(_folder_of(sha256), ignore_errors=True)


def _folder_of(sha256: str) -> Path:
    return Path(settings.DATA_DIR) / "channels" / sha256


def _read(kept: Path) -> Channels:
    """Raises FileNotFoundError if it is not there, or not any more."""
    os.utime(kept)
    facts = json.loads((kept / "facts.json").read_text())
    return Channels(np.load(kept / "channels.npy", mmap_mode="r", allow_pickle=False), facts)


def _decode(image: Image, kept: Path) -> None:
    original = settings.MEDIA_ROOT / image.original
    folder = Path(tempfile.mkdtemp(dir=kept.parent, prefix="new-"))
    try:
        answer = run_confined("channel_file", original, folder)
        if "error" in answer:
            raise BadInput(f"{image.name} {answer['error']}.")
        (folder / "facts.json").write_text(json.dumps(answer["channels"]))
        folder.rename(kept)  # as a whole or not at all
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _forget_oldest(folder: Path, keep: Path) -> None:
    kept = sorted(
        (path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime
    )
    sizes = {path: sum(file.stat().st_size for file in path.iterdir()) for path in kept}
    while kept and sum(sizes[path] for path in kept) > KEPT_BYTES:
        oldest = kept.pop(0)
        if oldest != keep:
            shutil.rmtree(oldest)
