"""The disk is full while the network learns: the run says so, and goes on once there is room."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotations.models import Dataset, Image
from annotations.models.dataset import source_of
from ml.management.commands.load_starter import STARTER
from ml.services import register_checkpoint
from ml.sppnet import checkpoints
from ml.training import folder_of, run_training
from ml.training_queue import resume_training, start_training
from tests.factories import make_image, make_mask
from tests.small_disk import SmallDisk, small_disk

# Room for the weights, not for what goes on from them.
ROOM_FOR_WEIGHTS_MB = 40


@pytest.fixture
def disk(data_dir: Path) -> Iterator[SmallDisk]:
    """The one that runs are kept on."""
    with small_disk(data_dir / "training", 512) as disk:
        yield disk


@pytest.mark.parametrize("room_mb", [0, ROOM_FOR_WEIGHTS_MB])
def test_a_run_stops_on_a_full_disk_says_so_and_goes_on_with_room(
    dataset: Dataset, team: dict[str, Any], messages: Any, disk: SmallDisk, room_mb: int
) -> None:
    for seed in range(2):
        image = make_image(dataset, team["owner"], name=f"{seed}.png", seed=seed)
        make_mask(image, team["owner"], width=12, height=12)
    Image.objects.update(status=Image.Status.ACCEPTED)
    register_checkpoint(path=STARTER, activate=True)
    run = start_training(source=source_of(dataset.pk), created_by_name="ada", minutes=0.001)
    disk.fill(but_mb=room_mb)

    run_training(run.pk)
    run.refresh_from_db()
    assert (run.status, run.checkpoint_to) == ("failed", None)
    assert run.error.startswith("The disk is full. Free some space below")
    assert "resume the run" in run.error
    folder = folder_of(run)
    assert not list(folder.glob("*.partial"))
    assert not (folder / "state.pt").exists()
    best = folder / "best.safetensors"
    assert best.exists() == bool(room_mb)
    if room_mb:
        checkpoints.load(best)

    disk.free()
    assert resume_training(run=run)
    run_training(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error) == ("done", "")
    assert run.checkpoint_to is not None
    assert checkpoints.load(run.checkpoint_to.path).network()
