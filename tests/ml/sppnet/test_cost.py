"""The paper's table 2 and 3, columns Params and FLOPs."""

import warnings

import pytest
import torch

from ml.sppnet.__main__ import main
from ml.sppnet.config import ModelConfig
from ml.sppnet.cost import Cost, cost_by_part, image_and_points
from ml.sppnet.network import build

with warnings.catch_warnings():
    # It asks for versions in a way that Python gives up.
    warnings.simplefilter("ignore")
    from thop import profile


def total(**choices: str) -> Cost:
    with torch.device("meta"):
        network = build(ModelConfig.paper(**choices))
    return cost_by_part(network, image_and_points(1024))["total"]


@pytest.mark.parametrize(
    ("choices", "params", "flops"),
    [
        ({}, 9.79, 39.90),
        ({"fusion": "add"}, 9.79, 39.90),
        ({"low_level": "unet"}, 9.80, 40.41),
        ({"low_level": "stem"}, 9.81, 41.02),
        ({"low_level": "none"}, 9.78, 39.73),
    ],
)
def test_the_published_figures_come_out(
    choices: dict[str, str], params: float, flops: float
) -> None:
    cost = total(**choices)
    assert cost.paper_params / 1e6 == pytest.approx(params, abs=0.02)
    assert cost.paper_flops / 1e9 == pytest.approx(flops, abs=0.02)
    # In full: every parameter, and two operations for each multiplication.
    assert cost.params > cost.paper_params
    assert cost.flops > 2 * cost.paper_flops


def test_sams_size_is_the_published_one() -> None:
    cost = total(encoder="sam_vit_h", low_level="none")
    assert cost.params / 1e6 == pytest.approx(641.1, abs=0.2)
    assert cost.paper_params / 1e6 == pytest.approx(635.93, rel=1e-3)
    assert cost.paper_flops / 1e9 == pytest.approx(2736.63, rel=0.002)


def test_it_counts_what_thop_counts() -> None:
    network = build(ModelConfig.paper(64)).eval()
    inputs = torch.rand(1, 3, 64, 64), torch.rand(1, 2, 2), torch.ones(1, 2).long()
    ours = cost_by_part(network, image_and_points(64))["total"]
    operations, parameters = profile(network, inputs, verbose=False)
    assert ours.paper_params == pytest.approx(parameters, rel=1e-3)
    assert ours.paper_flops == pytest.approx(operations, rel=1e-3)


def test_the_parts_add_up_to_the_whole() -> None:
    with torch.device("meta"):
        costs = cost_by_part(build(ModelConfig.paper(256)), image_and_points(256))
    whole = costs.pop("total")
    assert costs.keys() == {"encoder", "prompts", "low_level", "decoder"}
    for what in ("params", "paper_params", "paper_flops"):
        assert sum(getattr(cost, what) for cost in costs.values()) == getattr(whole, what)
    assert whole.flops - sum(cost.flops for cost in costs.values()) < 0.001 * whole.flops


def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--side", "256", "--low-level", "stem"]) == 0
    assert "| low_level |" in capsys.readouterr().out
