"""Other people's weights: ours must answer as their own networks do."""

from pathlib import Path

import pytest
import torch
from timm.models.tiny_vit import tiny_vit_5m_224

from ml.sppnet import checkpoints
from ml.sppnet.__main__ import main
from ml.sppnet.checkpoints import CheckpointError
from ml.sppnet.config import IMAGENET_MEAN, IMAGENET_STD, ModelConfig
from ml.sppnet.foreign import origin_of, our_name, read_foreign, take
from ml.sppnet.network import PaperNet, build, shrink
from tests.ml.sppnet.authors import AuthorsNet, shake


@pytest.fixture(scope="module")
def authors() -> AuthorsNet:
    torch.manual_seed(0)
    network = AuthorsNet()
    shake(network)
    return network


def imported(files: list[Path], out: Path, *more: str) -> PaperNet:
    assert main(["import", *map(str, files), "--out", str(out), "--quiet", *more]) == 0
    network = checkpoints.load(out).network()
    assert isinstance(network, PaperNet)
    return network


def column(values: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor(values).reshape(1, 3, 1, 1)


@torch.inference_mode()
def test_the_authors_checkpoint_answers_as_in_their_network(
    authors: AuthorsNet, tmp_path: Path
) -> None:
    state = authors.state_dict()
    assert len(state) == 460
    path = tmp_path / "model_best.pth"
    torch.save({f"module.{name}": value for name, value in state.items()}, path)
    ours = imported([path], tmp_path / "a.safetensors")

    torch.manual_seed(1)
    image = torch.rand(1, 3, 1024, 1024)
    pixels = torch.tensor([[[300, 200], [20, 900]]])
    labels = torch.tensor([[1, 0]])
    # Their code takes the mean for the standard deviation in what the encoder sees.
    mean, std = column(IMAGENET_MEAN), column(IMAGENET_STD)
    small, large = (shrink(image, 256) - mean) / std, (image - mean) / mean
    theirs = authors(small, large, pixels.float(), labels)
    found = ours(image, pixels + 0.5, labels)
    assert theirs.std() > 0.1
    assert (found - theirs).abs().max() < 1e-4


@torch.inference_mode()
def test_what_was_trained_before_the_slip_is_normalised_rightly(
    authors: AuthorsNet, tmp_path: Path
) -> None:
    torch.save(authors.state_dict(), tmp_path / "a.pth")
    files, out = [tmp_path / "a.pth"], tmp_path / "a.safetensors"
    ours = imported(files, out, "--normalisation", "imagenet")
    image = torch.rand(1, 3, 64, 64)
    normalised = (image - column(IMAGENET_MEAN)) / column(IMAGENET_STD)
    assert torch.equal(ours.encode(image).embedding, ours.encoder(normalised).embedding)


def test_mobile_sam_gives_encoder_prompts_and_decoder(
    authors: AuthorsNet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = {k: v for k, v in authors.state_dict().items() if not k.startswith("conv1.")}
    assert len(state) == 439
    torch.save(state, tmp_path / "mobile_sam.pt")
    ours = imported([tmp_path / "mobile_sam.pt"], tmp_path / "m.safetensors")
    assert ours.config == ModelConfig.paper()
    told = capsys.readouterr().out
    assert "435 taken (435 renamed), 1 missing, 4 left over" in told
    assert "at random, wholly or in part: decoder, low_level" in told
    theirs = "image_encoder.layers.2.downsample.conv2.c.weight"
    assert torch.equal(ours.state_dict()[our_name(theirs, "mobile_sam")], state[theirs])


def test_sam_gives_prompts_and_decoder_to_what_another_file_gave(
    authors: AuthorsNet, tmp_path: Path
) -> None:
    """The paper's start: the encoder of MobileSAM, prompt encoder and decoder of SAM."""
    mobile = {k: v for k, v in authors.state_dict().items() if not k.startswith("conv1.")}
    sam = {k: v + 1 for k, v in mobile.items() if not k.startswith("image_encoder.")}
    sam["image_encoder.pos_embed"] = torch.zeros(1)
    torch.save(mobile, tmp_path / "mobile_sam.pt")
    torch.save(sam, tmp_path / "sam_vit_b.pth")
    files = [tmp_path / "mobile_sam.pt", tmp_path / "sam_vit_b.pth"]
    state = imported(files, tmp_path / "both.safetensors").state_dict()
    neck, token = "image_encoder.neck.0.weight", "mask_decoder.iou_token.weight"
    assert torch.equal(state[our_name(neck, "mobile_sam")], mobile[neck])
    assert torch.equal(state[our_name(token, "sam")], sam[token])


def test_sams_own_encoder_can_be_taken() -> None:
    with torch.device("meta"):
        network = build(ModelConfig.paper(encoder="sam_vit_b", low_level="none"))
        own = network.state_dict()
        names = {"encoder.body.": "image_encoder.", "prompts.sam.": "prompt_encoder."}
        state = {}
        for name, value in own.items():
            for ours, theirs in (names | {"decoder.": "mask_decoder."}).items():
                if name.startswith(ours):
                    state[theirs + name.removeprefix(ours)] = value
        report = take(network, state, "sam", with_encoder=True)
    assert len(report.renamed) == len(own)
    assert not report.missing
    assert not report.left_over


def test_timms_tiny_vit_becomes_the_encoder() -> None:
    torch.manual_seed(0)
    theirs = tiny_vit_5m_224(num_classes=10).state_dict()
    network = build(ModelConfig.paper(low_level="none"))
    report = take(network, theirs, "timm")
    assert not report.missing
    assert set(report.left_over.values()) == {"the classifier's, which never runs"}
    name = "stages.3.blocks.1.attn.qkv.weight"
    assert torch.equal(network.encoder.body.state_dict()[name], theirs[name])


def test_what_is_not_expected_is_an_error_unless_it_is_allowed(
    authors: AuthorsNet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = authors.state_dict()
    state["extra.weight"] = torch.zeros(2)
    state["prompt_encoder.no_mask_embed.weight"] = torch.zeros(1, 3)
    del state["mask_decoder.iou_token.weight"]
    torch.save(state, tmp_path / "a.pth")
    line = ["import", str(tmp_path / "a.pth"), "--out", str(tmp_path / "a.safetensors"), "--quiet"]
    assert main(line) == 1
    said = capsys.readouterr().err
    assert "extra.weight (unknown)" in said
    assert "no_mask_embed.weight (of shape 1×3, not 1×256)" in said
    assert "decoder.iou_token.weight (missing)" in said
    assert not (tmp_path / "a.safetensors").exists()
    names = ["extra", "prompt_encoder.no_mask", "prompts.sam.no_mask", "decoder.iou_token"]
    assert main([*line, "--allow", *names]) == 0


class Harmful:
    def __reduce__(self) -> tuple:
        return print, ("executed",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not a file of weights alone"),
        (b"not weights", "is not a file of weights alone"),
        (Harmful(), "is not a file of weights alone"),
        ({"a": "b"}, "holds more than named tensors"),
    ],
)
def test_files_that_are_no_weights_are_refused(
    content: object, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.pth"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(CheckpointError, match=rf"a\.pth {says}"):
        read_foreign(path)
    assert "executed" not in capsys.readouterr().out


def test_weights_of_an_unknown_network_are_refused() -> None:
    with pytest.raises(CheckpointError, match="of no known network"):
        origin_of({"a": torch.zeros(1)})
