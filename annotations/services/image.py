"""Take images in, change what is said about them, let them go."""

import hashlib
import re
import shutil
import tempfile
import unicodedata
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.exceptions import BadInput, Conflict, TooLarge
from annotations.models import Dataset, Image, Kind
from annotations.services.event import changes_of, record_event
from annotations.services.held_out import group_of
from annotations.services.image_decoding import DecodedImage, decode_upload
from annotations.services.image_files import alone_with_files_of
from annotations.services.optimistic_lock import lock_row, write
from annotations.services.replicated import settle_replicated
from annotations.services.tally import count_image, count_with_nuclei
from ml.events import publish
from ml.models import Encoding
from ml.scale import fits, scale_for
from ml.services import request_encoding

MAX_NAME_LENGTH = 200
EXTENSIONS = {"png": "png", "jpeg": "jpg", "tiff": "tif"}


def upload_image(
    *, user: Any, dataset: Dataset, file: File, microns_per_pixel: float | None = None
) -> Image:
    """Store an uploaded PNG, JPEG or TIFF and ask for its encoding.

    Raises TooLarge, BadImage, or Conflict if the dataset has the very same file already.
    """
    if (file.size or 0) > settings.MAX_UPLOAD_MB * 1024**2:
        raise TooLarge(
            _("The file is larger than %(limit)s MB.") % {"limit": settings.MAX_UPLOAD_MB},
            field="file",
        )
    name = clean_name(file.name or "")
    incoming = settings.MEDIA_ROOT / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    # Decoding takes seconds: it happens before the transaction, and in a place of its own.
    with tempfile.TemporaryDirectory(dir=incoming) as folder:
        upload = Path(folder) / "upload"
        sha256 = _save(file, upload)
        _refuse_second_copy(dataset, sha256)
        decoded = decode_upload(path=upload, name=name, out_dir=Path(folder) / "decoded")
        with alone_with_files_of(sha256):
            return _store(user, dataset, name, upload, sha256, decoded, microns_per_pixel)


def prepare_image(*, image: Image, ahead: bool = False) -> Encoding | None:
    """Have the network look at the image before the first click; `ahead`: after all others that
    somebody waits for. Asking again costs nothing. None while there is no checkpoint.

    Unless a person has chosen the scale, the image is seen as its nuclei are better seen, as soon
    as that is known; pages that show it hear of that.
    """
    before = image.scale
    encoding = _as_better_seen(image, ahead)
    if image.scale != before:
        _tell_scale(image, encoding)
    return encoding


def _as_better_seen(image: Image, ahead: bool = False) -> Encoding | None:
    """The encoding, asked for, at the scale at which the image is seen by now."""
    encoding = request_encoding(
        image_path=image.pixels,
        image_sha256=image.sha256,
        width=image.width,
        height=image.height,
        scale=image.scale,
        topic=image.topic,
        scope=image.scope,
        ahead=ahead,
    )
    better = encoding and encoding.better_scale
    if not better or better == image.scale or image.chosen_scale:
        return encoding
    # No version is counted up: to people nothing changed, and what they do is not in the way.
    Image.objects.filter(pk=image.pk, chosen_scale=None, scale=image.scale).update(scale=better)
    # If somebody has said otherwise since it was read, that counts.
    image.refresh_from_db(fields=["microns_per_pixel", "chosen_scale", "scale"])
    return _as_better_seen(image, ahead)


def _tell_scale(image: Image, encoding: Encoding | None) -> None:
    """To pages that show the image: nothing may be encoded any more, and say so."""
    if encoding is not None:
        news = encoding.news()
        transaction.on_commit(lambda: publish(image.topic, "encoding", news))


@transaction.atomic
def update_image(*, user: Any, image: Image, version: int, **changes: Any) -> Image:
    """Change name, microns per pixel or the chosen scale (None: the network chooses): at another
    scale the network looks once more.

    Raises StaleVersion, BadInput for a name in use and for an image that would become too large.
    """
    lock_row(Dataset.objects.live(), image.dataset_id)
    row = lock_row(Image.objects.all(), image.pk, version=version)
    if "name" in changes:
        changes["name"] = clean_name(changes["name"])
        others = Image.objects.originals().filter(dataset_id=row.dataset_id).exclude(pk=row.pk)
        if others.filter(name=changes["name"]).exists():
            raise BadInput(
                _("There is already an image called “%(name)s”.") % {"name": changes["name"]},
                code="name_taken",
                field="name",
            )
    before, changed = row.scale, changes_of(row, changes)
    if changes.keys() & {"microns_per_pixel", "chosen_scale"}:
        microns = changes.get("microns_per_pixel", row.microns_per_pixel)
        chosen = changes.get("chosen_scale", row.chosen_scale)
        _refuse_too_large(row, chosen)
        changes["scale"] = chosen or scale_for(microns)
    write(row, **changes)
    if "scale" in changes:
        encoding = _as_better_seen(row)
        if row.scale != before:
            changed["scale"] = [before, row.scale]
            _tell_scale(row, encoding)
    if changed:
        record_event(kind=Kind.IMAGE_CHANGED, actor=user, image=row, data=changed)
    return row


def _refuse_too_large(image: Image, chosen: float | None) -> None:
    if chosen and chosen > 1 and not fits(image.width, image.height, chosen):
        raise BadInput(
            _("This image is too large to be seen at %(scale)s×. Choose a smaller scale.")
            % {"scale": f"{chosen:g}"},
            field="chosen_scale",
        )


