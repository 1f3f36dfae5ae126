"""Overlay keys: made, checked, hashed. A key gives play-only power over one channel."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

from channels_app.models import Channel, OverlayKey
from channels_app.queries import living_keys, opens_now

KEY_BYTES = 32


def digest(key: str) -> str:
    """HMAC-SHA256 of a key: what the database keeps."""
    return hmac.new(f"overlay-key:{settings.SECRET_KEY}".encode(), key.encode(), hashlib.sha256).hexdigest()


def new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


def overlay_url(channel: Channel, key: str) -> str:
    """The personal URL. The key is in the fragment, so it is in no request, no referrer and no access log."""
    return f"{settings.SITE_URL}/o/{channel.public_id}#k={key}"


def key_for(channel: Channel, key: str) -> OverlayKey | None:
    """The living key row for this plain key in this very channel, or None."""
    if not key or len(key) > 128:
        return None
    return living_keys(channel).filter(digest=digest(key)).first()


def lives(key_id: int | None) -> bool:
    """Whether a page that came in with this key may stay; one without a key, a member's preview, may."""
    return key_id is None or OverlayKey.objects.filter(opens_now(), pk=key_id).exists()
