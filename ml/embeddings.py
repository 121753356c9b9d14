"""Encoded tiles and proposals on disk, one folder per checkpoint and image, bounded by size.

<root>/<checkpoint sha256[:16]>/<image sha256[@scale]>/<tile key>.safetensors and proposals.json.
The folder is the unit of eviction and its mtime says when it was last used.
"""

import json
import logging
import os
import shutil
import uuid
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from safetensors import SafetensorError
from safetensors.numpy import load, save

from ml.lru import ByteBoundedLru

logger = logging.getLogger(__name__)

MEMORY_BYTES = 256 * 1024**2
_CHANCES = 20
Encoding = dict[str, np.ndarray]


class Key(NamedTuple):
    """Whose encodings: the folder `checkpoint`/`image` under the root."""

    checkpoint: str  # the first 16 digits of the checkpoint's SHA-256
    image: str  # SHA-256 of the image, and its scale unless that is 1

    @classmethod
    def of(cls, checkpoint_sha256: str, image_sha256: str, scale: float = 1.0) -> "Key":
        image = image_sha256 if scale == 1 else f"{image_sha256}@{scale:g}"
        return cls(checkpoint_sha256[:16], image)

    @property
    def image_sha256(self) -> str:
        return self.image.partition("@")[0]

    @property
    def scale(self) -> float:
        return float(self.image.partition("@")[2] or 1)


class EmbeddingStore:
    """Safe for several processes: files appear whole or not at all, and may vanish at any time."""

    def __init__(self, root: Path, capacity: int, memory: int = MEMORY_BYTES) -> None:
        self._root = root
        self._capacity = capacity
        self._recent: ByteBoundedLru[Encoding] = ByteBoundedLru(memory)
        # Walking the store costs a stat per file: do it once per twentieth of the capacity.
        self._walk_after = max(capacity // 20, 1)
        self._written = self._walk_after

    def load_tile(self, key: Key, tile: str) -> Encoding | None:
        """The arrays of one encoded tile; None if it is not there or was damaged."""
        encoding = self._recent.get((key, tile))
        if encoding is not None:
            self._use(key)
        else:
            encoding = self._read(self._folder(key) / f"{tile}.safetensors", load)
            if encoding is not None:
                self._recent.put((key, tile), encoding, _size(encoding))
        return encoding

    def save_tile(self, key: Key, tile: str, encoding: Encoding) -> None:
        """Keep one encoded tile, on disk and in this process's memory."""
        contiguous = {name: np.ascontiguousarray(array) for name, array in encoding.items()}
        self._write(self._folder(key) / f"{tile}.safetensors", save(contiguous))
        self._recent.put((key, tile), contiguous, _size(contiguous))

    def tile_files(self, key: Key) -> dict[str, Path]:
        """Tile key -> safetensors file, of the tiles that are there now. Any may vanish.

        Whoever looks is about to use them: the image counts as used.
        """
        self._use(key)
        return {path.stem: path for path in sorted(self._folder(key).glob("*.safetensors"))}

    def load_proposals(self, key: Key) -> list[dict[str, Any]] | None:
        """The wire masks with scores of the whole image; None if they are yet to be made."""
        return self._read(self._folder(key) / "proposals.json", json.loads)

    def has_proposals(self, key: Key) -> bool:
        return (self._folder(key) / "proposals.json").exists()

    def save_proposals(self, key: Key, proposals: list[dict[str, Any]]) -> None:
        self._write(self._folder(key) / "proposals.json", json.dumps(proposals).encode())

    def evict_if_due(self, *, keep: Key) -> list[Key]:
        """Delete the least recently used images but `keep` if enough was written since the last
        time; returns what is gone."""
        if self._written < self._walk_after:
            return []
        self._written = 0
        folders = sorted(self._folders(), key=lambda folder: folder[1])
        total = sum(size for _, _, size in folders)
        gone = []
        for path, _, size in folders:
            if total <= self._capacity:
                break
            if path == self._folder(keep):
                continue
            shutil.rmtree(path, ignore_errors=True)
            total -= size
            gone.append(Key(path.parent.name, path.name))
        return gone

    def _use(self, key: Key) -> None:
        with suppress(OSError):
            os.utime(self._folder(key))

    def _folder(self, key: Key) -> Path:
        return self._root / key.checkpoint / key.image

    def _folders(self) -> list[tuple[Path, float, int]]:
        """(folder, last use, bytes) of every image; folders that vanish meanwhile are left out."""
        found = []
        for path in self._root.glob("*/*"):
            try:
                size = sum(file.stat().st_size for file in path.iterdir())
                found.append((path, path.stat().st_mtime, size))
            except FileNotFoundError:
                continue
        return found

    def _read(self, path: Path, parse: Any) -> Any:
        try:
            content = path.read_bytes()
            os.utime(path.parent)
            return parse(content)
        except FileNotFoundError:
            return None
        except (SafetensorError, ValueError) as error:
            logger.warning("%s is damaged and will be made again: %s", path, error)
            path.unlink(missing_ok=True)
            return None

    def _write(self, path: Path, content: bytes) -> None:
        temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
        for chances_left in reversed(range(_CHANCES)):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                temporary.write_bytes(content)
                os.replace(temporary, path)
                break
            except (FileNotFoundError, FileExistsError):
                # Another process evicted the folder at this very moment.
                if not chances_left:
                    raise
        self._written += len(content)


@lru_cache
def store() -> EmbeddingStore:
    """The process's view of the store under DATA_DIR."""
    capacity = int(settings.EMBEDDING_CACHE_GB * 1024**3)
    return EmbeddingStore(Path(settings.DATA_DIR) / "embeddings", capacity)


def _size(encoding: Encoding) -> int:
    return sum(array.nbytes for array in encoding.values())
