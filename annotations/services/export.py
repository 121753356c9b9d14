"""Take a dataset's masks away as a file."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from annotations.exceptions import BadInput, Conflict, NotFound
from annotations.formats import coco
from annotations.formats.instance import Instance
from annotations.formats.label_zip import LabelZipWriter
from annotations.models import Dataset, Export, Image, LabelClass, Mask, SecurityKind
from annotations.services.job import Progress, folder_of, run, send
from annotations.services.security_log import record_security

IMAGES_A_PAGE = 100
MASKS_A_PAGE = 2_000


@transaction.atomic
def create_export(*, user: Any, dataset: Dataset, format: str) -> Export:
    """Ask for an export; a worker makes it."""
    export = Export.objects.create(dataset=dataset, format=format, created_by=user)
    send(export)
    return export


def run_export(*, export_id: int) -> None:
    """Make the file. Safe to repeat: a second attempt begins anew, a finished one stays."""
    run(Export, export_id, _export)


def open_export(*, user: Any, export: Export) -> tuple[Path, str]:
    """(path, name for the download), and note who took it.

    Raises Conflict if it is not done, NotFound if it is lost.
    """
    if export.status != Export.Status.DONE:
        raise Conflict(f"This export is {export.status}, so there is no file.", code="not_done")
    path = folder_of(export) / Path(export.file).name
    if not path.is_file():
        raise NotFound(_("The file of this export is gone; export again."))
    data = {"what": f"{export.format} #{export.pk}"}
    kind = SecurityKind.EXPORT_DOWNLOADED
    record_security(kind=kind, person=user, dataset=export.dataset, data=data)
    stem = f"{slugify(export.dataset.name) or 'dataset'}-{export.format}"
    return path, f"{stem}-{export.created_at:%Y%m%d-%H%M}{path.suffix}"


def _export(export: Export, progress: Progress) -> None:
    folder = folder_of(export)
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("*.part"):  # of an attempt that died
        leftover.unlink()
    suffix, write = FILES[Export.Format(export.format)]
    target = folder / f"{export.attempts}{suffix}"
    part = target.with_suffix(".part")
    try:
        write(export, part, progress)
        part.rename(target)
        progress.finish(file=f"{export.folder}/{target.name}")
    except BaseException:
        part.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        raise


def _write_coco(export: Export, path: Path, progress: Progress) -> None:
    scene = _Scene(export, progress)
    with path.open("w", encoding="utf-8") as file:
        coco.write(
            file,
            description={
                "description": export.dataset.name,
                "licence": export.dataset.licence,
                "date_created": export.created_at.isoformat(),
            },
            categories=scene.classes.values(),
            images=map(_coco_image, scene.images.iterator(IMAGES_A_PAGE)),
            instances=(
                (_coco_image(image), instance)
                for image, instances in scene
                for instance in instances
            ),
            polygons=export.format == Export.Format.COCO_POLYGONS,
        )


def _write_label_masks(export: Export, path: Path, progress: Progress) -> None:
    with path.open("wb") as file, LabelZipWriter(file) as writer:
        for image, instances in _Scene(export, progress):
            try:
                writer.add(image.name, image.width, image.height, list(instances))
            except BadInput as error:
                raise BadInput(f"{image.name}: {error.detail}", code=error.code) from error


FILES: dict[Export.Format, tuple[str, Callable[[Export, Path, Progress], None]]] = {
    Export.Format.COCO_RLE: (".json", _write_coco),
    Export.Format.COCO_POLYGONS: (".json", _write_coco),
    Export.Format.LABEL_MASKS: (".zip", _write_label_masks),
}


class _Scene:
    """The classes and images of a dataset as they are now, and the live masks of each image."""

    def __init__(self, export: Export, progress: Progress) -> None:
        dataset = export.dataset
        self._progress = progress
        self.classes: dict[int | None, str] = dict(
            LabelClass.objects.filter(dataset=dataset).values_list("id", "name")
        )
        # Whoever annotates replicas takes those away, and learns nothing of their originals.
        images = Image.objects.visible_to(export.created_by).listed()
        images = images.filter(dataset=dataset).order_by("id")
        newest = images.values_list("id", flat=True).last() or 0
        # Images uploaded from now on are for the next export.
        self.images = images.filter(id__lte=newest)

    def __iter__(self) -> Iterator[tuple[Image, Iterable[Instance]]]:
        """Yield each image with its masks, oldest first: two queries a page of images.

        Use up the masks of one image before asking for the next.
        """
        total, done, last = self.images.count(), 0, 0
        while page := list(self.images.filter(id__gt=last)[:IMAGES_A_PAGE]):
            masks = Mask.objects.live().filter(image__in=page)
            rows = masks.order_by("image_id", "created_at", "id").iterator(MASKS_A_PAGE)
            groups = groupby(rows, key=lambda mask: mask.image_id)
            upcoming = next(groups, None)
            for image in page:
                if upcoming is not None and upcoming[0] == image.pk:
                    yield image, map(self._instance, upcoming[1])
                    upcoming = next(groups, None)
                else:
                    yield image, ()
                done += 1
                self._progress.report(done / total)
            last = page[-1].pk

    def _instance(self, mask: Mask) -> Instance:
        return Instance(mask.bbox, mask.counts, self.classes.get(mask.label_class_id))


def _coco_image(image: Image) -> coco.CocoImage:
    return coco.CocoImage(image.pk, image.name, image.width, image.height)
