"""What an image costs by its size: time should grow with the pixels, memory not at all."""

from __future__ import annotations

from ml.sppnet.benchmark.processes import Contender
from ml.sppnet.benchmark.report import table
from ml.sppnet.benchmark.setting import Setting

SIDES = (256, 512, 1024, 2048, 4096, 10_000)
QUICK = (256, 1024)


def compare(setting: Setting) -> str:
    """Markdown: seconds, by megapixel, and memory besides the picture's own."""
    rows = []
    for side in QUICK if setting.quick else SIDES:
        megapixels = side * side / 1e6
        own = (setting.checkpoint, setting.folder, setting.threads)
        with Contender("ml.sppnet.benchmark.whole", *own) as process:
            process.ask("take", side)
            before = process.memory_mb
            encoding = process.ask("encode") / 1000
            naming = process.ask("propose") / 1000
            memory = process.memory_mb
        rows.append(
            [
                f"{side:,}²",
                f"{encoding:,.1f} s",
                f"{encoding / megapixels:.2f} s",
                f"{naming:,.1f} s",
                f"{naming / megapixels:.2f} s",
                f"{megapixels * 3:,.0f} MB",
                f"{memory - before:,.0f} MB",
            ]
        )
        print(f"{side} px done", flush=True)
    heads = [
        "Image, px",
        "Encoding",
        "by megapixel",
        "Naming nuclei",
        "by megapixel",
        "Picture",
        "Memory besides",
    ]
    return table(heads, rows)
