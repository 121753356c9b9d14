"""Weights that administrators bring along, and take away."""

import os
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
from ml.inspection import inspect
from ml.models import Checkpoint
from ml.promotions import delete_checkpoint
from ml.services import register_checkpoint


def upload_checkpoint(*, user: Any, file: File) -> tuple[Checkpoint, bool]:
    """Keep uploaded weights: (checkpoint, whether it is new). It is not made active.

    Raises TooLarge, or BadFile unless the network can be built from the file; nothing of it is
    left then.
    """
    size, name = file.size or 0, clean_name(file.name or "")
    if size > settings.MAX_UPLOAD_MB * 1024**2:
        raise TooLarge(
            _("The file is larger than %(limit)s MB.") % {"limit": settings.MAX_UPLOAD_MB},
            field="file",
        )
    if not size:
        raise BadFile(_("%(name)s is empty (0 bytes).") % {"name": name}, field="file")
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
        return _keep(path, described.sha256, user.get_username()), is_new


def remove_checkpoint(*, checkpoint: Checkpoint) -> None:
    """Delete weights; what was said with them stays. Raises Conflict while they are in use."""
    try:
        delete_checkpoint(checkpoint=checkpoint)
    except exceptions.Conflict as error:
        raise Conflict(error.detail, code="in_use") from error


def _keep(path: Path, sha256: str, by_name: str) -> Checkpoint:
    target = Path(settings.DATA_DIR) / "checkpoints" / f"{sha256}.safetensors"
    os.replace(path, target)
    try:
        return register_checkpoint(path=target, created_by_name=by_name)
    except BaseException:
        target.unlink()
        raise
