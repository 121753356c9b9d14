from typing import get_args

import numpy as np
import pytest
import torch

from ml.sppnet.config import FOREGROUND, NUCLEUS, Fusion, LowLevel, ModelConfig
from ml.sppnet.decoder import Rating
from ml.sppnet.encoder import Features
from ml.sppnet.low_level import Llsie
from ml.sppnet.network import ClickNet, build
from ml.sppnet.prompts import click_disks


def test_the_encoder_ends_at_stride_16_with_skips(network: ClickNet) -> None:
    features = network.encode(torch.rand(2, 3, 128, 96))
    assert features.embedding.shape == (2, 256, 8, 6)
    assert features.skip8.shape == (2, 32, 16, 12)
    assert features.skip4.shape == (2, 32, 32, 24)


@torch.inference_mode()
def test_a_click_changes_the_clicked_mask(network: ClickNet) -> None:
    image = torch.rand(1, 3, 64, 64)
    features = network.encode(image)
    one = torch.tensor([[1]])
    here = network.decode(image, features, torch.tensor([[[20.0, 20.0]]]), one)
    there = network.decode(image, features, torch.tensor([[[44.0, 40.0]]]), one)
    assert here.logits.shape == (1, 4, 32, 32)
    assert (here.logits[:, NUCLEUS] - there.logits[:, NUCLEUS]).abs().max() > 1e-4
    assert 0 <= here.quality.min() <= here.quality.max() <= 1


def test_quality_learns_from_the_pixels_that_a_mask_covers() -> None:
    """A rating tells sure masks from vague ones, and learns without changing them."""
    torch.manual_seed(0)
    rating = Rating(channels=4, tokens=4)
    pixels = torch.randn(64, 4, 16, 16, requires_grad=True)
    sure = torch.rand(64) < 0.5
    logits = torch.where(sure, 6.0, 0.3).reshape(-1, 1, 1, 1) * torch.sign(
        torch.randn(64, 4, 16, 16)
    )
    wanted = torch.where(sure, 0.9, 0.4)
    adam = torch.optim.Adam(rating.parameters(), lr=1e-2)
    for _ in range(60):
        adam.zero_grad()
        told = rating(pixels.detach(), logits)
        ((told[:, NUCLEUS].sigmoid() - wanted) ** 2).mean().backward()
        adam.step()
    told = rating(pixels.detach(), logits)
    assert told.shape == (64, 4)
    assert not told[:, [i for i in range(4) if i != NUCLEUS]].any()
    assert (told[:, NUCLEUS].sigmoid() - wanted).abs().mean() < 0.05


def test_rating_masks_does_not_pull_at_them(network: ClickNet) -> None:
    network.zero_grad()
    image = torch.rand(1, 3, 64, 64)
    points, labels = torch.tensor([[[20.0, 20.0]]]), torch.tensor([[1]])
    torch.nn.init.ones_(network.decoder.rating.out.weight)
    network.decode(image, network.encode(image), points, labels).quality[
        :, NUCLEUS
    ].sum().backward()
    assert network.decoder.rating.hidden.weight.grad.abs().sum() > 0
    assert network.decoder.spread[0].body.weight.grad is None


@torch.inference_mode()
def test_padding_points_say_little_but_a_prior_mask_is_heard(network: ClickNet) -> None:
    image = torch.rand(1, 3, 64, 64)
    features = network.encode(image)
    points, labels = torch.tensor([[[20.0, 20.0]]]), torch.tensor([[1]])
    without = network.decode(image, features, points, labels)
    empty = network.decode(image, features, points, labels, torch.zeros(1, 1, 16, 16))
    given = network.decode(image, features, points, labels, torch.ones(1, 1, 16, 16))
    assert torch.allclose(without.logits, empty.logits, atol=1e-5)
    assert (without.logits - given.logits).abs().max() > 1e-4


@torch.inference_mode()
def test_proposals_do_not_depend_on_a_place(network: ClickNet) -> None:
    """The proposal path knows no coordinates: its decoder sees only what the encoder saw."""
    image = torch.rand(1, 3, 64, 128)
    masks = network.propose(image, network.encode(image))
    assert masks.logits[:, FOREGROUND].shape == (1, 32, 64)


