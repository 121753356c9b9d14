"""Steps of training, in a process of its own (see processes.py).

python -m ml.sppnet.benchmark.trainers plain|ours DATA THREADS
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path

import torch

from ml.sppnet.allocator import hold_memory
from ml.sppnet.benchmark.processes import serve
from ml.sppnet.click_task import ClickTask
from ml.sppnet.config import ModelConfig, TrainConfig
from ml.sppnet.datasets import Mixture, read_folder
from ml.sppnet.network import build
from ml.sppnet.train import Run

PLAIN, OURS = "plain", "ours"


def main(kind: str, data: str, threads: str) -> None:
    torch.set_num_threads(int(threads))
    recipe = TrainConfig()
    if kind == OURS:
        hold_memory()
    else:
        recipe = replace(recipe, bf16=False, channels_last=False)
    torch.manual_seed(0)
    network = build(ModelConfig())
    if recipe.channels_last:
        network = network.to(memory_format=torch.channels_last)
    mixture = Mixture({"images": read_folder(Path(data))}, {})
    task = ClickTask(mixture, recipe, network.config.window)
    # Batches are made beside the steps, in training as in the loop that it is compared with.
    batches = [task.batch(index) for index in range(3)]
    numbers = count()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(network, task, recipe, Path(folder))
        run.network.train()
        serve({"step": lambda: run.advance([batches[next(numbers) % 3]], 0.5)})


if __name__ == "__main__":
    main(*sys.argv[1:])
