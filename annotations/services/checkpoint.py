"""Weights that administrators bring along, and take away."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _

from annotations.exceptions import BadFile, Conflict, TooLarge
from annotations.services.image import clean_name
from ml import exceptions
from ml.checkpoint_file import describe
from ml.conversion_queue import request_conversion
from ml.inspection import inspect
from ml.models import Checkpoint, Conversion
from ml.promotions import delete_checkpoint
from ml.services import keep_checkpoint


def upload_checkpoint(*, user: Any, file: File) -> tuple[Checkpoint, bool]:
    """Keep uploaded weights: (checkpoint, whether it is new). It is not made active.

    Raises TooLarge, or BadFile unless the network can be built from the file; nothing of it is
    left then.
    """
    name = _name_of(file)
    incoming = Path(settings.DATA_DIR) / "checkpoints" / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=incoming) as folder:
        path = Path(folder) / name
        with path.open("wb") as upload:
            upload.writelines(file.chunks())
        try:
            described = describe(path)
            known = Checkpoint.objects.filter(sha256=described.sha256).first()
            if known is not None and not known.deleted_at and known.path.is_file():
                return known, False
            inspect(path, described.metadata.get("config"))
        except exceptions.InvalidCheckpoint as error:
            raise BadFile(error.detail, code=error.code, field="file") from error
        is_new = known is None or known.deleted_at is not None
        return keep_checkpoint(path=path, created_by_name=user.get_username()), is_new


def is_foreign(file: File) -> bool:
    """Whether it looks like a file of PyTorch, a zip or a pickle, rather than one of ours."""
    file.seek(0)
    first = file.read(4)
    file.seek(0)
    return first[:1] == b"\x80" or first == b"PK\x03\x04"


def upload_foreign(*, user: Any, file: File, normalisation: str) -> Conversion:
    """Have a worker make a checkpoint of the authors', MobileSAM's or SAM's weights.

    `normalisation` is what the authors' were trained with. Raises TooLarge, or BadFile for what is
    no file of PyTorch.
    """
    name = _name_of(file)
    if not is_foreign(file):
        raise BadFile(
            _("%(name)s is not a file of PyTorch such as mobile_sam.pt.") % {"name": name},
            field="file",
        )
    return request_conversion(
        file_name=name,
        chunks=file.chunks(),
        normalisation=normalisation,
        by_name=user.get_username(),
    )


def remove_checkpoint(*, checkpoint: Checkpoint) -> None:
    """Delete weights; what was said with them stays. Raises Conflict while they are in use."""
    try:
        delete_checkpoint(checkpoint=checkpoint)
    except exceptions.Conflict as error:
        raise Conflict(error.detail, code="in_use") from error


def _name_of(file: File) -> str:
    """What it is called here. Raises TooLarge, or BadFile if it is empty."""
    size, name = file.size or 0, clean_name(file.name or "")
    if size > settings.MAX_UPLOAD_MB * 1024**2:
        raise TooLarge(
            _("The file is larger than %(limit)s MB.") % {"limit": settings.MAX_UPLOAD_MB},
            field="file",
        )
    if not size:
        raise BadFile(_("%(name)s is empty (0 bytes).") % {"name": name}, field="file")
    return name
