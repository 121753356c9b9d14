"""A promoted checkpoint finds the images at work encoded, those first that are needed most."""

from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from ml import registry
from ml.models import Checkpoint, Encoding
from ml.preparing import prepare_promoted
from ml.promotions import activate_checkpoint
from ml.services import register_checkpoint, request_encoding
from tests.ml.app.disks import DiskPredictor, write_checkpoint

CLICK = [[20.5, 10.5, True]]


@pytest.fixture
def newer(checkpoint: Checkpoint, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Checkpoint:
    path = write_checkpoint(data_dir / "checkpoints" / "newer.safetensors", 1.0)
    newer = register_checkpoint(path=path)
    loaded = OrderedDict({newer.sha256: DiskPredictor()})
    monkeypatch.setattr(registry, "_loaded", loaded)
    return newer


def picture(name: str) -> dict[str, Any]:
    return {"image_path": "a.png", "image_sha256": name * 64, "width": 64, "height": 48}


def queued(checkpoint: Checkpoint) -> list[str]:
    rows = Encoding.objects.filter(checkpoint=checkpoint).order_by("pk")
    return [row.image_sha256[0] for row in rows]


def test_images_at_work_are_queued_the_latest_first(
    newer: Checkpoint, ask: Any, messages: Any
) -> None:
    request_encoding(**picture("e"), topic="image:5")
    for name in "aba":
        ask(CLICK, **picture(name))
    del messages[:]
    promotion = activate_checkpoint(checkpoint=newer)
    Encoding.objects.update(status="ready")
    prepare_promoted(promotion.pk)
    assert queued(newer) == ["a", "b"]
    ids = list(Encoding.objects.order_by("pk").values_list("pk", flat=True))
    assert messages == [("ml.encode_image", ids, "batch")]
    assert all(Encoding.objects.values_list("ahead", flat=True))


def test_it_is_warm_before_the_first_click(newer: Checkpoint, messages: Any) -> None:
    prepare_promoted(activate_checkpoint(checkpoint=newer).pk)
    assert registry._loaded[newer.sha256].encoded  # type: ignore[attr-defined]


def test_a_promotion_in_one_place_leaves_the_others_alone(
    newer: Checkpoint, ask: Any, messages: Any
) -> None:
    ask(CLICK, **picture("a"), scope="dataset:1")
    ask(CLICK, **picture("b"), scope="dataset:2")
    here = activate_checkpoint(checkpoint=newer, scope="dataset:1")
    prepare_promoted(here.pk)
    assert queued(newer) == ["a"]


def test_one_that_was_replaced_meanwhile_prepares_nothing(
    checkpoint: Checkpoint, newer: Checkpoint, ask: Any, messages: Any
) -> None:
    ask(CLICK, **picture("a"))
    promotion = activate_checkpoint(checkpoint=newer)
    activate_checkpoint(checkpoint=checkpoint)
    prepare_promoted(promotion.pk)
    assert not Encoding.objects.filter(checkpoint=newer).exists()


def test_weights_that_are_lost_are_told_by_the_log(
    newer: Checkpoint, ask: Any, messages: Any, caplog: pytest.LogCaptureFixture
) -> None:
    registry._loaded.clear()
    newer.path.unlink()
    prepare_promoted(activate_checkpoint(checkpoint=newer).pk)
    assert "cannot be loaded" in caplog.text


def test_browsers_find_its_decoder_made(
    newer: Checkpoint, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ml.decoders.may_ask", lambda _: True)
    promotion = activate_checkpoint(checkpoint=newer)
    del messages[:]
    prepare_promoted(promotion.pk)
    assert ("ml.export_decoder", [newer.pk], "batch") in messages
