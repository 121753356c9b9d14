"""Other people's weights become a checkpoint by way of the worker, if they hold a whole network."""

from pathlib import Path
from typing import Any

import pytest
import torch
from django.utils import timezone

from ml import confined
from ml.conversion_queue import request_conversion
from ml.converting import convert_weights
from ml.models import Checkpoint, Conversion
from ml.recovery import requeue_unfinished
from ml.sppnet import checkpoints
from tests.ml.sppnet.authors import AuthorsNet


@pytest.fixture(scope="module")
def authors() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return AuthorsNet().state_dict()


@pytest.fixture
def send(db: None, data_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Upload weights and have them converted: send(state, name) -> the row as it is by then."""
    monkeypatch.setattr("ml.conversion_queue.enqueue", lambda *_, **__: True)

    def send(content: Any, name: str = "w.pth", *, run: bool = True) -> Conversion:
        source = tmp_path / "made.pth"
        if isinstance(content, bytes):
            source.write_bytes(content)
        else:
            torch.save(content, source)
        row = request_conversion(
            file_name=name,
            chunks=[source.read_bytes()],
            normalisation="mean_as_std",
            by_name="boss",
        )
        if run:
            convert_weights(row.pk)
            row.refresh_from_db()
        return row

    return send


def leftovers(data_dir: Path) -> list[Path]:
    return [path for path in (data_dir / "conversions").rglob("*") if path.is_file()]


def test_the_authors_checkpoint_is_registered_for_evaluation(
    authors: dict[str, torch.Tensor], send: Any, data_dir: Path
) -> None:
    row = send(authors, "model_best.pth")
    assert (row.status, row.error) == ("done", "")
    [file] = row.report["files"]
    assert (file["name"], file["origin"], file["missing"]) == ("model_best.pth", "authors", [])
    assert len(file["taken"]) + len(file["renamed"]) + len(file["left_over"]) == len(authors)
    assert row.report["at_random"] == []
    kept = row.checkpoint
    assert (kept.name, kept.kind, kept.created_by_name) == ("model_best", "paper", "boss")
    assert checkpoints.load(kept.path).config.normalisation == "mean_as_std"
    assert not leftovers(data_dir)
    convert_weights(row.pk)  # delivered again
    assert Checkpoint.objects.count() == 1


def test_a_part_of_a_network_is_reported_and_not_registered(
    authors: dict[str, torch.Tensor], send: Any, data_dir: Path
) -> None:
    mobile = {k: v for k, v in authors.items() if not k.startswith("conv1.")}
    row = send(mobile, "mobile_sam.pt")
    assert row.status == "failed"
    assert row.error.startswith(
        "mobile_sam.pt holds only a part of a network: decoder, low_level would be at random"
    )
    assert row.report["files"][0]["origin"] == "mobile_sam"
    assert not Checkpoint.objects.exists()
    assert not leftovers(data_dir)
    assert not list(data_dir.glob("checkpoints/*"))


def test_keys_that_were_not_expected_are_named_and_reported(
    authors: dict[str, torch.Tensor], send: Any
) -> None:
    row = send(authors | {"extra.weight": torch.zeros(2)}, "odd.pth")
    assert row.status == "failed"
    assert "extra.weight (unknown)" in row.error
    assert row.report["files"][0]["left_over"]["extra.weight"] == "unknown"


class Harmful:
    def __reduce__(self) -> tuple:
        return (Path.touch, (Path("/tmp/harmed"),))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"w": Harmful()}, "is not a file of weights alone"),
        (b"PK\x03\x04 cut short", "is not a file of weights alone"),
        ({"w": torch.zeros(3)}, "of no known network"),
    ],
    ids=["code", "damaged", "unknown"],
)
def test_what_cannot_be_read_says_why(send: Any, content: Any, sentence: str) -> None:
    row = send(content, "x.pth")
    assert row.status == "failed"
    assert sentence in row.error
    assert not Path("/tmp/harmed").exists()
    assert not Checkpoint.objects.exists()


@pytest.mark.parametrize("limit", ["SECONDS", "CPU_SECONDS", "MEMORY_MB"])
def test_what_takes_too_much_is_ended(
    authors: dict[str, torch.Tensor], send: Any, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(confined, limit, {"MEMORY_MB": 256}.get(limit, 1))
    row = send(authors)
    assert row.status == "failed"
    assert "memory" in row.error


def test_no_file_grows_beyond_its_limit(
    authors: dict[str, torch.Tensor], send: Any, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setattr("ml.converting.MOST_WRITTEN_MB", 1)
    row = send(authors)
    assert row.status == "failed"
    assert "cannot be taken" in row.error
    assert not leftovers(data_dir)


def test_what_a_dead_worker_has_left_is_sent_again(
    authors: dict[str, torch.Tensor], send: Any, messages: Any
) -> None:
    row = send({"w": torch.zeros(3)}, run=False)
    Conversion.objects.update(status="running", attempts=1, started_at=timezone.now())
    assert requeue_unfinished(["batch"]) == 1
    assert messages == [("ml.convert_weights", [row.pk], "batch")]
    Conversion.objects.update(attempts=3)
    convert_weights(row.pk)
    row.refresh_from_db()
    assert "ended the worker three times" in row.error
