"""The networks that SPPNet is compared with, and the study that compares them."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.sppnet.__main__ import main
from ml.sppnet.config import ModelConfig
from ml.sppnet.cost import cost_by_part, image_and_points
from ml.sppnet.network import WholeImageNet, build
from ml.sppnet.study import RIVAL_NAMES, ROWS, Row
from ml.sppnet.study_figures import minutes_to_reach
from tests.ml.sppnet.conftest import disks, write_folder


@pytest.mark.parametrize("name", RIVAL_NAMES)
def test_a_rival_answers_on_the_masks_grid_whatever_the_prompts(name: str) -> None:
    with torch.device("meta"):
        network = build(ModelConfig.of_rival(name, 128))
        assert isinstance(network, WholeImageNet)
        network.eval()
        labels = torch.ones(2, 3, 2, dtype=torch.long)
        image, points = torch.empty(2, 3, 128, 128), torch.empty(2, 3, 2, 2)
        with torch.no_grad():
            assert network(image, points[:, 0], labels[:, 0]).shape == (2, 1, 32, 32)
            assert network.answers(image, points, labels).shape == (2, 3, 32, 32)


@pytest.mark.parametrize("row", [row for row in ROWS if row.key != "sam"], ids=lambda row: row.key)
def test_a_network_is_about_as_large_as_in_the_paper(row: Row) -> None:
    with torch.device("meta"):
        network = build(row.config(1024))
    cost = cost_by_part(network, image_and_points(1024))["total"]
    assert cost.paper_params / 1e6 == pytest.approx(row.published.params, rel=0.1)


def test_a_side_that_a_rival_cannot_halve_often_enough_is_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 128, not 320"):
        build(ModelConfig.of_rival("unet", 320))


def test_a_library_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "monai.networks.nets", None)
    monkeypatch.delitem(sys.modules, "ml.sppnet.rivals", raising=False)
    data = write_folder(tmp_path / "data", [disks(96, seed, 6) for seed in range(3)])
    line = ["train", "--model", "unet", "--data", str(data), "--out", str(tmp_path / "run")]
    assert main(line) == 1
    assert "pip install segmentation-models-pytorch monai" in capsys.readouterr().err


def test_the_time_to_a_score_is_that_of_the_first_validation_that_had_it() -> None:
    rows = [
        {"minutes": 1.0, "loss": 0.2},
        {"minutes": 1.5, "val_dice": 0.5},
        {"minutes": 2.0, "val_dice": 0.7},
        {"minutes": 3.0, "val_dice": 0.9},
    ]
    assert minutes_to_reach(rows, 0.6) == 2.0
    assert minutes_to_reach(rows, 0.95) is None


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "data", [disks(96, seed, 6) for seed in range(5)])


def test_one_command_trains_scores_and_reports_and_goes_on_where_it_was(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "study"
    line = [
        *("reproduce", "--data", str(data), "--out", str(out), "--epochs", "1"),
        *("--resolution", "128", "--evaluations", "12", "--rows", "unet", "sppnet"),
    ]
    assert main(line) == 0
    report = (out / "report.md").read_text()
    for words in ("Table 1", "Table 2", "Table 3", "U-Net", "66.43 ± 4.32", "figure_5.png"):
        assert words in report
    html = (out / "report.html").read_text()
    assert html.count('src="data:image/png;base64,') == 2
    assert "<table>" in html
    result = json.loads((out / "rows/sppnet/result.json").read_text())
    assert {"dice", "iou", "aji", "pq", "params", "flops", "images_per_second"} <= set(result)
    assert len(json.loads((out / "stability.json").read_text())["dice"]) == 12

    before = (out / "rows/unet/result.json").stat().st_mtime_ns
    capsys.readouterr()
    assert main(line) == 0
    assert (out / "rows/unet/result.json").stat().st_mtime_ns == before
    assert "[1/2]" not in capsys.readouterr().out

    assert main([*line, "--seed", "5"]) == 1
    assert "holds a study with another seed (0)" in capsys.readouterr().err


def test_a_checkpoint_is_scored_and_its_stability_measured(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    train = ["train", "--model", "paper", "--side", "64", "--data", str(data), "--out", str(out)]
    assert main([*train, "--epochs", "1", "--batch", "3", "--no-bf16", "--low-level", "unet"]) == 0
    split = json.loads((out / "split.json").read_text())
    assert [len(split[part]) for part in ("train", "val", "test")] == [3, 1, 1]
    score = ["evaluate", "--checkpoint", str(out / "best.safetensors"), "--data", str(data)]
    more = ["--split", str(out / "split.json"), "--stability", "5"]
    assert main([*score, *more, "--json", str(tmp_path / "o.json")]) == 0
    result = json.loads((tmp_path / "o.json").read_text())
    assert set(result["dice"]["per_image"]) == set(split["test"])
    assert {"at_256", "params", "flops", "images_per_second", "protocol"} <= set(result)
    measured = result["stability"]
    assert np.ptp(measured["dice"]) == pytest.approx(measured["range"], abs=1e-5)


def test_a_run_of_another_network_is_not_gone_on_with(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["train", "--model", "paper", "--side", "64", "--data", str(data), "--epochs", "0.1"]
    line += ["--out", str(tmp_path / "run"), "--batch", "1"]
    assert main(line) == 0
    assert main([*line, "--low-level", "none"]) == 1
    assert "holds a run of another network" in capsys.readouterr().err
