"""Erasure: what a chatter wants forgotten, and what moderators or Twitch take away, is gone from every row it reached.

Whoever erases takes the channel's summary row first, as whoever learns does: nothing is written back from old reading.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from channels_app import paid, push
from channels_app.models import (
    AuditEvent,
    Channel,
    MemoryFact,
    MemoryOptOut,
    PaidEvent,
    SafetyCase,
    StreamSummary,
    Turn,
)
from channels_app.retention import CHAT_LIFE, KEPT

log = logging.getLogger(__name__)

REASON = "the chatter asked to be forgotten"
TAKEN_BACK = "the broadcaster took the permission back"
SCRUB_MS = 200
"""So long those who read are waited for when SQLite's journal is emptied."""
REREAD = timedelta(hours=1)
"""So much of what is left is read again when a summary is made anew."""
SHORTEST_NAME = 3
"""Characters of a name by which what she said to others is looked through."""
SHORTEST_SPOKEN = 5
"""Letters of what is left of a name when it is spoken."""
FORGOTTEN: dict[str, Any] = {
    "asked": "",
    "said": "",
    "heard": "",
    "evidence": "",
    "judged": "",
    "chatter_id": "",
    "chatter_name": "",
    "answered": "",
    "event_id": "",
    "person": None,
    "taken_back": True,
    "forgotten": True,
}
"""A turn without any word or name of who wants to be forgotten."""


def digest(channel: Channel, some_id: str) -> str:
    """Stands for an id of a chatter or a message where the id itself must not stay."""
    key = hashlib.sha256(f"forgetting:{settings.SECRET_KEY}".encode()).digest()
    return hashlib.blake2b(f"{channel.pk}:{some_id}".encode(), key=key, digest_size=16).hexdigest()


def lock(channel: Channel) -> StreamSummary:
    """The channel's summary, locked until the transaction ends."""
    StreamSummary.objects.get_or_create(channel_id=channel.pk)
    return StreamSummary.objects.select_for_update().get(channel_id=channel.pk)


@transaction.atomic
def forget_chatter(channel: Channel, chatter_id: str, *names: str) -> None:
    """Everything of this chatter: facts with their vectors, texts and names of turns and of what was paid, reported
    lines; the summary is made anew from what is left. What she said to others is gone too where it names the chatter,
    by one of `names` or one a turn has. Repeatable."""
    summary = lock(channel)
    turns = Turn.objects.filter(channel_id=channel.pk)
    own = turns.filter(Q(answered__contains=Turn.barred(chatter_id)) | Q(chatter_id=chatter_id))
    all_names = {*names, *own.filter(chatter_id=chatter_id).values_list("chatter_name", flat=True)}
    cases = SafetyCase.objects.filter(channel_id=channel.pk)
    cases.filter(Q(turn__in=own) | Q(whose__contains=Turn.barred(digest(channel, chatter_id)))).delete()
    own.update(**FORGOTTEN)
    if pattern := _naming(all_names):
        turns.filter(Q(said__iregex=pattern) | Q(heard__iregex=pattern)).update(said="", heard="")
    MemoryFact.objects.filter(channel_id=channel.pk, chatter_id=chatter_id).delete()
    _make_anew(summary, chatter_id)
    _strip_paid(channel, chatter_id)
    AuditEvent.objects.create(channel_id=channel.pk, actor=None, action="memory.chatter_forgotten")
    transaction.on_commit(scrub, robust=True)


def forget_learned(channel: Channel, *, event_id: str = "", chatter_id: str = "") -> None:
    """What was learned from a message, or from all of a chatter; with neither, from all chat there still is. Call it in
    a transaction."""
    summary = lock(channel)
    facts = MemoryFact.objects.filter(channel_id=channel.pk)
    if event_id:
        facts = facts.filter(source_id=event_id)
    elif chatter_id:
        facts = facts.filter(chatter_id=chatter_id)
    else:
        facts = facts.exclude(source_id="").filter(learned_at__gt=timezone.now() - CHAT_LIFE - timedelta(hours=1))
    removed, _by_model = facts.delete()
    if _make_anew(summary, event_id or chatter_id) or removed:
        transaction.on_commit(lambda: _tell(channel), robust=True)


@transaction.atomic
def forget_all_chat(channel: Channel) -> None:
    """All that came from chat: the broadcaster took our permission back. What members wrote themselves stays."""
    summary = lock(channel)
    MemoryFact.objects.filter(Q(channel_id=channel.pk) & (~Q(chatter_id="") | ~Q(source_id=""))).delete()
    _make_anew(summary, "")
    SafetyCase.objects.filter(channel_id=channel.pk).delete()
    words = ~Q(asked="") | ~Q(chatter_id="") | ~Q(chatter_name="") | ~Q(judged="")
    Turn.objects.filter(words, channel_id=channel.pk).update(**FORGOTTEN)
    _strip_paid(channel, "")
    transaction.on_commit(scrub, robust=True)


