"""What a run keeps is there whole or not at all, on a disk that is full, too."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from ml.sppnet import checkpoints
from ml.sppnet.network import ClickNet
from ml.sppnet.run_folder import RunFolder
from tests.small_disk import SmallDisk, small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 64) as disk:
        yield disk


@pytest.mark.parametrize("room_mb", [0, 2])
def test_a_full_disk_leaves_the_former_state_and_says_so(disk: SmallDisk, room_mb: float) -> None:
    folder = RunFolder(disk.path)
    folder.save({"step": 1, "weights": torch.zeros(1_000_000)})
    disk.fill(but_mb=room_mb)
    with pytest.raises(OSError, match="No space left") as caught:
        folder.save({"step": 2, "weights": torch.ones(4_000_000)})
    assert caught.value.errno == errno.ENOSPC
    assert sorted(path.name for path in disk.path.iterdir()) == ["filler", "state.pt"]
    disk.free()
    kept = folder.load()
    assert kept is not None
    assert (kept["step"], float(kept["weights"].sum())) == (1, 0)
    folder.save({"step": 3})
    assert folder.load() == {"step": 3}


@pytest.mark.parametrize("room_mb", [0, 2])
def test_a_full_disk_leaves_the_former_checkpoint(
    disk: SmallDisk, network: ClickNet, room_mb: float
) -> None:
    path = disk.path / "best.safetensors"
    checkpoints.save(path, network, {"name": "former"})
    disk.fill(but_mb=room_mb)
    with pytest.raises(OSError, match="No space left") as caught:
        checkpoints.save(path, network, {"name": "next"})
    assert caught.value.errno == errno.ENOSPC
    assert sorted(path.name for path in disk.path.iterdir()) == ["best.safetensors", "filler"]
    assert checkpoints.load(path).metadata["name"] == "former"


def test_an_error_that_is_not_the_disks_stays_what_it_is(tmp_path: Path) -> None:
    unknown: Callable[[], None] = lambda: None  # noqa: E731
    with pytest.raises(Exception, match="pickle"):
        RunFolder(tmp_path).save({"step": unknown})
    assert not list(tmp_path.iterdir())
