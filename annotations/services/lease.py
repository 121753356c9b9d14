"""Who works on an image just now. A lease is a courtesy: it warns, it never keeps anyone from work.

It lives in Redis, because it is worth nothing after a minute: whoever falls silent loses it. What
people save is guarded by versions, so that nothing is lost when Redis is away or a lease runs out
under a sleeping laptop.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

import redis
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.models import Image
from ml.broker import redis_client
from ml.events import publish

LEASE_SECONDS = 45


class LeasesAway(Exception):
    """Nobody can say who works on what: Redis is away."""


@dataclass(frozen=True)
class Lease:
    """An open page of a person, and since when (ISO 8601) it has the image."""

    tab: str
    user: int
    name: str
    since: str


def current_lease(*, image: Image) -> Lease | None:
    """Return the lease in force. Raises LeasesAway."""
    try:
        return _parsed(redis_client().get(_key(image)))
    except redis.RedisError as error:
        raise LeasesAway from error


def held_by_others(*, user: Any, images: list[Image]) -> set[int]:
    """Return the ids of the images at which another person works; none if nobody can say."""
    try:
        found = redis_client().mget([_key(image) for image in images])
    except redis.RedisError:
        return set()
    leases = zip(images, map(_parsed, found), strict=True)
    return {image.pk for image, lease in leases if lease and lease.user != user.pk}


def hold_lease(*, user: Any, image: Image, tab: str, take: bool = False) -> Lease:
    """Get or renew the lease of an image unless another page has it; return the one in force.

    `take` gets it from another page of the same person too. Raises LeasesAway.
    """
    wanted = Lease(tab, user.pk, user.get_username(), timezone.now().isoformat())

    def decide(present: Lease | None) -> Lease:
        if present is None or (take and present.user == user.pk and present.tab != tab):
            return wanted
        return present

    return _replace(image, decide, user, tab)


def release_lease(*, user: Any, image: Image, tab: str) -> None:
    """Give the lease back if this page has it. Raises LeasesAway."""

    def decide(present: Lease | None) -> Lease | None:
        return None if present and _has(present, user, tab) else present

    _replace(image, decide, user, tab)


def ask_for_lease(*, user: Any, image: Image) -> None:
    """Tell whoever has the image that `user` would like to have it."""
    name = _("Somebody") if image.dataset.blind else user.get_username()
    publish(image.topic, "lease_wanted", {"name": name})


def _has(lease: Lease, user: Any, tab: str) -> bool:
    """Everybody learns the holder's page, so its name alone proves nothing."""
    return lease.tab == tab and lease.user == user.pk


def _replace(image: Image, decide: Any, user: Any, tab: str) -> Any:
    """Put what `decide` makes of the lease in force in its place, with nobody in between.

    Only the page that holds a lease prolongs it.
    """
    key = _key(image)

    def step(pipe: Any) -> tuple[Lease | None, Lease | None]:
        before = _parsed(pipe.get(key))
        after = decide(before)
        pipe.multi()
        if after is None:
            pipe.delete(key)
        elif _has(after, user, tab):
            pipe.set(key, json.dumps(asdict(after)), ex=LEASE_SECONDS)
        return before, after

    try:
        # Its types say that the step returns nothing.
        transaction: Any = redis_client().transaction
        before, after = transaction(step, key, value_from_callable=True)
    except redis.RedisError as error:
        raise LeasesAway from error
    if before != after:
        publish(image.topic, "lease", {"tab": after and after.tab})
    return after


def _key(image: Image) -> str:
    return f"lease:{image.pk}"


def _parsed(raw: Any) -> Lease | None:
    return Lease(**json.loads(raw)) if raw else None