@transaction.atomic
def opt_out(channel: Channel, chatter_id: str) -> None:
    """She learns nothing about this chatter from now on, and forgets what she had learned. Repeatable."""
    summary = lock(channel)
    MemoryOptOut.objects.update_or_create(
        channel_id=channel.pk, digest=digest(channel, chatter_id), defaults={"ended_at": None}
    )
    MemoryFact.objects.filter(channel_id=channel.pk, chatter_id=chatter_id).delete()
    _make_anew(summary, chatter_id)


@transaction.atomic
def opt_in(channel: Channel, chatter_id: str) -> None:
    """She may learn about this chatter again, from what is said from now on. Repeatable."""
    lock(channel)
    wish = MemoryOptOut.objects.filter(channel_id=channel.pk, digest=digest(channel, chatter_id), ended_at=None)
    wish.update(ended_at=timezone.now())


def willing(channel: Channel, turns: Iterable[Turn]) -> list[Turn]:
    """Those of the turns from which something may be learned, by the wishes of all who were answered in them."""
    wishes = dict(MemoryOptOut.objects.filter(channel_id=channel.pk).values_list("digest", "ended_at"))

    def is_willing(turn: Turn, some_id: str) -> bool:
        some = digest(channel, some_id)
        return some not in wishes or ((ended := wishes[some]) is not None and turn.created_at > ended)

    return [turn for turn in turns if not wishes or all(is_willing(turn, one) for one in turn.answered_ids)]


def scrub() -> None:
    """Takes what was erased out of SQLite's journal file too; the database file itself is overwritten at once. Where
    somebody reads just now it is left to the next erasure, or to the hourly forgetting."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    try:
        with connection.cursor() as cursor:
            patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
            # Else whoever waits for this thread would wait as long as a write does.
            cursor.execute(f"PRAGMA busy_timeout = {SCRUB_MS}")
            try:
                is_busy, _pages, _written = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {patience}")
    except OperationalError as error:
        log.warning("the journal could not be emptied (%s)", error)
    else:
        if is_busy:
            log.warning("the journal could not be emptied (somebody reads it)")


def _tell(channel: Channel) -> None:
    """The run, where there is one, reads again what is kept."""
    push.inbox_now(Channel.objects.get(pk=channel.pk), {"t": "memory"})


def begin_now(summary: StreamSummary) -> None:
    """The summary is gone, and what was said until now is not learned either. Call it with the row locked."""
    summary.text, summary.covers, summary.begun_at, summary.made_at = "", "", None, None
    summary.read_until = timezone.now()
    summary.save()


def _make_anew(summary: StreamSummary, some_id: str) -> bool:
    """A summary that this id went into (any, where it is empty) is gone; the run makes another from the turns left.
    Whether there was one."""
    had = Turn.barred(some_id) in summary.covers if some_id else bool(summary.text or summary.covers)
    if not had:
        return False
    begun, read = summary.begun_at, summary.read_until
    begin_now(summary)
    # Facts come from no turn twice: what was deleted since would be learned again.
    summary.learned_until = max((mark for mark in (read, summary.learned_until) if mark), default=None)
    if begun is not None and read is not None:
        # The turns that are left say what may be said. A whole stream would be many calls to the model, one after the
        # other, for what is hardly topical any more.
        summary.read_until = min(read, max(begun, timezone.now() - REREAD) - timedelta(microseconds=1))
    summary.save()
    return True


def _naming(names: set[str]) -> str:
    """A pattern for texts with one of these names in them, as written or as spoken; "" where none is long enough. Both
    databases read it alike."""
    spoken = {re.sub(r"[\W\d_]+", " ", name).strip() for name in names}
    wanted = {name for name in names if len(name) >= SHORTEST_NAME}
    # What is left of `the_1999` is any word.
    wanted |= {name for name in spoken if sum(map(str.isalpha, name)) >= SHORTEST_SPOKEN}
    if not wanted:
        return ""
    return rf"(?<!\w)(?:{'|'.join(sorted(map(_declined, wanted)))})(?!\w)"


def _declined(name: str) -> str:
    """Russian names have cases: Барсику, Барсиком."""
    has_cases = len(name) >= SHORTEST_SPOKEN and re.search("[а-яё]$", name, re.IGNORECASE)
    return re.escape(name) + (r"\w{0,3}" if has_cases else "")


def _strip_paid(channel: Channel, chatter_id: str) -> None:
    """No name and no word stays in what this chatter paid for (everybody, without one: the broadcaster took our
    permission back); what waits is refused."""
    rows = PaidEvent.objects.filter(channel_id=channel.pk, payload__has_key="chatter")
    if chatter_id:
        rows = rows.filter(payload__chatter__id=chatter_id)
    rows.filter(state__in=paid.OPEN).update(
        state=PaidEvent.State.REFUSED, reason=REASON if chatter_id else TAKEN_BACK, done_at=timezone.now()
    )
    for row in rows:
        row.payload = {name: row.payload[name] for name in KEPT if name in row.payload}
        row.save(update_fields=["payload"])
