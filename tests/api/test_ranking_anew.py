"""After a promotion every image is ranked anew, some at a time, when nothing else is to be done."""

from typing import Any

import pytest

from annotations.models import Dataset, Image
from annotations.services import need
from annotations.services.need import note_need, rank_images
from ml.models import Checkpoint, Encoding, Promotion
from tests.factories import make_image


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[Any], bool]]:
    """What is sent to the batch worker: (task, ids, whether nobody waits for it)."""
    sent: list[tuple[str, list[Any], bool]] = []

    def enqueue(task: str, ids: list[Any], *, queue: str, ahead: bool = False) -> bool:
        sent.append((task, ids, ahead))
        return queue == "batch"

    monkeypatch.setattr("annotations.services.need.enqueue", enqueue)
    monkeypatch.setattr("ml.services.enqueue", enqueue)
    return sent


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much waits that nobody waits for."""
    waiting = [0]
    monkeypatch.setattr("annotations.services.need.waiting_ahead", lambda queue: waiting[0])
    return waiting


@pytest.fixture
def images(dataset: Dataset, team: dict[str, Any]) -> list[Image]:
    Dataset.objects.update(next_by="uncertain")
    return [make_image(dataset, team["owner"], name=f"{n}.png", seed=n) for n in range(5)]


@pytest.fixture
def promoted(images: list[Image], dataset: Dataset) -> Checkpoint:
    """A checkpoint that answers clicks there since just now; another one has ranked the images."""
    former = Checkpoint.objects.create(
        name="Former", sha256="1", file="former", kind="click", is_active=True
    )
    for image, value in zip(images, (0.1, 0.5, 0.3, 0.9, 0.7), strict=True):
        note_need([image.topic], value, [], former.pk)
    now = Checkpoint.objects.create(name="Now", sha256="2", file="now", kind="click")
    Promotion.objects.create(scope=dataset.source, checkpoint=now)
    return now


def asked_for(checkpoint: Checkpoint) -> list[str]:
    shas = checkpoint.encodings.order_by("pk").values_list("image_sha256", flat=True)
    names = dict(Image.objects.values_list("sha256", "name"))
    return [names[sha] for sha in shas]


def test_the_images_are_encoded_some_at_a_time_and_those_ranked_highest_first(
    promoted: Checkpoint,
    images: list[Image],
    sent: Any,
    waiting: list[int],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(need, "IMAGES_AT_ONCE", 2)
    Image.objects.filter(name="3.png").update(status="accepted")
    with django_capture_on_commit_callbacks(execute=True):
        rank_images()
    assert asked_for(promoted) == ["4.png", "1.png"]
    assert [(task, ahead) for task, _, ahead in sent] == [("ml.encode_image", True)] * 2
    waiting[0] = 1
    rank_images()
    assert len(asked_for(promoted)) == 2, "no more while some wait"
    waiting[0] = 0
    for image in (images[4], images[1]):
        note_need([image.topic], 0.2, [[0, 0, 32, 0.2]], promoted.pk)
    rank_images()
    assert asked_for(promoted)[2:] == ["2.png", "0.png"]
    for image in (images[2], images[0]):
        note_need([image.topic], None, [], promoted.pk)
    for _ in range(2):
        rank_images()
    assert asked_for(promoted)[4:] == ["3.png"], "the accepted one last; none twice"


def test_what_a_dead_worker_left_unranked_is_sent_again(
    promoted: Checkpoint, sent: Any, waiting: list[int]
) -> None:
    rank_images()
    Encoding.objects.filter(checkpoint=promoted).update(status="ready")
    for _ in range(2):
        rank_images()
        task, ids, ahead = sent[-1]
        assert (task, len(ids), ahead) == ("ml.rank_image", 5, True)


def test_images_that_cannot_be_encoded_do_not_stand_in_the_way(
    promoted: Checkpoint,
    images: list[Image],
    sent: Any,
    waiting: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(need, "IMAGES_AT_ONCE", 2)
    rank_images()
    Encoding.objects.filter(checkpoint=promoted).update(status="failed")
    rank_images()
    assert asked_for(promoted) == ["3.png", "4.png", "1.png", "2.png"]


def test_datasets_that_want_no_order_and_sites_without_a_checkpoint_are_left_alone(
    promoted: Checkpoint, sent: Any, waiting: list[int]
) -> None:
    Dataset.objects.update(next_by="listed")
    rank_images()
    Dataset.objects.update(next_by="uncertain")
    Promotion.objects.all().delete()
    Checkpoint.objects.update(is_active=False)
    rank_images()
    assert not Encoding.objects.filter(checkpoint=promoted).exists()


def test_the_word_of_a_checkpoint_that_answers_elsewhere_has_no_weight(
    promoted: Checkpoint, images: list[Image]
) -> None:
    former = Checkpoint.objects.get(name="Former")
    note_need([images[0].topic], 0.99, [[0, 0, 32, 0.99]], former.pk)
    images[0].refresh_from_db()
    assert (images[0].need, images[0].uncertain_tiles) == (0.1, [])
