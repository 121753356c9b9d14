"""Deep images are windowed from their own samples, and stay as they are stored."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture

from annotations.models import Dataset, Image
from annotations.services import channels
from annotations.services.image import upload_image
from annotations.services.purge import purge_image

HEIGHT, WIDTH = 24, 32
RAMP = np.linspace(1000, 5000, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype(np.uint16)


@pytest.fixture(autouse=True)
def data_dir(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path / "data"


@pytest.fixture
def owner(client_of: Any) -> Any:
    return client_of("owner")


def stored(dataset: Dataset, team: dict[str, Any], name: str, data: bytes) -> Image:
    return upload_image(user=team["owner"], dataset=dataset, file=SimpleUploadedFile(name, data))


def tiff_bytes(samples: np.ndarray, **options: Any) -> bytes:
    buffer = BytesIO()
    tifffile.imwrite(buffer, samples, **options)
    return buffer.getvalue()


@pytest.fixture
def ramp(dataset: Dataset, team: dict[str, Any]) -> Image:
    return stored(dataset, team, "ramp.tif", tiff_bytes(RAMP))


@pytest.fixture
def stack(dataset: Dataset, team: dict[str, Any]) -> Image:
    """Five channels; the last one, which the rendition leaves out, is bright on the left."""
    samples = np.zeros((5, HEIGHT, WIDTH), np.uint16)
    samples[0], samples[4, :, : WIDTH // 2] = 500, 900
    names = ["DAPI", "CD3", "CD8", "CD20", "Ki67"]
    data = tiff_bytes(samples, ome=True, metadata={"axes": "CYX", "Channel": {"Name": names}})
    return stored(dataset, team, "stack.ome.tif", data)


def rendering(client: Any, image: Image, show: str) -> np.ndarray:
    answer = client.get(f"/api/images/{image.pk}/rendering/", {"show": show})
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "image/png"
    with Picture.open(BytesIO(answer.content)) as picture:
        return np.asarray(picture)


def pixels(client: Any, image: Image) -> np.ndarray:
    answer = client.get(f"/api/images/{image.pk}/pixels/")
    with Picture.open(BytesIO(b"".join(answer.streaming_content))) as picture:
        return np.asarray(picture)


def test_the_image_says_where_its_channels_are(owner: Any, ramp: Image, image: Image) -> None:
    url = f"/api/images/{ramp.pk}/channels/"
    assert owner.get(f"/api/images/{ramp.pk}/").json()["channels_url"] == url
    assert owner.get(f"/api/images/{image.pk}/").json()["channels_url"] is None
    [channel] = owner.get(url).json()["channels"]
    assert (channel["least"], channel["most"]) == (1000, 5000)
    assert 1000 <= channel["black"] < 1010
    assert 4990 < channel["white"] <= 5000


def test_the_window_of_the_rendition_gives_the_rendition(owner: Any, ramp: Image) -> None:
    [channel] = owner.get(f"/api/images/{ramp.pk}/channels/").json()["channels"]
    shown = rendering(owner, ramp, f"0:{channel['black']:.4f}:{channel['white']:.4f}:ffffff")
    assert np.abs(shown.astype(int) - pixels(owner, ramp).astype(int)).max() <= 1


def test_a_narrow_window_shows_what_eight_bits_had_lost(owner: Any, ramp: Image) -> None:
    before = pixels(owner, ramp)
    shown = rendering(owner, ramp, "0:1000:1100:00ff00")
    assert shown.shape == (HEIGHT, WIDTH, 3)
    assert shown[..., [0, 2]].max() == 0
    assert len(np.unique(shown[..., 1])) > len(np.unique(before[RAMP <= 1100]))
    assert np.array_equal(shown[..., 1] == 255, RAMP >= 1100)
    assert np.array_equal(pixels(owner, ramp), before)


def test_every_channel_of_a_stack_can_be_shown_in_any_colour(owner: Any, stack: Image) -> None:
    channels = owner.get(f"/api/images/{stack.pk}/channels/").json()["channels"]
    assert [channel["name"] for channel in channels] == ["DAPI", "CD3", "CD8", "CD20", "Ki67"]
    shown = rendering(owner, stack, "0:0:1000:0000ff,4:0:1000:ff00ff")
    assert shown[0, -1].tolist() == [0, 0, 128]
    assert shown[0, 0].tolist() == [230, 0, 255]  # 128 + 230 is more light than there is
    assert rendering(owner, stack, "").max() == 0


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint32])
def test_samples_of_any_kind_can_be_windowed(
    owner: Any, dataset: Dataset, team: dict[str, Any], dtype: type
) -> None:
    image = stored(dataset, team, "other.tif", tiff_bytes(RAMP.astype(dtype)))
    shown = rendering(owner, image, "0:2000:4000:ffffff")
    assert np.array_equal(shown[..., 0] == 0, RAMP <= 2003)


def test_a_deep_png_has_channels_without_its_transparency(
    owner: Any, dataset: Dataset, team: dict[str, Any]
) -> None:
    from imagecodecs import png_encode

    rgba = np.stack([RAMP, RAMP // 2, RAMP // 4, np.full_like(RAMP, 60000)], axis=-1)
    image = stored(dataset, team, "deep.png", bytes(png_encode(rgba)))
    assert len(owner.get(f"/api/images/{image.pk}/channels/").json()["channels"]) == 3


@pytest.mark.parametrize(
    "show",
    [
        "0",
        "0:5:5:ffffff",
        "0:9:5:ffffff",
        "0:1:2:red",
        "0:nan:2:ffffff",
        "7:0:1:ffffff",
        "-1:0:1:ffffff",
        ",".join(["0:0:1:ffffff"] * 9),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(owner: Any, ramp: Image, show: str) -> None:
    answer = owner.get(f"/api/images/{ramp.pk}/rendering/", {"show": show})
    assert answer.status_code == 400
    assert answer.json()["field"] == "show"


def test_an_image_that_shows_all_it_has_offers_no_channels(owner: Any, image: Image) -> None:
    assert owner.get(f"/api/images/{image.pk}/channels/").status_code == 404
    assert owner.get(f"/api/images/{image.pk}/rendering/?show=0:0:1:ffffff").status_code == 404


def test_only_members_see_channels(client_of: Any, ramp: Image) -> None:
    for path in (f"/api/images/{ramp.pk}/channels/", f"/api/images/{ramp.pk}/rendering/?show="):
        assert client_of("viewer").get(path).status_code == 200
        assert client_of("stranger").get(path).status_code == 404


def test_a_browser_keeps_a_rendering_for_ever(owner: Any, ramp: Image) -> None:
    path = f"/api/images/{ramp.pk}/rendering/?show=0:0:6000:ffffff"
    first = owner.get(path)
    assert first["Cache-Control"] == "private, max-age=31536000, immutable"
    assert owner.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    other = owner.get(f"/api/images/{ramp.pk}/rendering/?show=0:0:5000:ffffff")
    assert other["ETag"] != first["ETag"]


def test_samples_go_with_the_image(
    owner: Any, ramp: Image, data_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    owner.get(f"/api/images/{ramp.pk}/channels/")
    assert list((data_dir / "channels").glob(f"{ramp.sha256}/*.npy"))
    with django_capture_on_commit_callbacks(execute=True):
        purge_image(image=ramp)
    assert not list((data_dir / "channels").glob(ramp.sha256))


def test_what_is_decoded_waits_for_no_other_decoding(
    owner: Any, ramp: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = []
    monkeypatch.setattr(channels.fcntl, "flock", lambda *how: locked.append(how))
    shown = rendering(owner, ramp, "0:1000:5000:ffffff")
    assert len(locked) == 1
    assert (rendering(owner, ramp, "0:1000:5000:ffffff") == shown).all()
    assert len(locked) == 1
