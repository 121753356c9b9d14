import numpy as np
import torch

from ml.sppnet.config import FOREGROUND, NUCLEUS, ModelConfig
from ml.sppnet.low_level import Llsie
from ml.sppnet.network import ClickNet, PaperNet, build
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


def test_llsie_halves_the_grid_and_is_small() -> None:
    block = Llsie(3, 32)
    assert block(torch.rand(1, 3, 32, 48)).shape == (1, 32, 16, 24)
    # 3×3 general, depthwise, pointwise, and three batch norms.
    expected = (3 * 9 * 32 + 32) + (9 * 32 + 32) + (32 * 32 + 32) + 3 * 64
    assert sum(p.numel() for p in block.parameters()) == expected


@torch.inference_mode()
def test_the_paper_network_answers_with_masks_at_stride_4() -> None:
    torch.manual_seed(0)
    network = build(ModelConfig(kind="paper", tile=256, window=256, low_level_dim=32)).eval()
    assert isinstance(network, PaperNet)
    image = torch.rand(1, 3, 256, 256)
    points = torch.tensor([[[100.0, 90.0], [3.0, 5.0]]])
    masks = network.decode(image, network.encode(image), points, torch.tensor([[1, 0]]))
    assert masks.logits.shape == (1, 4, 64, 64)


def test_the_published_encoder_has_the_published_size() -> None:
    parameters = sum(p.numel() for p in build(ModelConfig.paper()).parameters())
    assert 9.7e6 < parameters < 9.9e6
