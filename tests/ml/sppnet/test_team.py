"""Two processes learn as one that sees all their images."""

import os
import subprocess
import sys
from pathlib import Path

import torch

from ml.sppnet.config import ImageTrainConfig, ModelConfig
from ml.sppnet.image_task import ImageTask
from ml.sppnet.network import build
from ml.sppnet.team import Team
from tests.ml.sppnet.conftest import disks

CONFIG = ImageTrainConfig(batch=4, bf16=False, augment=0.0)
SIDE = 64


def gradients(team: Team) -> dict[str, torch.Tensor]:
    """Of the first batch, and what the batch norms have counted."""
    torch.manual_seed(team.rank)  # everybody starts elsewhere; the leader's weights count
    network = team.align(build(ModelConfig.paper(SIDE))).train()
    samples = [disks(96, seed, 6) for seed in range(4)]
    task = ImageTask(samples, CONFIG, SIDE, team=team)
    loss, _ = task.loss(network, task.batch(0), 0)
    loss.backward()
    team.average_gradients(network.parameters())
    found = {k: p.grad for k, p in network.named_parameters() if p.grad is not None}
    return found | {k: b for k, b in network.named_buffers() if k.endswith("running_var")}


def test_two_processes_have_the_gradients_of_one(tmp_path: Path) -> None:
    alone = gradients(Team())
    root = Path(__file__).parents[3]
    subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "torch.distributed.run", "--standalone"),
            *("--nproc-per-node", "2", "-m", __spec__.name, str(tmp_path)),
        ],
        cwd=root,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)},
        check=True,
        timeout=200,
    )
    for rank in (0, 1):
        together = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        for name, gradient in alone.items():
            scale = gradient.abs().max().clamp(min=1e-6)
            assert (together[name] - gradient).abs().max() < 1e-3 * scale, name


if __name__ == "__main__":
    joined = Team.join()
    torch.save(gradients(joined), Path(sys.argv[1]) / f"{joined.rank}.pt")
    torch.distributed.destroy_process_group()
