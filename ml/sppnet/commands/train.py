"""Train a network on annotated images; started again with the same folder, it goes on."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar, get_args

import numpy as np

from ml.sppnet.click_training import train_clicks
from ml.sppnet.commands import words
from ml.sppnet.commands.cost import add_choices
from ml.sppnet.config import ImageTrainConfig, ModelConfig, Recipe, Sampling, TrainConfig
from ml.sppnet.datasets import names_in, read_folder, read_split, split_folder
from ml.sppnet.image_training import train_images
from ml.sppnet.split import read_image_split, split_names, write_split
from ml.sppnet.study import RIVAL_NAMES
from ml.sppnet.team import Team
from ml.sppnet.train import Budget, Run

MINUTES = 60.0
EPOCHS = 200.0

AnyRecipe = TypeVar("AnyRecipe", bound=Recipe)


def add(commands: Any) -> None:
    train = commands.add_parser("train", help="train a network; resumes by itself")
    train.add_argument("--data", type=Path, required=True, help=words.DATA)
    train.add_argument(
        "--split",
        type=Path,
        help="JSON: {set: {folder, train, val, weight}} for click, {train, val, test} for others",
    )
    train.add_argument("--init", type=Path, help="checkpoint to start from (default: random)")
    train.add_argument("--out", type=Path, required=True, help="folder of the run")
    train.add_argument(
        "--minutes", type=float, help=f"training time in all; click: {MINUTES:g}, others: no limit"
    )
    train.add_argument("--epochs", type=float, help=f"in all; others than click: {EPOCHS:g}")
    train.add_argument("--score-minutes", type=float, default=20, help="click: between validations")
    train.add_argument(
        "--previews", type=int, default=0, help="click: held-out images drawn at each validation"
    )
    train.add_argument("--model", choices=("click", "paper", *RIVAL_NAMES), default="click")
    _add_recipe(train)
    variants = train.add_argument_group("of the paper's network")
    variants.add_argument("--side", type=int, default=1024, help="of the image, px; also rivals")
    add_choices(variants)
    variants.add_argument("--sampling", choices=get_args(Sampling))
    variants.add_argument("--sigma", type=float, help="of the clicks' Gaussian, px")
    variants.add_argument("--clicks-per-image", type=int)
    variants.add_argument("--frozen-encoder", action="store_true", default=None)
    train.set_defaults(run=run)


def _add_recipe(train: argparse.ArgumentParser) -> None:
    """Flags named as the recipe's fields; what is not given stays as the recipe has it."""
    recipe = train.add_argument_group("recipe")
    recipe.add_argument("--seed", type=int, default=0)
    recipe.add_argument(
        "--learning-rate",
        type=float,
        help=f"peak; click: {TrainConfig.learning_rate}, others: {ImageTrainConfig.learning_rate}",
    )
    recipe.add_argument("--optimiser", choices=("adam", "adamw"))
    recipe.add_argument("--weight-decay", type=float)
    recipe.add_argument("--warmup-steps", type=int)
    recipe.add_argument("--cosine", action=argparse.BooleanOptionalAction)
    recipe.add_argument("--ema-decay", type=float, help="0: none")
    recipe.add_argument("--bf16", action=argparse.BooleanOptionalAction)
    recipe.add_argument("--channels-last", action=argparse.BooleanOptionalAction)
    recipe.add_argument("--accumulate", type=int, help="batches a step")
    recipe.add_argument("--patience", type=int, help="validations without a better one; 0: all")
    recipe.add_argument(
        "--anchor", type=float, help="share of --init's weights in those that are kept; 0: none"
    )
    recipe.add_argument(
        "--frozen-norms",
        action="store_true",
        default=None,
        help="click: batch norms keep --init's statistics",
    )
    recipe.add_argument("--clicks-per-crop", type=int, help="click: prompts on each crop")
    recipe.add_argument(
        "--crowded", type=float, help="click: how much more often a touching nucleus is clicked"
    )
    recipe.add_argument(
        "--between", type=float, help="click: how much more pixels of and between neighbours weigh"
    )
    recipe.add_argument(
        "--scale-range",
        type=float,
        nargs=2,
        metavar=("LEAST", "MOST"),
        help="click: by how much crops are shrunk or enlarged",
    )
    recipe.add_argument("--batch", type=int, help="images; others than click")
    recipe.add_argument("--augment", type=float, help="probability; others than click")
    recipe.add_argument("--crop", type=int, help="px; others than click: 0 for whole images")


def run(arguments: argparse.Namespace) -> None:
    if arguments.model == "click":
        _train_clicks(arguments)
    else:
        _train_images(arguments)


def recipe_of(recipe: AnyRecipe, arguments: argparse.Namespace) -> AnyRecipe:
    """The recipe with what the command line says of it."""
    given = {f.name: getattr(arguments, f.name, None) for f in fields(recipe)}
    return replace(recipe, **{name: value for name, value in given.items() if value is not None})


def _train_images(arguments: argparse.Namespace) -> None:
    if arguments.model == "paper":
        config = ModelConfig.paper(
            arguments.side,
            low_level=arguments.low_level,
            fusion=arguments.fusion,
            encoder=arguments.encoder,
        )
    else:
        config = ModelConfig.of_rival(arguments.model, arguments.side)
    team = Team.join()
    path = arguments.out / "split.json"
    if arguments.split:
        split = read_image_split(arguments.split)
    elif path.exists():
        split = read_image_split(path)
    else:
        split = split_names(names_in(arguments.data), arguments.seed)
    if team.leads:
        write_split(split, path)
        print(f"{len(split.train)} images to train on, {len(split.val)} to choose by: {path}")
    training = train_images(
        config,
        recipe_of(ImageTrainConfig(), arguments),
        read_folder(arguments.data, split.train),
        read_folder(arguments.data, split.val),
        arguments.out,
        Budget(arguments.minutes, EPOCHS if arguments.epochs is None else arguments.epochs),
        arguments.init,
        team,
    )
    _report(training, arguments.out)


def _train_clicks(arguments: argparse.Namespace) -> None:
    if arguments.split:
        parts = read_split(arguments.data, arguments.split)
    else:
        parts = split_folder(arguments.data, np.random.default_rng(arguments.seed))
    for name, part in parts.items():
        print(f"{name}: {len(part.train)} images to train on, {len(part.val)} held out")
    minutes = arguments.minutes
    if minutes is None and arguments.epochs is None:
        minutes = MINUTES
    training = train_clicks(
        parts,
        recipe_of(TrainConfig(), arguments),
        arguments.out,
        Budget(minutes, arguments.epochs),
        arguments.init,
        arguments.score_minutes,
        arguments.previews,
        Team.join(),
    )
    _report(training, arguments.out)


def _report(training: Run, folder: Path) -> None:
    if training.team.leads:
        print(f"best: {training.progress.best:.4f}, in {folder / 'best.safetensors'}")
