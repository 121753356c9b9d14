"""Images are enlarged where their nuclei are small."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ml.sppnet.__main__ import main
from ml.sppnet.checkpoints import save
from ml.sppnet.choosing import dice_on
from ml.sppnet.datasets import Mixture
from ml.sppnet.evaluate import encode
from ml.sppnet.magnification import areas_of, scale_for_nuclei
from ml.sppnet.network import ClickNet
from ml.sppnet.predict import Predictor
from tests.ml.sppnet.conftest import disks


@pytest.mark.parametrize(
    ("across", "scale"),
    [((10, 11, 12), 2), ((22, 23, 23), 2), ((25, 25, 26), 1), ((16, 17, 18, 40), 2), ((), 1)],
)
def test_the_size_of_nuclei_decides(across: tuple[int, ...], scale: float) -> None:
    areas = [round(np.pi * each**2 / 4) for each in across]
    # Specks are no nuclei.
    assert scale_for_nuclei([*areas, *([3] * 50)]) == scale


def test_debris_does_not_decide() -> None:
    """As much as is taken for nuclei between large ones has little area."""
    large, debris = [round(np.pi * 36**2 / 4)] * 10, [60] * 12
    assert scale_for_nuclei(large + debris) == 1
    assert scale_for_nuclei(debris) == 2


def test_clumps_of_small_nuclei_do_not_decide_either() -> None:
    small, clumps = [round(np.pi * 14**2 / 4)] * 60, [4000] * 10
    assert scale_for_nuclei(small + clumps) == 2


def test_areas_are_of_nuclei_alone() -> None:
    labels = np.array([[-1, 0, 2], [1, 1, 2], [0, 0, 2]])
    assert areas_of(labels).tolist() == [2, 3]


def test_crops_to_learn_from_are_enlarged_by_their_labels() -> None:
    sample = disks(96)
    large = replace(sample, **{
        name: np.ascontiguousarray(getattr(sample, name).repeat(2, 0).repeat(2, 1))
        for name in ("pixels", "labels")
    })  # fmt: skip
    learned = Mixture({"a": [sample, large, replace(sample, scale=1.0)]}, {}).sets["a"]
    assert [each.scale for each in learned] == [2, 1, 1]


@pytest.fixture
def clear_sighted(network: ClickNet, monkeypatch: pytest.MonkeyPatch) -> Predictor:
    """Finds the nuclei of `disks(96)`, at whatever scale it looks."""
    labels = disks(96).labels.astype(np.int32)
    monkeypatch.setattr(Predictor, "label", lambda *_, **__: (labels > 0, labels))
    return Predictor(network, {}, "")


def test_images_to_score_are_enlarged_by_what_is_seen_in_them(clear_sighted: Predictor) -> None:
    sample = disks(96)
    seen = encode(clear_sighted, sample)
    assert (seen.scale, {tile.scale for tile in seen.tiles}) == (2, {2})
    # What is known of its resolution counts more.
    assert encode(clear_sighted, sample, 1.0).scale == 1
    assert encode(clear_sighted, replace(sample, scale=1.0)).scale == 1


def test_a_dice_is_of_the_whole_image_at_whatever_scale_it_is_seen(
    clear_sighted: Predictor,
) -> None:
    assert dice_on([disks(96)])(clear_sighted) == 1


def test_the_command_labels_small_nuclei_enlarged(
    clear_sighted: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "net.safetensors", clear_sighted.network, {"name": "tiny"})
    cv2.imwrite(str(tmp_path / "cells.png"), disks(96).pixels)
    asked: list[float] = []
    tiles = Predictor.tiles

    def note(self: Predictor, width: int, height: int, scale: float = 1.0) -> object:
        asked.append(scale)
        return tiles(self, width, height, scale)

    monkeypatch.setattr(Predictor, "tiles", note)
    command = ["predict", "--checkpoint", str(tmp_path / "net.safetensors")]
    command += ["--out", str(tmp_path / "out"), str(tmp_path / "cells.png")]
    assert main(command) == 0
    # The usual resolution does not tell small nuclei from large ones.
    assert main([*command, "--microns-per-pixel", "0.25"]) == 0
    assert asked == [1, 2] * 2
    assert main([*command, "--scale", "1"]) == 0
    assert main([*command, "--microns-per-pixel", "1"]) == 0
    assert asked[4:] == [1, 4]
