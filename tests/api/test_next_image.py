"""One request finds what to work on next, whatever the size of the dataset."""

from typing import Any

import pytest
from django.utils import timezone

from annotations.models import Dataset, Image
from annotations.services import next_image
from annotations.services.dataset import create_dataset
from annotations.services.need import how_to_rank, note_need
from ml.models import Checkpoint, Encoding
from tests.factories import make_image


@pytest.fixture
def images(dataset: Dataset, team: Any) -> list[Image]:
    return [make_image(dataset, team["owner"], name=f"{k}.png", seed=k) for k in range(4)]


@pytest.fixture
def annotator(client_of: Any) -> Any:
    return client_of("annotator")


def next_of(client: Any, dataset: Dataset, after: Image | None) -> str | None:
    path = f"/api/images/next/?dataset={dataset.pk}&after={after.pk if after else 0}"
    response = client.get(path)
    assert response.status_code in (200, 204), response.content
    return response.json()["name"] if response.status_code == 200 else None


def finish(*images: Image) -> None:
    Image.objects.filter(pk__in=[image.pk for image in images]).update(status="accepted")


def encode(checkpoint: Checkpoint, *images: Image) -> None:
    for image in images:
        Encoding.objects.create(
            checkpoint=checkpoint,
            image_sha256=image.sha256,
            width=image.width,
            height=image.height,
            status="ready",
            enqueued_at=timezone.now(),
        )


def test_it_is_the_next_of_the_list_that_is_not_done(
    annotator: Any, dataset: Dataset, images: list[Image]
) -> None:
    first, second, third, fourth = images
    assert next_of(annotator, dataset, first) == second.name
    finish(second)
    assert next_of(annotator, dataset, first) == third.name
    finish(third, fourth)
    assert next_of(annotator, dataset, second) == first.name, "from the end back to the start"
    assert next_of(annotator, dataset, first) is None, "the open one is not its own next"
    finish(first)
    assert next_of(annotator, dataset, None) is None


def test_one_that_somebody_works_on_is_not_offered(
    annotator: Any, dataset: Dataset, images: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third, fourth = images
    busy = {second.pk}
    monkeypatch.setattr(next_image, "held_by_others", lambda *, user, images: busy)
    assert next_of(annotator, dataset, first) == third.name
    finish(third, fourth)
    assert next_of(annotator, dataset, first) is None


def test_one_that_is_encoded_comes_before_one_that_is_not(
    annotator: Any, dataset: Dataset, images: list[Image]
) -> None:
    first, second, third, fourth = images
    checkpoint = Checkpoint.objects.create(
        name="Active", sha256="1", file="active", kind="click", is_active=True
    )
    encode(checkpoint, third, fourth)
    assert next_of(annotator, dataset, first) == third.name
    finish(third, fourth)
    assert next_of(annotator, dataset, first) == second.name
    second_row = Encoding.objects.get(image_sha256=second.sha256)
    assert second_row.status == "queued", "it is, by the time it is opened"


def test_who_only_looks_on_has_nothing_encoded(
    client_of: Any, dataset: Dataset, images: list[Image]
) -> None:
    Checkpoint.objects.create(
        name="Active", sha256="1", file="active", kind="click", is_active=True
    )
    assert next_of(client_of("viewer"), dataset, images[0]) == images[1].name
    assert not Encoding.objects.exists()
    assert next_of(client_of("annotator"), dataset, images[0]) == images[1].name
    assert Encoding.objects.exists()


def test_the_cost_does_not_grow_with_the_dataset(
    annotator: Any,
    dataset: Dataset,
    images: list[Image],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
) -> None:
    monkeypatch.setattr(next_image, "CANDIDATES", 2)
    finish(*images[:2])
    with django_assert_max_num_queries(14):
        assert next_of(annotator, dataset, images[0]) == images[2].name


def test_what_is_not_ones_own_is_not_offered(client_of: Any, team: Any, annotator: Any) -> None:
    other = create_dataset(user=team["stranger"], name="Other")
    make_image(other, team["stranger"])
    assert annotator.get(f"/api/images/next/?dataset={other.pk}").status_code == 404
    assert annotator.get("/api/images/next/?dataset=x").status_code == 400
    assert annotator.get("/api/images/next/").status_code == 400


def test_a_ranked_dataset_offers_what_needs_it_most(
    client_of: Any, dataset: Dataset, team: dict[str, Any]
) -> None:
    checkpoint = Checkpoint.objects.create(
        name="Active", sha256="1", file="active", kind="click", is_active=True
    )
    images = [make_image(dataset, team["owner"], name=f"{n}.png", seed=n) for n in range(4)]
    for image, need in zip(images, (0.1, 0.9, None, 0.5), strict=True):
        if need:
            note_need([image.topic, "run:1"], need, [[0, 0, 32, need]], checkpoint.pk)
    assert how_to_rank([images[0].topic]) == ""
    client = client_of("annotator")
    url = f"/api/images/next/?dataset={dataset.pk}"
    assert client.get(url).json()["name"] == "0.png"
    Dataset.objects.update(next_by="uncertain")
    assert how_to_rank([images[0].topic]) == "uncertain"
    seen = []
    for _ in images:
        found = client.get(url).json()
        seen.append(found["name"])
        Image.objects.filter(pk=found["id"]).update(status=Image.Status.ACCEPTED)
    assert seen == ["1.png", "3.png", "0.png", "2.png"]
    assert client.get(f"/api/images/{images[1].pk}/").json()["uncertain_tiles"] == [[0, 0, 32, 0.9]]