@transaction.atomic
def see_enlarged(*, sha256: str, ahead: bool = False) -> None:
    """For settings.NUCLEI_ARE_SMALL: have images with these pixels prepared once more that are seen
    as they are, and not because a person chose so."""
    as_they_are = Image.objects.filter(sha256=sha256, chosen_scale=None, scale=1)
    for row in as_they_are.select_for_update(no_key=True).order_by("pk"):
        prepare_image(image=row, ahead=ahead)


@transaction.atomic
def delete_image(*, user: Any, image: Image) -> None:
    """Put an image into the trash, with its masks and its replicas.

    Where it was the last replica, annotators see its original again.
    """
    dataset = lock_row(Dataset.objects.all(), image.dataset_id)
    row = lock_row(Image.objects.all(), image.pk)
    now = timezone.now()
    for each in (row, *row.replicas.select_for_update().order_by("pk")):
        write(each, deleted_at=now, deleted_by=user)
        count_with_nuclei(each, -1)
        facts = {"name": each.name, "masks": each.mask_count}
        record_event(kind=Kind.IMAGE_DELETED, actor=user, image=each, data=facts)
    if row.is_replica:
        settle_replicated(lock_row(Image.objects.all(), row.replica_of_id))
    else:
        Dataset.objects.filter(pk=dataset.pk).update(image_count=F("image_count") - 1)


@transaction.atomic
def restore_image(*, user: Any, image: Image) -> Image:
    """Take an image out of the trash, with all that went there with it.

    Its name is made another if it was taken meanwhile. Raises Conflict if the same picture was.
    """
    dataset = lock_row(Dataset.objects.live(), image.dataset_id)
    row = lock_row(Image.trash.all(), image.pk)
    if row.is_replica and row.replica_of.deleted_at:
        raise Conflict(_("It is one person's part of an image in the trash; restore that one."))
    if not row.is_replica:
        _refuse_second_copy(dataset, row.sha256)
        row.name = _free_name(dataset, row.name, row.sha256)
        Dataset.objects.filter(pk=dataset.pk).update(image_count=F("image_count") + 1)
    along = Image.trash.filter(replica_of=row, deleted_at=row.deleted_at).order_by("pk")
    for each in (row, *along.select_for_update()):
        write(each, name=each.name, deleted_at=None, deleted_by=None)
        count_with_nuclei(each, 1)
        record_event(kind=Kind.IMAGE_RESTORED, actor=user, image=each, data={"name": each.name})
    if row.is_replica:
        settle_replicated(lock_row(Image.objects.all(), row.replica_of_id))
    return row


def clean_name(name: str) -> str:
    """Return a file name fit to be shown and to name files in an export: no path, no controls."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    name = PurePosixPath(name).name.lstrip(".")
    name = re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", "", name).strip()
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix[:16]
    return (stem[: MAX_NAME_LENGTH - len(suffix)] + suffix) or "image"


def _save(file: File, path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as target:
        for chunk in file.chunks():
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


def _refuse_second_copy(dataset: Dataset, sha256: str) -> None:
    twin = Image.objects.originals().filter(dataset=dataset, sha256=sha256).first()
    if twin is not None:
        raise Conflict(
            _("This image is already in the dataset, as “%(name)s”.") % {"name": twin.name},
            code="duplicate_image",
        )


@transaction.atomic
def _store(
    user: Any,
    dataset: Dataset,
    name: str,
    upload: Path,
    sha256: str,
    decoded: DecodedImage,
    microns_per_pixel: float | None,
) -> Image:
    lock_row(Dataset.objects.live(), dataset.pk)
    _refuse_second_copy(dataset, sha256)
    stem = f"images/{sha256[:2]}/{sha256}"
    microns_per_pixel = microns_per_pixel or decoded.microns_per_pixel
    name = _free_name(dataset, name, sha256)
    group = group_of(name, dataset.group_pattern)
    image = Image.objects.create(
        dataset=dataset,
        name=name,
        group=group,
        # A slide that checkpoints are judged on is not half learned by heart.
        held_out=Image.objects.filter(dataset=dataset, group=group, held_out=True).exists(),
        sha256=sha256,
        format=decoded.format,
        size_bytes=upload.stat().st_size,
        width=decoded.width,
        height=decoded.height,
        bit_depth=decoded.bit_depth,
        channels=decoded.channels,
        microns_per_pixel=microns_per_pixel,
        scale=scale_for(microns_per_pixel),
        original=f"{stem}.{EXTENSIONS[decoded.format]}",
        pixels=f"{stem}.rgb.png",
        thumbnail=f"{stem}.thumb.webp",
        created_by=user,
    )
    Dataset.objects.filter(pk=dataset.pk).update(image_count=F("image_count") + 1)
    count_image(image, image.status)
    record_event(kind=Kind.IMAGE_UPLOADED, actor=user, image=image, data={"name": image.name})
    prepare_image(image=image, ahead=True)
    # Files come last: if anything above fails, nothing is left behind.
    sources = [upload, decoded.pixels_path, decoded.thumbnail_path]
    for source, path in zip(sources, [image.original, image.pixels, image.thumbnail], strict=True):
        target = settings.MEDIA_ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, target)
    return image


def _free_name(dataset: Dataset, name: str, sha256: str) -> str:
    """Return `name`, or if taken one made unlike others by its content. Lock the dataset first."""
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    names = (name, f"{stem}-{sha256[:8]}{suffix}", f"{sha256}{suffix}")
    taken = (
        Image.objects.originals()
        .filter(dataset=dataset, name__in=names)
        .values_list("name", flat=True)
    )
    return next(candidate for candidate in names if candidate not in set(taken))
