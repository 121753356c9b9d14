"""The files of images, which images of the same content share, in whatever dataset they are."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from annotations.models import Image
from annotations.services.channels import forget_channels


def delete_unused_files(sha256: str, paths: list[str]) -> None:
    """Delete the files of a content that no image has any more. Call it after the commit."""
    with alone_with_files_of(sha256):
        if not Image.with_trash.filter(sha256=sha256).exists():
            for path in paths:
                (settings.MEDIA_ROOT / path).unlink(missing_ok=True)
            forget_channels(sha256=sha256)


@contextmanager
def alone_with_files_of(sha256: str) -> Iterator[None]:
    """Keep others from adding and removing files of this content: the row of an upload that is
    about to be committed is not to be seen yet, but its files are there."""
    folder = settings.MEDIA_ROOT / "images" / sha256[:2]
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
