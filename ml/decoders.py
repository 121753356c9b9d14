"""Decoders that browsers run: one ONNX file per checkpoint, below DATA_DIR/decoders."""

from pathlib import Path

import redis
from django.conf import settings

from ml.broker import redis_client

# Longer than an export takes; a lost request is made again after it.
ASK_AGAIN_SECONDS = 60


def path_of(checkpoint_sha256: str) -> Path:
    """Where the decoder is, or will be."""
    return Path(settings.DATA_DIR) / "decoders" / f"{checkpoint_sha256}.onnx"


def may_ask(checkpoint_sha256: str) -> bool:
    """True for one caller a minute, however many browsers wait. False while Redis is away."""
    key = f"sppnet:decoder:{checkpoint_sha256}"
    try:
        return bool(redis_client().set(key, "asked", nx=True, ex=ASK_AGAIN_SECONDS))
    except redis.RedisError:
        return False
