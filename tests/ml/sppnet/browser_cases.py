"""What the server does around its network, as cases that the browser's decoder is held to.

`python -m tests.ml.sppnet.browser_cases` writes them again, after a change of predict.py or
tiles.py that the browser has to follow. Inputs are formulas, so that the file stays small; the
same ones are in frontend/tests/inference/server_answers.test.js.
"""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml import rle
from ml.sppnet.answers import clicked_part, on_image
from ml.sppnet.config import ModelConfig
from ml.sppnet.levels import stretch
from ml.sppnet.predict import Click, Predictor, _prior_of
from ml.sppnet.tiles import Tile, cut, nearest_tile, tiles_of

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "frontend" / "tests" / "inference" / "server_answers.json"
TILES = [Tile(0, 0, 224), Tile(0, 0, 448), Tile(384, 192, 448)]
ENLARGED = [0.5, 2.0, 3.0, 4.0]
PRIOR_WINDOW, MASK_WINDOW = Tile(32, 64, 160), Tile(0, 0, 160)


def without_network() -> Predictor:
    """A predictor that can do everything but decode."""
    predictor = Predictor.__new__(Predictor)
    predictor.config = ModelConfig()
    return predictor


def foreground(kind: int, size: int) -> NDArray[np.uint8]:
    """A map of size×size in [0, 255]: blocks with noise, or noise alone."""
    j, i = np.mgrid[:size, :size]
    blocks = (i // 8 + j // 8) % 2 * 200 if kind == 0 else 0
    return (blocks + (i * 37 + j * 91 + i * j * 3) % 50).astype(np.uint8)


def logits(kind: int) -> NDArray[np.float32]:
    """80×80: rings (with holes), patches, or scattered pixels."""
    j, i = np.mgrid[:80, :80]
    if kind == 0:
        away = (i - 37) ** 2 + (j - 42) ** 2
        return np.where((away // 150) % 2 == 0, 5.0, -3.0).astype(np.float32)
    if kind == 1:
        return ((i // 11 * 5 + j // 9 * 3) % 8 - 3.5).astype(np.float32)
    return ((i * i * 3 + j * j * 5 + i * j * 7) % 64 - 44.5).astype(np.float32)


def cases() -> dict[str, Any]:
    return {
        "tiles": [
            *map(_tile, [(100, 80), (500, 300), (1000, 1000), (2000, 700)]),
            *(_tile((500, 300), scale) for scale in ENLARGED),
        ],
        "windows": [_window(t, x) for t in TILES for x in (0, 71.5, 88, 104, 137.2, 223.9)],
        "mirrors": [_mirror(w, t) for w in (100, 130, 300, 448) for t in TILES[:2]],
        "levels": [_levels(*pair) for pair in ((0, 255), (3, 41), (17, 230), (200, 212))],
        "backgrounds": [_background(k, t) for k in (0, 1) for t in TILES],
        "priors": [_prior(x, y) for x, y in ((10, 20), (150, 30), (400, 400))],
        "masks": [_mask(kind, size) for kind in range(3) for size in ((160, 160), (131, 97))],
        "enlarged": {
            "pixels": [
                _pixels(scale, n, x) for scale in ENLARGED for n in (131, 300) for x in (0, 57)
            ],
            "priors": [_prior(150, 130, Tile(33, 65, 160, scale)) for scale in ENLARGED],
            "masks": [
                _mask(kind, (431, 397), Tile(x, 64, 160, scale))
                for kind in (0, 1)
                for scale in ENLARGED
                for x in (0, 49)
            ],
        },
    }


def _tile(size: tuple[int, int], scale: float = 1.0) -> dict[str, Any]:
    width, height = size
    tiles = tiles_of(width, height, 448, 64, scale)
    points = [(width * k / 16, height * (k * 5 % 16) / 16) for k in range(16)]
    chosen = [tiles.index(nearest_tile(tiles, x, y)) for x, y in points]
    return {"tiles": [t.__dict__ for t in tiles], "points": points, "chosen": chosen}


def _clicks(tile: Tile, x: float) -> list[Click]:
    return [(tile.x + x, tile.y + x / 2, True), (tile.x + x + 17, tile.y + x / 2 + 8, True)]


def _window(tile: Tile, x: float) -> dict[str, Any]:
    left, top = without_network()._window(tile, _clicks(tile, x))
    return {"tile": tile.__dict__, "clicks": _clicks(tile, x), "left": left, "top": top}


def _mirror(width: int, tile: Tile) -> dict[str, Any]:
    columns = np.broadcast_to(np.arange(width, dtype=np.uint16)[None, :, None], (width, width, 3))
    shown = cut(columns, tile)[0, tile.side - 160 :, 0]
    return {"width": width, "side": tile.side, "left": tile.side - 160, "columns": shown.tolist()}


def _levels(black: int, white: int) -> dict[str, Any]:
    shown = stretch(np.arange(256, dtype=np.uint8), (black, white))
    return {"levels": [black, white], "shown": shown.tolist()}


def _background(kind: int, tile: Tile) -> dict[str, Any]:
    predictor, clicks = without_network(), _clicks(tile, 90)
    left, top = predictor._window(tile, clicks)
    encoding = {"maps": foreground(kind, tile.side // 2)[None]}
    x, y, _ = predictor._background(encoding, left, top, tile.x + left, tile.y + top, clicks)
    return {"kind": kind, "tile": tile.__dict__, "clicks": clicks, "x": x, "y": y}


def _pixels(scale: float, length: int, start: int) -> dict[str, Any]:
    """One row of an image, enlarged, as a tile that begins at `start` shows it."""
    values = (np.arange(length) * 37 + np.arange(length) ** 2 // 5) % 256
    image = np.broadcast_to(values.astype(np.uint8)[None, :, None], (length, length, 3))
    shown = cut(image, Tile(start, 0, 224, scale))[0, 32:192, 0]
    return {"scale": scale, "length": length, "start": start, "left": 32, "shown": shown.tolist()}


def _prior(x: int, y: int, window: Tile = PRIOR_WINDOW) -> dict[str, Any]:
    whole = np.zeros((450, 450), bool)
    cv2.ellipse(whole.view(np.uint8), (x, y), (23, 14), 30, 0, 360, 1, -1)
    bbox, counts = rle.encode(whole)
    logits = _prior_of(whole, window)[0, 0]
    filled = {int(k): round(float(logits.flat[k]), 4) for k in np.flatnonzero(logits + 4)}
    return {"bbox": bbox, "counts": counts, "window": window.__dict__, "logits": filled}


def _mask(kind: int, size: tuple[int, int], window: Tile = MASK_WINDOW) -> dict[str, Any]:
    width, height = size
    x, y, mask = on_image(logits(kind), window)
    clicks = [
        ((window.x + i) / window.scale, (window.y + j) / window.scale, positive)
        for i, j, positive in ((74.5, 84.9, True), (30.0, 12.0, False), (95.2, 61.0, True))
    ]
    inside = [(cx - x, cy - y, positive) for cx, cy, positive in clicks]
    mask = clicked_part(mask[: height - y, : width - x], inside)
    (left, top, *extent), counts = rle.encode(mask)
    return {
        "kind": kind,
        "size": size,
        "window": window.__dict__,
        "clicks": clicks,
        "bbox": [left + x, top + y, *extent],
        "counts": counts,
    }


def text() -> str:
    return json.dumps(cases(), separators=(",", ":")) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
