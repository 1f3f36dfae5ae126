"""The panic URL: one address that silences her, for a Stream Deck or a phone. A key gives that power and no other.

The key carries our signature, so that it is known as ours without the database: silence must not wait for one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections, transaction
from django.utils import timezone

from channels_app import actions, push
from channels_app.models import Channel, PanicKey, User

log = logging.getLogger(__name__)

SECRET_BYTES = 24
SIGNATURE = 22
"""Characters of the signature at the end of a key."""
DATABASE_SECONDS = 0.2
"""How long silence waits for the database's word that the key was not revoked."""
RETRY_SECONDS = 0.5
BURST, PER_SECOND = 10.0, 1.0
"""Uses of one URL at once, and afterwards: she has been silent since the first."""
MOST_WATCHED = 1000

AWAY = (TimeoutError, DatabaseError, InterfaceError)
"""How a database shows that it does not answer."""

T = TypeVar("T")
_asking = ThreadPoolExecutor(max_workers=4, thread_name_prefix="panic")
_owed: set[str] = set()
"""Keys whose latch waits for the database."""
_uses: OrderedDict[str, tuple[float, float]] = OrderedDict()


class UnknownKeyError(Exception):
    """No living panic URL has this key."""


class TooOftenError(Exception):
    """The URL was used again and again; she is silent already."""


@transaction.atomic
def new_panic_url(channel: Channel, *, acting_user: User | None) -> str:
    """A fresh URL, returned this once. The one before it stops working at once."""
    _revoke(channel)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    key = secret + _signature(channel.public_id, secret)
    row = PanicKey.objects.create(channel=channel, digest=_digest(key), hint=key[-4:])
    actions.record(channel, acting_user, "panic_url.made", hint=row.hint)
    return f"{settings.SITE_URL}/panic/{channel.public_id}/{key}"


@transaction.atomic
def revoke_panic_url(channel: Channel, *, acting_user: User | None) -> bool:
    """Closes the URL at once. False when there was none."""
    if not _revoke(channel):
        return False
    actions.record(channel, acting_user, "panic_url.revoked")
    return True


def living_key(channel: Channel) -> PanicKey | None:
    return PanicKey.objects.filter(channel=channel, revoked_at__isnull=True).first()


def opens(public_id: str, key: str) -> Channel | None:
    """The channel this key silences, or None. Without the database: on the signature's word, and without a name."""
    if not is_ours(public_id, key):
        return None
    try:
        row = _asking.submit(_in_thread, _living, public_id, key).result(timeout=DATABASE_SECONDS)
    except AWAY:
        return Channel(public_id=public_id)
    return row.channel if row else None


def is_ours(public_id: str, key: str) -> bool:
    """Whether this site once made the key for this channel. Asks nobody."""
    secret, signature = key[:-SIGNATURE], key[-SIGNATURE:]
    return bool(secret) and hmac.compare_digest(signature.encode(), _signature(public_id, secret).encode())


def silence(public_id: str, key: str) -> bool:
    """Silences her, and latches it. Raises UnknownKeyError or TooOftenError.

    False when the database did not answer in time: she is silent on the signature's word, and the latch follows when
    the database is back, unless the key turns out to be revoked.
    """
    if not is_ours(public_id, key):
        raise UnknownKeyError
    _count_use(key)
    asked = _asking.submit(_in_thread, _living, public_id, key)
    try:
        row = asked.result(timeout=DATABASE_SECONDS)
    except AWAY as error:
        log.error("a panic URL was used without the database (%s): silence, and no latch yet", type(error).__name__)
        channel = Channel(public_id=public_id)
        push.panic_frame_now(channel)
        push.inbox_now(channel, {"t": "command", "name": "panic"})
        if key not in _owed:
            _owed.add(key)
            _asking.submit(_latch_later, public_id, key)
        return False
    if row is None:
        raise UnknownKeyError
    _panic(row)
    return True


def _panic(row: PanicKey) -> None:
    actions.panic(row.channel, acting_user=None, by=f"panic URL …{row.hint}")
    PanicKey.objects.filter(pk=row.pk).update(used_at=timezone.now())


def _latch_later(public_id: str, key: str) -> None:
    """Waits for the database, for as long as this process lives."""
    try:
        while True:
            try:
                if row := _in_thread(_living, public_id, key):
                    _panic(row)
                break
            except AWAY:
                time.sleep(RETRY_SECONDS)
            finally:
                connections.close_all()
    finally:
        _owed.discard(key)


def _in_thread(work: Callable[[str, str], T], public_id: str, key: str) -> T:
    """In a thread of its own, with a connection of its own, which nobody else would close."""
    try:
        return work(public_id, key)
    finally:
        connections.close_all()


def _living(public_id: str, key: str) -> PanicKey | None:
    living = PanicKey.objects.filter(digest=_digest(key), revoked_at__isnull=True, channel__public_id=public_id)
    return living.select_related("channel").first()


def _revoke(channel: Channel) -> int:
    return PanicKey.objects.filter(channel=channel, revoked_at__isnull=True).update(revoked_at=timezone.now())


def _count_use(key: str) -> None:
    name, now = _digest(key), time.monotonic()
    left, at = _uses.pop(name, (BURST, now))
    left = min(BURST, left + (now - at) * PER_SECOND) - 1
    _uses[name] = (max(left, -1.0), now)
    while len(_uses) > MOST_WATCHED:
        _uses.popitem(last=False)
    if left < 0:
        raise TooOftenError


def _signature(public_id: str, secret: str) -> str:
    made = hmac.new(f"panic-signature:{settings.SECRET_KEY}".encode(), f"{public_id}:{secret}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made.digest()).decode()[:SIGNATURE]


def _digest(key: str) -> str:
    """What the database keeps."""
    return hmac.new(f"panic-key:{settings.SECRET_KEY}".encode(), key.encode(), hashlib.sha256).hexdigest()
