"""A zip of label masks, with `manifest.json` to say whose they are and which class each label has.

Members are read by name from inside the zip and never extracted, so no name can lead anywhere.
"""

import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from annotations.exceptions import BadFile
from annotations.formats import label_mask
from annotations.formats.instance import Instance, checked_label

MANIFEST = "manifest.json"
FORMAT = "sppnet-annotate label masks 1"
MAX_MEMBERS = 20_000
MAX_MANIFEST_BYTES = 32 * 1024**2
# PNGs are compressed already, so a zip of them hardly shrinks; a bomb does nothing else.
MAX_RATIO = 100
SMALL = 1024**2
CLUTTER = re.compile(r"__MACOSX/|(.*/)?(\.DS_Store|Thumbs\.db|desktop\.ini)$|.*/$")


class LabelZipWriter:
    """Writes one label mask at a time; leaving the context adds the manifest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self._manifest = TemporaryFile()  # noqa: SIM115
        self._names: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def add(self, image: str, width: int, height: int, instances: Sequence[Instance]) -> None:
        """Write the labels of the image of this name. Raises BadInput if they are too many."""
        labels, contested = label_mask.paint(height, width, instances)
        separator = ",\n" if self._names else "\n"
        member = self._free_name(image)
        self._zip.writestr(member, label_mask.to_png(labels))
        entry = {
            "image": image,
            "labels": member,
            "width": width,
            "height": height,
            "contested_pixels": contested,
            "classes": [instance.label for instance in instances],
        }
        self._manifest.write((separator + json.dumps(entry)).encode())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with self._manifest, self._zip:
            if error is None:
                self._manifest.seek(0)
                with self._zip.open(MANIFEST, "w") as member:
                    member.write(f'{{"format": "{FORMAT}", "images": ['.encode())
                    for line in self._manifest:
                        member.write(line)
                    member.write(b"\n]}\n")

    def _free_name(self, image: str) -> str:
        stem = re.sub(r"[^\w.() -]", "_", PurePosixPath(image).stem).lstrip(".") or "image"
        name, number = stem, 1
        while name.casefold() in self._names:
            number += 1
            name = f"{stem}_{number}"
        self._names.add(name.casefold())
        return f"labels/{name}.png"


@dataclass(frozen=True)
class LabelFile:
    """One label mask. `image` is its image's name if `known`, else that is only a guess."""

    member: str
    image: str
    known: bool
    classes: tuple[str | None, ...] = ()

    def class_of(self, label: int) -> str | None:
        return self.classes[label - 1] if label <= len(self.classes) else None


class LabelZipReader:
    """An untrusted zip. Opening it reads its directory and manifest. Raises BadFile."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise BadFile("The file is neither a PNG nor a whole zip archive.") from error
        members = [m for m in self._zip.infolist() if not CLUTTER.match(m.filename)]
        _check_members(self._zip.infolist())
        names = [member.filename for member in members]
        pngs = [name for name in names if name.lower().endswith(".png")]
        self.others = [name for name in names if name not in {*pngs, MANIFEST}]
        if MANIFEST in names:
            self.files = _read_manifest(self.read(MANIFEST, MAX_MANIFEST_BYTES), set(pngs))
            named = {file.member for file in self.files}
            self.others += [name for name in pngs if name not in named]
        else:
            self.files = [LabelFile(name, PurePosixPath(name).name, False) for name in pngs]
        if not self.files:
            raise BadFile("The zip holds no label masks: put one PNG for each image into it.")

    def labels(self, file: LabelFile, width: int, height: int) -> np.ndarray:
        """HW labels for a width×height image. Raises BadFile."""
        # Noise does not compress: 16 bits a pixel, a filter byte a row, and some text.
        limit = width * height * 2 + height + SMALL
        return label_mask.from_png(self.read(file.member, limit), file.member, width, height)

    def header(self, file: LabelFile) -> bytes:
        """The first bytes of a label mask, for label_mask.check_header."""
        return self._read(file.member, label_mask.HEADER_LENGTH)

    def read(self, member: str, limit: int) -> bytes:
        """The content of a member. Raises BadFile if it is damaged or longer than `limit`."""
        content = self._read(member, limit + 1)
        if len(content) > limit:
            raise BadFile(f"{member} in the zip is too large.")
        return content

    def close(self) -> None:
        self._zip.close()

    def _read(self, member: str, length: int) -> bytes:
        try:
            with self._zip.open(member) as file:
                return file.read(length)
        except Exception as error:  # zlib.error, BadZipFile and their kin have no common ancestor
            raise BadFile(f"{member} in the zip is damaged.") from error


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise BadFile(f"The zip holds more than {MAX_MEMBERS:,} files.")
    for member in members:
        name = member.orig_filename
        if (
            ".." in name.replace("\\", "/").split("/")
            or name.startswith(("/", "\\"))
            or re.match(r"[A-Za-z]:", name)
            or "\0" in name
        ):
            raise BadFile(
                f"The zip holds a file named {name[:80]!r}, which points outside of it. "
                "Nothing was imported."
            )
        if member.flag_bits & 1:
            raise BadFile("The zip is encrypted; make one without a password.")
        if member.file_size > max(SMALL, MAX_RATIO * member.compress_size):
            raise BadFile(f"{name[:80]!r} in the zip unpacks to suspiciously much.")


def _text(name: Any) -> str:
    """`name` as it is. Raises ValueError for half a character: JSON can hold it, tables cannot."""
    return str(name).encode().decode()


def _read_manifest(content: bytes, pngs: set[str]) -> list[LabelFile]:
    try:
        manifest: Any = json.loads(content)
        entries = manifest["images"]
        if manifest["format"] != FORMAT:
            raise BadFile(f"{MANIFEST} is not of the format “{FORMAT}”.")
        files = [
            LabelFile(
                _text(entry["labels"]),
                _text(entry["image"]),
                True,
                tuple(None if name is None else checked_label(name) for name in entry["classes"]),
            )
            for entry in entries
        ]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadFile(f"{MANIFEST} in the zip is damaged.") from error
    missing = [file.member for file in files if file.member not in pngs]
    if missing:
        raise BadFile(f"{MANIFEST} speaks of {missing[0]!r}, which the zip does not hold.")
    return files
