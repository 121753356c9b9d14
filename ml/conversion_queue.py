"""Ask the batch worker to convert other people's weights."""

import shutil
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from ml.broker import BATCH, enqueue
from ml.models import Conversion

CONVERT = "ml.convert_weights"


@transaction.atomic
def request_conversion(
    *, file_name: str, chunks: Iterable[bytes], normalisation: str, by_name: str
) -> Conversion:
    """Store the file, and have it converted. `file_name` is without a path."""
    conversion = Conversion.objects.create(
        file_name=file_name,
        normalisation=normalisation,
        created_by_name=by_name,
        enqueued_at=timezone.now(),
    )
    conversion.path.parent.mkdir(parents=True)
    try:
        with conversion.path.open("wb") as file:
            file.writelines(chunks)
    except BaseException:
        shutil.rmtree(conversion.path.parent, ignore_errors=True)
        raise
    transaction.on_commit(lambda: enqueue(CONVERT, [conversion.pk], queue=BATCH))
    return conversion
