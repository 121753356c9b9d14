"""Decode an upload in a process that cannot take the server down with it."""

import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from django.conf import settings

from annotations.exceptions import BadImage

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 180
# Each may take DECODE_MEMORY_MB, so that many uploads wait for each other instead of for the end.
AT_ONCE = 2
_places = BoundedSemaphore(AT_ONCE)
PROJECT_ROOT = Path(__file__).resolve().parents[2]
PIXELS_NAME = "pixels.png"
THUMBNAIL_NAME = "thumbnail.webp"


@dataclass(frozen=True)
class DecodedImage:
    """width, height: of the rendition, in pixels as seen. bit_depth, channels: of the upload."""

    width: int
    height: int
    bit_depth: int
    channels: int
    microns_per_pixel: float | None
    format: str
    pixels_path: Path
    thumbnail_path: Path


def decode_upload(*, path: Path, name: str, out_dir: Path) -> DecodedImage:
    """Write an 8-bit RGB PNG rendition and a WebP thumbnail of the file at `path` to `out_dir`.

    `out_dir` must be the caller's own; it is created if missing, and left without either file
    upon failure. `name` is only used to speak to the user. Raises BadImage.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    pixels_path, thumbnail_path = out_dir / PIXELS_NAME, out_dir / THUMBNAIL_NAME
    try:
        with _places:
            answer = run_confined("image_file", path, out_dir)
        if "error" in answer:
            raise BadImage(f"{_spoken(name)} {answer['error']}.")
        return DecodedImage(**answer, pixels_path=pixels_path, thumbnail_path=thumbnail_path)
    except BaseException:
        pixels_path.unlink(missing_ok=True)
        thumbnail_path.unlink(missing_ok=True)
        raise


def run_confined(module: str, path: Path, out_dir: Path) -> dict:
    """What `annotations.formats.<module>` says about the file, or {"error": half a sentence}."""
    megapixels, memory_mb = settings.MAX_IMAGE_MEGAPIXELS, settings.DECODE_MEMORY_MB
    arguments = [str(path.resolve()), str(out_dir.resolve()), str(megapixels), str(memory_mb)]
    try:
        decoder = subprocess.run(
            [sys.executable, "-m", f"annotations.formats.{module}", *arguments],
            cwd=PROJECT_ROOT,
            # Nothing of the server's environment, its secrets least of all. Thread pools would
            # use up the address space.
            env={"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return {"error": "takes too long to decode"}
    if decoder.stderr:
        logger.info("Decoding an upload: %s", decoder.stderr.decode(errors="replace")[-2000:])
    if decoder.returncode == 0:
        return json.loads(decoder.stdout)
    if decoder.returncode > 0:
        # The decoder answers every complaint about a file itself, so this one is ours.
        raise RuntimeError(f"The image decoder exited with status {decoder.returncode}.")
    logger.warning("The image decoder was killed by signal %s.", -decoder.returncode)
    return {"error": "could not be decoded within the limits of time and memory"}


def _spoken(name: str) -> str:
    """A file name from a stranger, fit to begin a sentence."""
    base = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable())
    return (base if len(base) <= 80 else f"{base[:60]}…{base[-16:]}") or "The file"
