"""Browsers get encoded tiles and the decoder of what they may see, and nothing else."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from annotations.models import Dataset, Event, Image
from annotations.services.dataset import create_dataset
from annotations.services.image import delete_image, prepare_image, update_image
from ml.decoders import path_of
from ml.embeddings import EmbeddingStore, Key
from ml.measuring import measure_nuclei
from ml.models import Checkpoint, Encoding
from tests.factories import make_image

pytestmark = pytest.mark.django_db

SHA = "ab" * 32


@pytest.fixture
def encoded(
    image: Image, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> EmbeddingStore:
    """The image with one tile encoded by the active checkpoint."""
    settings.DATA_DIR = tmp_path
    Checkpoint.objects.create(
        name="c",
        sha256=SHA,
        file="c.safetensors",
        kind="click",
        metadata={"config": {"window": 160}},
        is_active=True,
    )
    store = EmbeddingStore(tmp_path / "embeddings", 10**9)
    store.save_tile(Key.of(SHA, image.sha256), "0_0_448", {"embedding": np.ones(3, np.float16)})
    monkeypatch.setattr("annotations.api.encodings.store", lambda: store)
    monkeypatch.setattr("ml.services.decoders.may_ask", lambda _: False)
    return store


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_tiles_are_listed_and_sent(encoded: EmbeddingStore, image: Image, client_of: Any) -> None:
    client = client_of("viewer")
    answer = client.get(f"/api/images/{image.pk}/encoding/").json()
    assert answer["sha16"] == SHA[:16]
    assert answer["window"] == 160
    assert answer["decoder_url"] is None
    (tile,) = answer["tiles"]
    assert (tile["x"], tile["y"], tile["side"]) == (0, 0, 448)
    sent = client.get(tile["url"])
    assert "immutable" in sent["Cache-Control"]
    assert load(body(sent))["embedding"].tolist() == [1, 1, 1]


def test_tiles_where_somebody_looks_are_remembered_to_come_first(
    encoded: EmbeddingStore, image: Image, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[Any] = []
    monkeypatch.setattr("ml.attention.note", lambda sha, x, y: noted.append((sha, x, y)))
    client, url = client_of("viewer"), f"/api/images/{image.pk}/encoding/"
    assert client.get(url, {"x": "120", "y": "35.5"}).status_code == 200
    assert client.get(url, {"x": "120"}).status_code == 200
    assert client.get(url, {"x": "here", "y": "35.5"}).status_code == 400
    assert noted == [(image.sha256, 120.0, 35.5)]


@pytest.mark.parametrize("tile", ["0_0_224", "proposals", "..", "%2e%2e"])
def test_other_files_are_not_there(
    encoded: EmbeddingStore, image: Image, client_of: Any, tile: str
) -> None:
    url = f"/api/images/{image.pk}/encoding/{SHA[:16]}/{tile}/"
    assert client_of("owner").get(url).status_code == 404


def test_strangers_see_neither(encoded: EmbeddingStore, image: Image, client_of: Any) -> None:
    stranger = client_of("stranger")
    base = f"/api/images/{image.pk}/encoding/"
    assert stranger.get(base).status_code == 404
    assert stranger.get(f"{base}{SHA[:16]}/0_0_448/").status_code == 404


def test_the_decoder_is_sent_once_it_is_made(
    encoded: EmbeddingStore, image: Image, client_of: Any
) -> None:
    client, checkpoint = client_of("viewer"), Checkpoint.objects.get()
    url = f"/api/checkpoints/{checkpoint.pk}/decoder/"
    assert client.get(url).status_code == 404
    path_of(SHA).parent.mkdir()
    path_of(SHA).write_bytes(b"onnx")
    assert client.get(f"/api/images/{image.pk}/encoding/").json()["decoder_url"] == url
    assert body(client.get(url)) == b"onnx"


def test_without_a_checkpoint_there_is_nothing(image: Image, client_of: Any) -> None:
    answer = client_of("viewer").get(f"/api/images/{image.pk}/encoding/").json()
    assert answer == {
        "checkpoint": None,
        "sha16": None,
        "window": None,
        "decoder_url": None,
        "scale": 1,
        "tiles": [],
    }


def test_an_image_of_another_resolution_is_looked_at_enlarged(
    encoded: EmbeddingStore, image: Image, client_of: Any
) -> None:
    client = client_of("annotator")
    address = f"/api/images/{image.pk}/"
    change = {"microns_per_pixel": 0.5, "version": image.version}
    assert client.patch(address, change, "json").json()["scale"] == 2
    answer = client.get(f"{address}encoding/").json()
    # What was encoded at the former scale is not mixed with what is encoded now.
    assert (answer["scale"], answer["tiles"]) == (2, [])
    waiting = Encoding.objects.get(image_sha256=image.sha256)
    assert (waiting.scale, waiting.status) == (2, "queued")
    enlarged = {"embedding": np.zeros(3, np.float16)}
    encoded.save_tile(Key.of(SHA, image.sha256, 2), "0_0_448", enlarged)
    (tile,) = client.get(f"{address}encoding/").json()["tiles"]
    assert load(body(client.get(tile["url"])))["embedding"].tolist() == [0, 0, 0]
    # Browsers keep a tile for ever, so its address never comes to mean another one.
    former = tile["url"].partition("?")[0]
    assert load(body(client.get(former)))["embedding"].tolist() == [1, 1, 1]
    assert client.get(f"{former}?scale=7").status_code == 400


def looked_at(image: Image, areas: list[int]) -> Encoding:
    """The worker has seen the image as it is, and proposed nuclei of these areas."""
    prepare_image(image=image, ahead=True)
    encoding = Encoding.objects.get(image_sha256=image.sha256, scale=1)
    measure_nuclei(encoding, areas)
    return encoding


def test_an_image_is_seen_enlarged_if_its_nuclei_are_small(
    encoded: EmbeddingStore, image: Image, client_of: Any
) -> None:
    looked_at(image, [700, 800])
    image.refresh_from_db()
    assert (image.scale, image.version) == (1, 1)
    looked_at(image, [70] * 6 + [700])
    image.refresh_from_db()
    # Nobody's work is in the way, and nobody's is out of date.
    assert (image.scale, image.version) == (2, 1)
    waiting = Encoding.objects.get(image_sha256=image.sha256, scale=2)
    assert (waiting.status, waiting.ahead) == ("queued", True)
    assert client_of("annotator").get(f"/api/images/{image.pk}/").json()["scale"] == 2


def test_nuclei_decide_also_where_the_resolution_is_the_usual_one(
    encoded: EmbeddingStore, image: Image, client_of: Any
) -> None:
    client, address = client_of("annotator"), f"/api/images/{image.pk}/"
    client.patch(address, {"microns_per_pixel": 0.25, "version": image.version}, "json")
    image.refresh_from_db()
    looked_at(image, [70, 80])
    assert client.get(address).json()["scale"] == 2


def test_what_a_person_chooses_counts_more_than_nuclei(
    encoded: EmbeddingStore, image: Image, client_of: Any
) -> None:
    client, address = client_of("annotator"), f"/api/images/{image.pk}/"

    def choose(scale: float | None) -> Any:
        body = {"chosen_scale": scale, "version": client.get(address).json()["version"]}
        answer = client.patch(address, body, "json")
        return answer.status_code, answer.json().get("scale")

    assert choose(1) == (200, 1)
    image.refresh_from_db()
    looked_at(image, [70, 80])
    assert client.get(address).json()["scale"] == 1
    # Nobody chooses any more: what was seen before is remembered.
    assert choose(None) == (200, 2)
    assert choose(3) == (200, 3)
    (change,) = Event.objects.filter(kind="image.changed").order_by("-pk")[:1]
    assert change.data == {"chosen_scale": [None, 3], "scale": [2, 3]}
    assert choose(None) == (200, 2)
    assert choose(7)[0] == 400
    resolution = {"microns_per_pixel": 1, "version": client.get(address).json()["version"]}
    assert client.patch(address, resolution, "json").json()["scale"] == 4


def test_what_a_person_says_meanwhile_counts(
    encoded: EmbeddingStore, image: Image, client_of: Any, team: dict[str, Any]
) -> None:
    looked_at(image, [700, 800])
    stale = Image.objects.get(pk=image.pk)
    update_image(user=team["owner"], image=image, version=1, microns_per_pixel=1)
    Encoding.objects.filter(image_sha256=image.sha256, scale=1).update(better_scale=2)
    prepare_image(image=stale)
    image.refresh_from_db()
    assert image.scale == stale.scale == 4


def test_pages_hear_of_another_scale(
    encoded: EmbeddingStore,
    image: Image,
    team: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    told: list[Any] = []
    monkeypatch.setattr("annotations.services.image.publish", lambda *args: told.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        update_image(user=team["owner"], image=image, version=1, chosen_scale=3.0)
    checkpoint = Encoding.objects.get(image_sha256=image.sha256, scale=3).checkpoint_id
    about = {"status": "queued", "checkpoint": checkpoint, "scale": 3}
    assert told == [(image.topic, "encoding", about)]


def test_an_image_is_not_enlarged_beyond_measure(image: Image, client_of: Any) -> None:
    Image.objects.filter(pk=image.pk).update(width=6000, height=5000)
    client, address = client_of("annotator"), f"/api/images/{image.pk}/"
    refused = client.patch(address, {"chosen_scale": 2, "version": 1}, "json")
    assert (refused.status_code, "too large" in str(refused.json())) == (400, True)
    assert client.patch(address, {"chosen_scale": 0.5, "version": 1}, "json").status_code == 200


def test_the_same_pixels_elsewhere_are_seen_alike(
    encoded: EmbeddingStore, image: Image, team: dict[str, Any], dataset: Dataset
) -> None:
    looked_at(image, [70, 80])
    image.refresh_from_db()
    delete_image(user=team["owner"], image=image)
    other = create_dataset(user=team["owner"], name="Other")
    assert make_image(other, team["owner"]).scale == 2


def test_a_slide_is_not_enlarged(encoded: EmbeddingStore, image: Image) -> None:
    Image.objects.filter(pk=image.pk).update(width=6000, height=5000)
    image.refresh_from_db()
    looked_at(image, [70, 80])
    image.refresh_from_db()
    assert image.scale == 1
