import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ml.sppnet import checkpoints
from ml.sppnet.checkpoints import CheckpointError
from ml.sppnet.config import ModelConfig
from ml.sppnet.network import ClickNet, build


def test_weights_and_metadata_come_back(network: ClickNet, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    checkpoints.save(path, network, {"name": "a", "metrics": {"dice": 0.5}}, half=False)
    loaded = checkpoints.load(path)
    assert loaded.config == network.config
    assert loaded.metadata["metrics"] == {"dice": 0.5}
    for name, tensor in loaded.network().state_dict().items():
        assert torch.equal(tensor, network.state_dict()[name]), name
    assert not list(tmp_path.glob("*.partial"))


def test_half_precision_halves_the_file(network: ClickNet, tmp_path: Path) -> None:
    checkpoints.save(tmp_path / "full.safetensors", network, {}, half=False)
    checkpoints.save(tmp_path / "half.safetensors", network, {})
    sizes = [(tmp_path / f"{n}.safetensors").stat().st_size for n in ("half", "full")]
    assert sizes[0] < 0.55 * sizes[1]


@torch.inference_mode()
def test_a_checkpoint_from_before_masks_were_rated_answers_as_ever(
    network: ClickNet, tmp_path: Path
) -> None:
    path = tmp_path / "old.safetensors"
    state = {k: v.contiguous() for k, v in network.state_dict().items() if ".rating." not in k}
    header = {"format": "sppnet-checkpoint", "version": "1"}
    header["config"] = json.dumps(network.config.to_dict())
    save_file(state, path, metadata=header)
    old = checkpoints.load(path).network()
    image, points = torch.rand(1, 3, 64, 64), torch.tensor([[[20.0, 20.0]]])
    labels = torch.tensor([[1]])
    answers = [n.decode(image, n.encode(image), points, labels) for n in (network, old)]
    assert torch.equal(answers[0].logits, answers[1].logits)
    assert torch.equal(answers[0].quality, answers[1].quality)
    resaved = tmp_path / "new.safetensors"
    checkpoints.save(resaved, old, {})
    checkpoints.load(resaved)


def test_a_tensor_of_another_shape_is_refused(network: ClickNet, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    state = {k: v.contiguous() for k, v in network.state_dict().items()}
    state["decoder.fuse.weight"] = torch.zeros(3, 3)
    header = {"format": "sppnet-checkpoint", "version": "1"}
    header["config"] = json.dumps(network.config.to_dict())
    save_file(state, path, metadata=header)
    with pytest.raises(CheckpointError, match=r"of another shape \(first: decoder.fuse.weight\)"):
        checkpoints.load(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"<svg/>", "not a safetensors file"), (b"", "not a safetensors file")],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=says):
        checkpoints.load(path)


def test_foreign_weights_are_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match="not an SPPNet checkpoint"):
        checkpoints.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        checkpoints.load(tmp_path / "none.safetensors")


def test_unknown_settings_are_named() -> None:
    with pytest.raises(ValueError, match="unknown model settings: depth"):
        ModelConfig.from_dict({"depth": 3})


def test_the_paper_network_has_a_checkpoint_too(tmp_path: Path) -> None:
    checkpoints.save(tmp_path / "p.safetensors", build(ModelConfig.paper()), {})
    assert checkpoints.load(tmp_path / "p.safetensors").config.kind == "paper"
