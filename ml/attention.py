"""Where on an image somebody looks or has just clicked: its tiles are encoded first."""

import redis

from ml.broker import redis_client

# Nobody looks at one place for longer without a click.
SECONDS = 300


def note(image_sha256: str, x: float, y: float) -> None:
    """Remember a place in image pixels. While Redis is away nothing is remembered."""
    try:
        redis_client().set(_key(image_sha256), f"{x:.0f},{y:.0f}", ex=SECONDS)
    except redis.RedisError:
        return


def place_on(image_sha256: str) -> tuple[float, float] | None:
    """The last place in image pixels; None if nobody has looked lately."""
    try:
        found = redis_client().get(_key(image_sha256))
    except redis.RedisError:
        return None
    if not isinstance(found, str):
        return None
    x, y = found.split(",")
    return float(x), float(y)


def _key(image_sha256: str) -> str:
    return f"sppnet:attention:{image_sha256}"
