"""A team of one person a role, their dataset with one image, and a stranger."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from annotations.models import Dataset, Image, Membership, Role
from annotations.services.dataset import create_dataset
from annotations.services.image_decoding import DecodedImage, decode_upload
from tests.factories import make_image, make_user

STRANGER = "stranger"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """Uploads of a test go to its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Who tried to log in how often is forgotten after each test."""
    yield
    cache.clear()


@pytest.fixture(scope="session")
def decoded_before() -> dict[bytes, tuple[DecodedImage, bytes, bytes]]:
    return {}


@pytest.fixture(autouse=True)
def decode_once(
    monkeypatch: pytest.MonkeyPatch,
    decoded_before: dict[bytes, tuple[DecodedImage, bytes, bytes]],
) -> None:
    """Decode each distinct upload of the test run only once: every decoding starts a process."""

    def decode(*, path: Path, name: str, out_dir: Path) -> DecodedImage:
        upload = path.read_bytes()
        if upload not in decoded_before:
            image = decode_upload(path=path, name=name, out_dir=out_dir)
            files = image.pixels_path.read_bytes(), image.thumbnail_path.read_bytes()
            decoded_before[upload] = (image, *files)
            return image
        image, pixels, thumbnail = decoded_before[upload]
        out_dir.mkdir(parents=True, exist_ok=True)
        copy = replace(
            image,
            pixels_path=out_dir / image.pixels_path.name,
            thumbnail_path=out_dir / image.thumbnail_path.name,
        )
        copy.pixels_path.write_bytes(pixels)
        copy.thumbnail_path.write_bytes(thumbnail)
        return copy

    monkeypatch.setattr("annotations.services.image.decode_upload", decode)


def make_team() -> dict[str, Any]:
    """Username -> user. Usernames are the roles, and "stranger"."""
    return {name: make_user(name) for name in [*Role.values, STRANGER]}


def make_dataset(team: dict[str, Any]) -> Dataset:
    """Everyone of the team but the stranger is a member, by the role of their name."""
    dataset = create_dataset(user=team["owner"], name="Biopsies")
    Membership.objects.bulk_create(
        Membership(dataset=dataset, user=team[role], role=role)
        for role in Role.values
        if role != Role.OWNER
    )
    return dataset


@pytest.fixture
def team(db: None) -> dict[str, Any]:
    return make_team()


@pytest.fixture
def dataset(team: dict[str, Any]) -> Dataset:
    return make_dataset(team)


@pytest.fixture
def image(dataset: Dataset, team: dict[str, Any]) -> Image:
    return make_image(dataset, team["owner"])


@pytest.fixture
def client_of(team: dict[str, Any]) -> Callable[[str], APIClient]:
    """Role (or "stranger") -> an API client of that person, logged in by session."""

    def client(role: str) -> APIClient:
        client = APIClient()
        client.force_login(team[role])
        return client

    return client