def test_disks_lie_where_the_clicks_are() -> None:
    points = torch.tensor([[[10.5, 20.5], [40.5, 8.5], [0.0, 0.0]]])
    disks = click_disks(points, torch.tensor([[1, 0, -1]]), 64, 2.5)[0]
    assert np.unravel_index(int(disks[0].argmax()), (64, 64)) == (20, 10)
    assert np.unravel_index(int(disks[1].argmax()), (64, 64)) == (8, 40)
    assert disks[0, 0, 0] < 1e-6


def test_llsie_is_small_and_pools_as_far_as_asked() -> None:
    block = Llsie(3, 32)
    image = torch.rand(1, 3, 32, 48)
    assert block(image).shape == (1, 32, 32, 48)
    assert Llsie(3, 32, pool=2)(image).shape == (1, 32, 16, 24)
    # 3×3 general, depthwise, pointwise, and three batch norms.
    expected = (3 * 9 * 32 + 32) + (9 * 32 + 32) + (32 * 32 + 32) + 3 * 64
    assert sum(p.numel() for p in block.parameters()) == expected


@pytest.mark.parametrize("fusion", get_args(Fusion))
@pytest.mark.parametrize("low_level", get_args(LowLevel))
@torch.no_grad()
def test_every_variant_answers_with_one_mask_at_stride_4(low_level: str, fusion: str) -> None:
    with torch.device("meta"):
        network = build(
            ModelConfig.paper(64, low_level=low_level, fusion=fusion, low_level_side=2)
        ).eval()
        points, labels = torch.empty(2, 2, 2), torch.ones(2, 2, dtype=torch.long)
        assert network(torch.empty(2, 3, 64, 64), points, labels).shape == (2, 1, 16, 16)


@torch.inference_mode()
def test_a_concatenated_block_leaves_the_mask_of_a_trained_decoder_at_first() -> None:
    torch.manual_seed(0)
    fused = build(ModelConfig.paper(64)).eval()
    plain = build(ModelConfig.paper(64, low_level="none")).eval()
    plain.load_state_dict({k: v for k, v in fused.state_dict().items() if k in plain.state_dict()})
    inputs = torch.rand(1, 3, 64, 64), torch.rand(1, 1, 2) * 64, torch.tensor([[1]])
    assert (fused(*inputs) - plain(*inputs)).abs().max() > 1e-4
    fused.decoder.fuse.weight[:, 1:] = 0
    assert torch.allclose(fused(*inputs), plain(*inputs), atol=1e-6)


@torch.inference_mode()
def test_several_prompts_share_one_encoding() -> None:
    network = build(ModelConfig.paper(64)).eval()
    image = torch.rand(1, 3, 64, 64)
    points, labels = torch.rand(3, 1, 2) * 64, torch.ones(3, 1, dtype=torch.long)
    features = network.encode(image)
    both = Features(*(f.expand(3, *f.shape[1:]) if f.numel() else f for f in features))
    together = network.decode(image.expand(3, -1, -1, -1), both, points, labels).logits
    for index in range(3):
        alone = network(image, points[index : index + 1], labels[index : index + 1])
        assert torch.allclose(together[index], alone[0], atol=1e-5)


@torch.inference_mode()
def test_sams_encoder_fits_in() -> None:
    with torch.device("meta"):
        network = build(ModelConfig.paper(128, encoder="sam_vit_b", low_level="none"))
        assert network.encode(torch.empty(1, 3, 128, 128)).embedding.shape == (1, 256, 8, 8)


def test_what_a_network_cannot_be_is_said() -> None:
    with pytest.raises(ValueError, match="low_level is 'lsie'; it can be 'llsie', 'unet'"):
        ModelConfig.paper(low_level="lsie")
    with pytest.raises(ValueError, match="the click network has no choice of encoder"):
        ModelConfig(encoder="sam_vit_b")
