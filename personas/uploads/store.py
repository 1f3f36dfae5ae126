"""Where pictures lie on disk. Names are ours: nobody can guess one, and one channel's are never another's."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from django.conf import settings
from django.utils.crypto import salted_hmac

from channels_app.models import Channel
from personas.uploads.picture import Picture

NAME = re.compile(r"[0-9a-f]{32}\.(?:png|webp)")
CONTENT_TYPES = {"png": "image/png", "webp": "image/webp"}


def name_for(channel: Channel, picture: Picture) -> str:
    """The same picture in the same channel has the same name; in another channel it has another."""
    digest = hashlib.sha256(picture.content).hexdigest()
    secret = salted_hmac("personas.picture", f"{channel.public_id} {digest}", algorithm="sha256").hexdigest()
    return f"{secret[:32]}.{picture.extension}"


def path_of(name: str) -> Path:
    """Raises ValueError for what is no name of ours."""
    if not NAME.fullmatch(name):
        raise ValueError(name)
    return Path(settings.MEDIA_ROOT) / "avatars" / name[:2] / name


def write(name: str, content: bytes) -> None:
    """Whole or not at all: a reader never sees half a picture."""
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(name: str) -> bytes | None:
    """The file's bytes; None where there is none."""
    try:
        return path_of(name).read_bytes()
    except (OSError, ValueError):
        return None


def remove(name: str) -> None:
    with contextlib.suppress(OSError):
        path_of(name).unlink(missing_ok=True)
