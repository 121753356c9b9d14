"""People who write at once wait for each other, and never in a circle."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from annotations.models import Dataset, Event, Image, Kind, Membership
from annotations.services import next_image
from annotations.services.event import record_event
from annotations.services.optimistic_lock import lock_row
from tests.factories import make_image, make_user

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


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_given_different_images(dataset: Dataset, team: Any) -> None:
    people = [make_user(f"annotator {k}") for k in range(8)]
    for k, person in enumerate(people):
        Membership.objects.create(dataset=dataset, user=person, role="annotator")
        make_image(dataset, team["owner"], name=f"{k}.png", seed=k)

    def ask(person: Any) -> int | None:
        try:
            rows = Image.objects.filter(dataset=dataset).with_encoding()
            given = next_image.offer_next(user=person, images=rows, after=0, review=False)
            return given and given.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as threads:
        given = list(threads.map(ask, people))
    assert None not in given
    assert len(set(given)) == len(people)
