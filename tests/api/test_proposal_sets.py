"""Checkpoints are compared by what each of them last proposed for the whole image."""

from typing import Any
from uuid import uuid4

from django.utils import timezone

from annotations.models import Image, Prompt
from annotations.services.prompt import PlacedClick, place_clicks
from ml.models import Checkpoint, Prediction


def checkpoint(name: str) -> Checkpoint:
    return Checkpoint.objects.create(name=name, sha256=name * 8, file=f"{name}.safetensors")


def answered(image: Image, user: Any, by: Checkpoint, **asked: Any) -> Prompt:
    prompt, _ = place_clicks(user=user, image=image, id=uuid4(), clicks=asked.pop("clicks", []))
    Prediction.objects.filter(pk=prompt.pk).update(
        checkpoint=by, status="done", answered_at=timezone.now(), **asked
    )
    return prompt


def sets(client: Any, image: Image) -> Any:
    return client.get(f"/api/images/{image.pk}/proposal-sets/")


def test_each_checkpoint_is_there_once_with_its_latest_answer(
    client_of: Any, image: Image, team: dict[str, Any]
) -> None:
    old, new = checkpoint("old"), checkpoint("new")
    owner = team["owner"]
    answered(image, owner, old)
    latest = answered(image, owner, old)
    newest = answered(image, owner, new)
    click = PlacedClick(uuid4(), 3, 4, True)
    answered(image, owner, new, clicks=[click])
    place_clicks(user=owner, image=image, id=uuid4(), clicks=[])  # nobody has answered yet
    found = sets(client_of("viewer"), image).json()
    assert [(row["name"], row["prompt"]) for row in found] == [
        ("new", str(newest.pk)),
        ("old", str(latest.pk)),
    ]
    assert found[0]["checkpoint"] == new.pk


def test_strangers_learn_nothing(client_of: Any, image: Image) -> None:
    assert sets(client_of("stranger"), image).status_code == 404
