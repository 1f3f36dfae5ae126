"""How many people were answered on a day, told long after nobody knows any more who they were."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from django.conf import settings


def number_of(channel_pk: int, chatter_id: str, at: datetime) -> int | None:
    """A number for this chatter on this day (UTC), the same all day and another one tomorrow; None for nobody.

    Without the site's key it cannot be worked out from the chatter's id.
    """
    if not chatter_id:
        return None
    key = hashlib.sha256(f"audience:{settings.SECRET_KEY}".encode()).digest()
    told = f"{channel_pk}:{at.astimezone(UTC).date().isoformat()}:{chatter_id}"
    return int.from_bytes(hashlib.blake2b(told.encode(), key=key, digest_size=8).digest(), signed=True)
