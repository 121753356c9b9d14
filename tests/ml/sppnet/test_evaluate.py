import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.sppnet import checkpoints
from ml.sppnet.__main__ import main
from ml.sppnet.evaluate import (
    Trial,
    clicks_to,
    encode,
    evaluate,
    figure,
    summarise_clicks,
    try_nuclei,
)
from ml.sppnet.judging import judge
from ml.sppnet.network import ClickNet
from ml.sppnet.predict import Predictor
from tests.ml.sppnet.conftest import beside_each_other, disks, write_folder


def test_the_same_seed_gives_the_same_scores(network: ClickNet) -> None:
    predictor = Predictor(network, {}, "")
    one, other = (evaluate(predictor, [disks()], seed=1, nuclei_per_image=2) for _ in range(2))
    assert {"dice", "iou", "aji", "pq", "ap50", "click", "params", "flops", "protocol"} <= set(one)
    assert min(run.pop("images_per_second") for run in (one, other)) > 0
    assert one == other


def test_an_image_is_scored_at_the_scale_at_which_the_network_sees_it(network: ClickNet) -> None:
    predictor = Predictor(network, {}, "")
    sample = replace(disks(96), scale=2.0)
    assert {tile.scale for tile in encode(predictor, sample).tiles} == {2.0}
    scores, picture = judge(predictor, sample, 2)
    assert {"dice", "aji", "pq", "iou1", "noc80"} <= set(scores)
    assert picture.shape == (96, 96, 3)
    plain, _ = judge(predictor, replace(sample, scale=1.0), 2)
    assert scores != plain


def test_the_command_scores_a_split_at_its_scales(network: ClickNet, tmp_path: Path) -> None:
    """As the app trains and judges; unless another is given."""
    checkpoints.save(tmp_path / "net.safetensors", network, {"name": "tiny"})
    write_folder(tmp_path / "disks", [disks(96), disks(96, seed=1)])
    part = {"folder": "disks", "train": [], "val": ["disks-0", "disks-1"]}
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"a": {**part, "scales": {"disks-0": 2.0}}}))
    command = ["evaluate", "--checkpoint", str(tmp_path / "net.safetensors")]
    command += ["--data", str(tmp_path), "--split", str(split), "--nuclei", "0"]
    found = []
    # The usual resolution leaves it to the nuclei, of which this network sees none.
    for more in ([], ["--scale", "2"], ["--microns-per-pixel", "0.25"]):
        main([*command, *more, "--json", str(tmp_path / "scores.json")])
        found.append(json.loads((tmp_path / "scores.json").read_text())["a"]["protocol"]["scale"])
    assert found == [[1.0, 2.0], 2.0, 1.0]


def test_clicks_are_counted_with_the_cap_for_failures() -> None:
    quick = Trial([0.5, 0.83, 0.91], 0.7, 0.5, 0.0, False)
    never = Trial([0.1] * 20, 0.3, 0.1, 0.0, True)
    assert clicks_to(quick, 80) == 2
    assert clicks_to(never, 80) is None
    summary = summarise_clicks([quick, never])
    assert summary["noc80"] == 11
    assert summary["noc90"] == 11.5
    assert summary["noc80_failures"] == 0.5
    assert summary["iou1_mean"] == pytest.approx(0.3)
    assert summary["iou1_ge_50"] == 0.5
    assert summary["touching"] == 0.5
    assert summary["touching_iou1_mean"] == pytest.approx(0.1)
    assert summary["touching_iou1_ge_50"] == 0
    assert summary["predicted_iou_error"] == pytest.approx(0.2)
    assert summary["predicted_iou_correlation"] == pytest.approx(1)


def test_touching_nuclei_are_told_apart(network: ClickNet) -> None:
    sample = beside_each_other()
    predictor = Predictor(network, {}, "")
    encoded = encode(predictor, sample)
    trials = try_nuclei(predictor, encoded, 3, np.random.default_rng(0))
    assert sorted(trial.touching for trial in trials) == [False, True, True]


def test_predictions_that_are_all_alike_tell_nothing() -> None:
    trials = [Trial([iou], 0.64, iou, 0.0, False) for iou in (0.2, 0.9)]
    summary = summarise_clicks(trials)
    assert summary["predicted_iou_correlation"] == 0
    assert summary["touching"] == 0
    assert "touching_iou1_mean" not in summary


def test_no_nuclei_cannot_be_summarised() -> None:
    with pytest.raises(ValueError, match="no nuclei"):
        summarise_clicks([])


def test_the_figure_shows_four_panels(network: ClickNet) -> None:
    picture = figure(Predictor(network, {}, ""), disks(), np.random.default_rng(0))
    assert picture.shape == (128, 4 * 128, 3)


def test_the_command_writes_its_scores(network: ClickNet, tmp_path: Path) -> None:
    checkpoints.save(tmp_path / "c.safetensors", network, {"name": "c"})
    data = write_folder(tmp_path / "data", [disks()])
    arguments = ["--checkpoint", str(tmp_path / "c.safetensors"), "--data", str(data)]
    assert main(["evaluate", *arguments, "--json", str(tmp_path / "o.json"), "--nuclei", "1"]) == 0
    result = json.loads((tmp_path / "o.json").read_text())
    assert result["dice"]["per_image"].keys() == {"disks-0"}
    assert 0 <= result["click"]["shuffled_iou1_mean"] <= 1


def test_a_bad_checkpoint_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--checkpoint", str(tmp_path / "none"), "--data", str(tmp_path)]
    assert main(["evaluate", *arguments]) == 1
    assert capsys.readouterr().err.startswith("error: there is no checkpoint")
