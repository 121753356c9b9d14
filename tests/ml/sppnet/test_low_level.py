"""The blocks beside the encoder, against their formulas (paper, section 2.2, figure 2)."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ml.sppnet.config import ModelConfig
from ml.sppnet.decoder import PaperDecoder
from ml.sppnet.low_level import Llsie, convolutions, low_level_block
from tests.ml.sppnet.authors import shake


def normed(x: Tensor, norm: nn.Module) -> Tensor:
    mean, var, weight, bias = (
        t.reshape(1, -1, 1, 1)
        for t in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return (x - mean) / (var + norm.eps).sqrt() * weight + bias


@torch.inference_mode()
def test_llsie_is_a_general_a_depthwise_and_a_pointwise_convolution() -> None:
    torch.manual_seed(0)
    block = Llsie(3, 8)
    shake(block)
    image = torch.rand(2, 3, 20, 24)
    (head, _, norm1), (deep, _, norm2), (point, _, norm3) = (
        list(part) for part in (block.head, block.depthwise, block.pointwise)
    )
    wide = normed(F.relu(F.conv2d(image, head.weight, head.bias, padding=1)), norm1)
    # Each channel by itself; then the residual; then channels together at each pixel.
    apart = torch.cat(
        [
            F.conv2d(wide[:, c : c + 1], deep.weight[c : c + 1], deep.bias[c : c + 1], padding=1)
            for c in range(8)
        ],
        dim=1,
    )
    joined = wide + normed(F.relu(apart), norm2)
    mixed = torch.einsum("bchw,oc->bohw", joined, point.weight[..., 0, 0])
    expected = normed(F.relu(mixed + point.bias.reshape(1, -1, 1, 1)), norm3)
    assert torch.allclose(block(image), expected, atol=1e-5)


@pytest.mark.parametrize(("name", "count"), [("unet", 2), ("stem", 3)])
@torch.inference_mode()
def test_the_other_blocks_are_general_convolutions(name: str, count: int) -> None:
    torch.manual_seed(0)
    block = low_level_block(name, 3, 8, pool=2)
    shake(block)
    x = image = torch.rand(1, 3, 16, 16)
    layers = [m for m in block if isinstance(m, (nn.Conv2d, nn.BatchNorm2d))]
    assert len(layers) == 2 * count
    for conv, norm in zip(layers[::2], layers[1::2], strict=True):
        x = F.relu(normed(F.conv2d(x, conv.weight, conv.bias, padding=1), norm))
    assert torch.allclose(block(image), F.max_pool2d(x, 2), atol=1e-5)


def test_no_block_is_none_and_pooling_is_by_maximum() -> None:
    assert low_level_block("none", 3, 8) is None
    assert isinstance(convolutions(3, 8, 2, pool=2)[-1], nn.MaxPool2d)


@torch.inference_mode()
def test_the_block_is_joined_to_the_mask_or_to_what_the_mask_is_formed_of() -> None:
    torch.manual_seed(0)
    inputs = torch.rand(1, 256, 4, 4), torch.rand(1, 256, 4, 4), torch.rand(1, 2, 256)
    embedding, positions, prompts = inputs
    low, nothing = torch.rand(1, 32, 16, 16), torch.zeros(1, 256, 4, 4)
    joining = PaperDecoder(ModelConfig.paper()).eval()
    mask = joining(embedding, None, positions, prompts, nothing).logits
    weights = torch.rand(33)
    joining.fuse.weight.copy_(weights.reshape(1, 33, 1, 1))
    found = joining(embedding, low, positions, prompts, nothing).logits
    expected = weights[0] * mask[:, 0] + torch.einsum("bchw,c->bhw", low, weights[1:])
    assert torch.allclose(found[:, 0], expected, atol=1e-4)

    adding = PaperDecoder(ModelConfig.paper(fusion="add")).eval()
    adding.load_state_dict({k: v for k, v in joining.state_dict().items() if k != "fuse.weight"})
    _, tokens, image = adding.attend(embedding, positions, prompts)
    pixels = adding.output_upscaling(image) + low
    weight = adding.output_hypernetworks_mlps[0](tokens[:, 0])
    expected = torch.einsum("bc,bchw->bhw", weight, pixels)
    found = adding(embedding, low, positions, prompts, nothing).logits
    assert torch.allclose(found[:, 0], expected, atol=1e-4)
