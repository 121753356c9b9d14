"""People who write at once wait for each other, and never in a circle."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from annotations.models import Dataset, Event, Image, Kind
from annotations.services.event import record_event
from annotations.services.optimistic_lock import lock_row

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite locks the whole database"
)


def record(image: Image, actor: Any) -> None:
    """As somebody else does, who holds the image."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            lock_row(Image.objects.all(), image.pk)
            record_event(kind=Kind.MASK_CREATED, actor=actor, image=image)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_what_happens_on_an_image_is_written_down_while_its_dataset_is_held(
    image: Image, team: Any
) -> None:
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        lock_row(Dataset.objects.live(), image.dataset_id)
        other.submit(record, image, team["annotator"]).result()
        lock_row(Image.objects.all(), image.pk)
    assert Event.objects.filter(image=image).exists()
