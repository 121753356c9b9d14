"""A file of masks and the images of a dataset that it is for."""

from collections.abc import Iterator, Sequence
from io import SEEK_END
from pathlib import PurePosixPath
from typing import IO, Protocol

from annotations.exceptions import BadFile
from annotations.formats import coco, label_mask
from annotations.formats.instance import Instance
from annotations.formats.label_zip import LabelFile, LabelZipReader
from annotations.models import Image, ImportJob
from annotations.models.image import ImageQuerySet
from annotations.services.image import clean_name

NAMES_A_QUERY = 500
NAMES_IN_A_SENTENCE = 5
# A label mask is a PNG whatever the image was.
IMAGE_SUFFIXES = [".png", ".jpg", ".jpeg", ".tif", ".tiff"]
IMAGE_SUFFIXES += [suffix.upper() for suffix in IMAGE_SUFFIXES]

# An image, one of its masks (None if that covers no pixel), and how far into the file this is.
FoundMask = tuple[Image, Instance | None, float]


class Source(Protocol):
    """images: those that the file is for. ignored: what in the file is something else."""

    images: list[Image]
    ignored: list[str]

    def masks(self) -> Iterator[FoundMask]:
        """Read the masks, in the file's order. Raises BadFile at the first that is wrong."""


def open_source(images: ImageQuerySet, format: str, file: IO[bytes], name: str) -> Source:
    """Check what can be told without reading the masks; `name` is the user's name of the file.

    Raises BadFile, among other things if an image that the file is for is not among `images`.
    """
    if format == ImportJob.Format.COCO:
        return _CocoSource(images, file)
    file.seek(0)
    if file.read(len(label_mask.PNG_SIGNATURE)) == label_mask.PNG_SIGNATURE:
        return _PngSource(images, file, name)
    return _ZipSource(images, file)


def match_images(
    images: ImageQuerySet, names: Sequence[str], *, by_stem: bool = False
) -> dict[str, Image]:
    """Name in a file → the one of `images` with that name; folders do not count.

    `by_stem` finds cells.tif for cells.png. Raises BadFile unless each has an image of its own.
    """
    candidates = {name: _candidates(name, by_stem) for name in names}
    asked = sorted({candidate for many in candidates.values() for candidate in many})
    found: dict[str, Image] = {}
    for start in range(0, len(asked), NAMES_A_QUERY):
        part = asked[start : start + NAMES_A_QUERY]
        found |= {i.name: i for i in images.filter(name__in=part)}

    matched: dict[str, Image] = {}
    missing: list[str] = []
    taken: dict[int, str] = {}
    for name in names:
        hits = [found[candidate] for candidate in candidates[name] if candidate in found]
        if not hits:
            missing.append(name)
            continue
        image = hits[0]
        if len(hits) > 1 and image.name != candidates[name][0]:
            raise BadFile(f"{name} could be for {image.name} or for {hits[1].name}. Rename it.")
        if image.pk in taken:
            raise BadFile(f"{taken[image.pk]} and {name} are both for the image {image.name}.")
        matched[name], taken[image.pk] = image, name
    if missing:
        named = ", ".join(f"“{name[:80]}”" for name in missing[:NAMES_IN_A_SENTENCE])
        rest = len(missing) - NAMES_IN_A_SENTENCE
        more = f" and {rest} more" if rest > 0 else ""
        raise BadFile(
            f"The file is for images that this dataset does not have: {named}{more}. "
            "Nothing was imported.",
            code="images_not_found",
        )
    return matched


def _candidates(name: str, by_stem: bool) -> list[str]:
    clean = clean_name(name)
    if not by_stem:
        return [clean]
    stem = PurePosixPath(clean).stem
    return list(dict.fromkeys([clean, *(stem + suffix for suffix in IMAGE_SUFFIXES)]))


class _CocoSource:
    def __init__(self, images: ImageQuerySet, file: IO[bytes]) -> None:
        self._file = file
        self._length = max(1, file.seek(0, SEEK_END))
        self._index = coco.read_index(file)
        entries = self._index.images.values()
        matched = match_images(images, [entry.file_name for entry in entries])
        self._images = {entry.id: matched[entry.file_name] for entry in entries}
        self.images = list(self._images.values())
        self.ignored: list[str] = []
        for entry in entries:
            image = self._images[entry.id]
            for said, true in ((entry.width, image.width), (entry.height, image.height)):
                if said not in (None, true):
                    raise BadFile(
                        f"In the file {entry.file_name} is {entry.width}×{entry.height} pixels, "
                        f"but here it is {image.width}×{image.height}. Nothing was imported."
                    )

    def masks(self) -> Iterator[FoundMask]:
        sizes = {id: (image.width, image.height) for id, image in self._images.items()}
        for _, image_id, instance in coco.read_instances(self._file, self._index, sizes):
            yield self._images[image_id], instance, self._file.tell() / self._length


class _PngSource:
    def __init__(self, images: ImageQuerySet, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name
        self.images = list(match_images(images, [name], by_stem=True).values())
        self.ignored: list[str] = []
        file.seek(0)
        image = self.images[0]
        head = file.read(label_mask.HEADER_LENGTH)
        label_mask.check_header(head, name, image.width, image.height)

    def masks(self) -> Iterator[FoundMask]:
        image = self.images[0]
        self._file.seek(0)
        labels = label_mask.from_png(self._file.read(), self._name, image.width, image.height)
        for _, bbox, counts in label_mask.extract(labels):
            yield image, Instance(bbox, counts), 0.5


class _ZipSource:
    def __init__(self, images: ImageQuerySet, file: IO[bytes]) -> None:
        self._zip = LabelZipReader(file)
        self.ignored = self._zip.others
        matched = self._match(images)
        self._pairs = [(label_file, matched[label_file]) for label_file in self._zip.files]
        self.images = [image for _, image in self._pairs]
        for label_file, image in self._pairs:
            head = self._zip.header(label_file)
            label_mask.check_header(head, label_file.member, image.width, image.height)

    def _match(self, images: ImageQuerySet) -> dict[LabelFile, Image]:
        files = self._zip.files
        known = files[0].known  # by the manifest, which names all or does not exist
        matched = match_images(images, [file.image for file in files], by_stem=not known)
        return {file: matched[file.image] for file in files}

    def masks(self) -> Iterator[FoundMask]:
        for number, (file, image) in enumerate(self._pairs):
            labels = self._zip.labels(file, image.width, image.height)
            for label, bbox, counts in label_mask.extract(labels):
                instance = Instance(bbox, counts, file.class_of(label))
                yield image, instance, number / len(self._pairs)
