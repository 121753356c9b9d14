"""The shipped checkpoint answers clicks until people choose another one."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ml.management.commands import load_starter
from ml.models import Checkpoint
from ml.services import register_checkpoint
from tests.ml.app.disks import write_checkpoint


@pytest.fixture
def shipped(db: None, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ship a starter: shipped(weight, folder) -> its path."""

    def ship(weight: float, folder: str = "release") -> Path:
        path = tmp_path / folder / "ml" / "starter" / "sppnet_click.safetensors"
        monkeypatch.setattr(load_starter, "STARTER", path)
        return write_checkpoint(path, weight)

    return ship


def active() -> Checkpoint:
    return Checkpoint.objects.active().get()


def test_the_first_start_activates_it_and_later_ones_change_nothing(shipped: Any) -> None:
    path = shipped(1.0)
    for _ in range(2):
        call_command("load_starter")
        assert active().path == path
    assert Checkpoint.objects.count() == 1


@pytest.mark.parametrize("folder", ["release", "elsewhere"])
def test_an_upgrade_brings_its_own(shipped: Any, folder: str) -> None:
    shipped(1.0)
    call_command("load_starter")
    first = active()
    path = shipped(2.0, folder)
    call_command("load_starter")
    assert active() != first
    assert active().path == path


def test_a_checkpoint_that_people_chose_stays(shipped: Any, data_dir: Path) -> None:
    own = register_checkpoint(path=write_checkpoint(data_dir / "own.safetensors"), activate=True)
    shipped(1.0)
    call_command("load_starter")
    assert active() == own
    assert Checkpoint.objects.count() == 2


def test_a_missing_file_is_named(shipped: Any) -> None:
    shipped(1.0).unlink()
    with pytest.raises(CommandError, match="sppnet_click"):
        call_command("load_starter")
