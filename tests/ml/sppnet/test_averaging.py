"""Checkpoints that went on from the same weights become one."""

from pathlib import Path

import pytest
import torch

from ml.sppnet import checkpoints
from ml.sppnet.__main__ import main
from ml.sppnet.averaging import average
from ml.sppnet.config import ModelConfig
from ml.sppnet.network import ClickNet, build


def test_the_mean_of_two_checkpoints(network: ClickNet, tmp_path: Path) -> None:
    paths = [tmp_path / "one.safetensors", tmp_path / "other.safetensors"]
    for step, path in enumerate(paths):
        with torch.no_grad():
            network.decoder.iou_token.weight.fill_(step)
        for part in network.modules():
            if isinstance(part, torch.nn.BatchNorm2d):
                part.num_batches_tracked.fill_(step)
        checkpoints.save(path, network, {"name": path.stem, "training": {"step": step}})
    out = tmp_path / "mean.safetensors"
    assert main(["average", *map(str, paths), "--name", "Both", "--out", str(out)]) == 0
    mean = checkpoints.load(out)
    state = mean.network().state_dict()
    assert state["decoder.iou_token.weight"].unique().tolist() == [0.5]
    counters = [value for name, value in state.items() if name.endswith("num_batches_tracked")]
    assert {int(value) for value in counters} == {1}
    of = [checkpoints.load(path).sha256 for path in paths]
    assert (mean.metadata["name"], mean.metadata["origin"]) == ("Both", {"mean_of": of})
    assert mean.metadata["training"] == {"step": 1}


def test_a_part_that_one_lacks_is_that_of_the_other(network: ClickNet, tmp_path: Path) -> None:
    new, old = (checkpoints.Checkpoint(network.config, state, {}, "") for state in _states(network))
    for order in ([old, new], [new, old]):
        mean = average(order).state_dict()
        assert mean["decoder.rating.out.bias"].tolist() == [2.0]
        assert mean["decoder.iou_token.weight"].unique().tolist() == [0.5]


def _states(network: ClickNet) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """One with all parts, and one from before masks were rated."""
    with torch.no_grad():
        network.decoder.rating.out.bias.fill_(2)
        network.decoder.iou_token.weight.fill_(1)
    new = {name: value.clone() for name, value in network.state_dict().items()}
    old = {name: value for name, value in new.items() if ".rating." not in name}
    return new, old | {
        "decoder.iou_token.weight": torch.zeros_like(old["decoder.iou_token.weight"])
    }


def test_others_have_no_mean(
    network: ClickNet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small, paper = tmp_path / "small.safetensors", tmp_path / "paper.safetensors"
    checkpoints.save(small, network, {})
    checkpoints.save(paper, build(ModelConfig.paper(64)), {})
    command = ["average", str(small), str(paper), "--out", str(tmp_path / "no.safetensors")]
    assert main(command) == 1
    assert "same configuration" in capsys.readouterr().err
