"""Make a checkpoint of other people's weights, if they hold all of a network."""

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from ml.confined import run_confined
from ml.exceptions import InvalidCheckpoint, MlError
from ml.models import Conversion, Status
from ml.services import claim, keep_checkpoint

MAX_ATTEMPTS = 3
# SAM's largest file is 2.4 GB, and nothing that is written is larger than what is read.
MOST_WRITTEN_MB = 3072
# No network that is known has more keys than fit.
_MOST_REPORT_BYTES = 1024**2


def convert_weights(id: int) -> None:
    """Convert an upload, in a process of its own. The outcome is on the row, and the upload gone.

    A second delivery does nothing, or begins anew what a dead worker has left.
    """
    conversion = Conversion.objects.filter(pk=id).first()
    if conversion is None or not claim(conversion):
        return
    try:
        if conversion.attempts >= MAX_ATTEMPTS:
            raise MlError("Converting these weights ended the worker three times.")
        _convert(conversion)
    except MlError as error:
        _finish(conversion, Status.FAILED, error=str(error))
    except Exception:
        _finish(
            conversion, Status.FAILED, error="Converting failed; an admin finds why in the log."
        )
        raise


def _convert(conversion: Conversion) -> None:
    if not conversion.path.is_file():
        raise MlError("The uploaded file is gone; upload it again.")
    with TemporaryDirectory(dir=conversion.path.parent) as folder:
        report = Path(folder) / "report.json"
        out = Path(folder) / f"{conversion.path.stem[:100]}.safetensors"
        options = ["--quiet", "--out", str(out), "--report", str(report)]
        options += ["--normalisation", conversion.normalisation]
        try:
            run_confined("import", options, conversion.path, file_mb=MOST_WRITTEN_MB)
        finally:
            _keep_report(conversion, report)
        if parts := conversion.report["at_random"]:
            raise MlError(
                f"{conversion.file_name} holds only a part of a network: {', '.join(parts)} would "
                "be at random, wholly or in part. Nothing was registered; `python -m ml.sppnet "
                "import` makes a start for training of it."
            )
        checkpoint = keep_checkpoint(path=out, created_by_name=conversion.created_by_name)
    _finish(conversion, Status.DONE, checkpoint=checkpoint)


def _keep_report(conversion: Conversion, path: Path) -> None:
    if not path.exists():
        return
    if path.stat().st_size > _MOST_REPORT_BYTES:
        raise InvalidCheckpoint(f"{conversion.file_name} has more keys than any known network.")
    conversion.report = json.loads(path.read_text())
    Conversion.objects.filter(pk=conversion.pk).update(report=conversion.report)


def _finish(conversion: Conversion, status: Status, **values: object) -> None:
    rows = Conversion.objects.unfinished().filter(pk=conversion.pk)
    rows.update(status=status, **values)
    shutil.rmtree(conversion.path.parent, ignore_errors=True)
