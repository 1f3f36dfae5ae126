"""Reads and writes of her memory in the database: plain functions, called through `in_db`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from channels_app import forgetting, tips
from channels_app.models import Channel, MemoryFact, StreamSummary, Turn
from channels_app.models.channel import APPROVAL_SECONDS
from channels_app.models.memory import FACTS_PER_CHANNEL, FACTS_PER_CHATTER
from channels_app.retention import CHAT_LIFE, FACT_LIFE
from workers.brain.memory import Remark, says_the_same

OPEN_SECONDS = APPROVAL_SECONDS[1] + 120
"""A turn that has not ended for longer than this never will: it waits for a moderator first, then it is heard."""
NAMES = 500
"""Of chatters, at most, that a fact is looked through for."""
EMBEDDED_AT_ONCE = 64
WORDLESS = ("say", "notice", "idle")
"""Triggers of turns in which nobody but the house had said anything."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was said since the last time, and what must still be true when something is made of it."""

    remarks: tuple[Remark, ...]
    turns: tuple[uuid.UUID, ...]
    """Ids of their rows."""
    earlier: str
    """The summary that goes on from here."""
    oldest: float
    """When the first of them was, unix seconds."""
    begun: datetime | None
    since: datetime | None
    """`StreamSummary.read_until` as it was read: it is another once what came before is not to be learned."""
    until: datetime | None
    covers: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """What was made of a reading."""

    summary: str
    facts: Sequence[tuple[Remark, str]]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as a run holds it. `learned_at` is unix seconds; `vector` is empty where there is none."""

    pk: int
    text: str
    learned_at: float
    vector: bytes = b""


@dataclass(frozen=True, slots=True)
class Shared:
    """What does not depend on whom she answers."""

    summary: str
    facts: tuple[Fact, ...]


def unread(channel_pk: int, broadcaster_id: str, most: int) -> Reading:
    """Turns that were heard and not learned from, oldest first; none that is still going on, and none of a chatter who
    wants nothing remembered."""
    channel = Channel(pk=channel_pk)
    now = timezone.now()
    row = StreamSummary.objects.filter(channel_id=channel_pk).first() or StreamSummary(channel_id=channel_pk)
    since = max(row.read_until or now - CHAT_LIFE, now - CHAT_LIFE)
    turns: list[Turn] = []
    until = row.read_until
    for turn in Turn.objects.filter(channel_id=channel_pk, created_at__gt=since).order_by("created_at")[: 4 * most]:
        if turn.ended_at is None and turn.created_at > now - timedelta(seconds=OPEN_SECONDS):
            break
        until = turn.created_at
        if turn.heard and turn.asked and not turn.taken_back and turn.trigger not in WORDLESS:
            turns.append(turn)
        if len(turns) == most:
            break
    willing = forgetting.willing(channel, turns)
    if not willing:
        return Reading((), (), row.text, 0.0, row.begun_at, row.read_until, until, "", ())
    known = MemoryFact.objects.filter(channel_id=channel_pk).exclude(chatter_name="")
    names = known.values_list("chatter_name", flat=True).distinct()[:NAMES]
    return Reading(
        remarks=tuple(_remark(turn, broadcaster_id, row.learned_until) for turn in willing),
        turns=tuple(turn.pk for turn in willing),
        earlier=row.text,
        oldest=willing[0].created_at.timestamp(),
        begun=row.begun_at or willing[0].created_at,
        since=row.read_until,
        until=until,
        covers="".join(turn.answered for turn in willing),
        names=tuple({*(turn.chatter_name for turn in turns), *names}),
    )


@transaction.atomic
def pass_over(channel_pk: int, reading: Reading) -> None:
    """There is nothing to learn from this."""
    row = forgetting.lock(Channel(pk=channel_pk))
    if reading.until is not None and row.read_until == reading.since:
        row.read_until = reading.until
        row.save(update_fields=["read_until"])


@transaction.atomic
def store(channel_pk: int, reading: Reading, learned: Learned) -> bool:
    """Keeps what was learned. False, and nothing is kept, where any of it was erased while the model was asked."""
    channel = Channel(pk=channel_pk)
    row = forgetting.lock(channel)
    there = Turn.objects.filter(pk__in=reading.turns, taken_back=False, forgotten=False).exclude(asked="")
    same = row.text == reading.earlier and row.read_until == reading.since
    wanted = Channel.objects.filter(pk=channel_pk, remembers=True).exists()
    if not same or not wanted or len(forgetting.willing(channel, there)) != len(reading.turns):
        return False
    row.text, row.made_at, row.read_until = learned.summary, timezone.now(), reading.until
    row.begun_at, row.covers = reading.begun, row.covers + reading.covers
    row.save()
    for remark, fact in learned.facts:
        _keep(channel_pk, remark, fact)
    return True


def _keep(channel_pk: int, remark: Remark, fact: str) -> None:
    about_channel = remark.by_broadcaster
    whose = {"channel_id": channel_pk, "chatter_id": "" if about_channel else remark.chatter_id}
    now = timezone.now()
    kept = list(MemoryFact.objects.filter(**whose))
    fresh = {
        "learned_at": now,
        "expires_at": now + FACT_LIFE,
        "chatter_name": "" if about_channel else remark.chatter_name[:80],
    }
    same = next((row for row in kept if says_the_same(row.text, fact)), None)
    if same is not None:
        if same.written_by_id is None:
            MemoryFact.objects.filter(pk=same.pk).update(**fresh)
        return
    MemoryFact.objects.create(**whose, **fresh, text=fact, source_id=remark.event_id)
    most = FACTS_PER_CHANNEL if about_channel else FACTS_PER_CHATTER
    # The oldest goes; what a member wrote stays before what she learned.
    rows = MemoryFact.objects.filter(**whose).order_by(F("written_by").asc(nulls_last=True), "-learned_at")
    MemoryFact.objects.filter(pk__in=[row.pk for row in rows[most:]]).delete()


def facts_of(channel_pk: int, chatter_id: str) -> list[Fact]:
    """What is known of a chatter, the newest first."""
    return _facts(channel_pk, chatter_id, FACTS_PER_CHATTER)


def shared(channel_pk: int) -> Shared:
    """Summary and channel facts."""
    text = StreamSummary.objects.filter(channel_id=channel_pk).values_list("text", flat=True).first() or ""
    return Shared(text, tuple(_facts(channel_pk, "", FACTS_PER_CHANNEL)))


def without_vector(channel_pk: int, model: str) -> list[Fact]:
    """Facts that have no vector of this model yet."""
    rows = MemoryFact.objects.filter(channel_id=channel_pk).exclude(vector__isnull=False, vector_model=model)
    return [_fact(row) for row in rows[:EMBEDDED_AT_ONCE]]


def set_vectors(channel_pk: int, model: str, found: dict[Fact, bytes]) -> None:
    """Of facts whose text changed meanwhile nothing is kept."""
    for fact, vector in found.items():
        same = MemoryFact.objects.filter(channel_id=channel_pk, pk=fact.pk, text=fact.text)
        same.update(vector=vector, vector_model=model[:120])


def _facts(channel_pk: int, chatter_id: str, most: int) -> list[Fact]:
    rows = MemoryFact.objects.filter(channel_id=channel_pk, chatter_id=chatter_id)
    now = timezone.now()
    return [_fact(row) for row in rows[:most] if row.expires_at is None or row.expires_at > now]


def _fact(row: MemoryFact) -> Fact:
    return Fact(row.pk, row.text, row.learned_at.timestamp(), bytes(row.vector) if row.vector else b"")


def is_somebody(chatter_id: str) -> bool:
    """Whether the id is one person's. Beside money given outside of Twitch anybody may write any name, and the nameless
    share one id: what one of them said must not be told to the next."""
    return bool(chatter_id) and chatter_id != tips.ANONYMOUS and not chatter_id.startswith(tips.CHATTER)


def _remark(turn: Turn, broadcaster_id: str, learned_until: datetime | None) -> Remark:
    """A turn that answered several people is nobody's own word."""
    own = len(turn.answered_ids) == 2
    is_new = learned_until is None or turn.created_at > learned_until
    return Remark(
        event_id=turn.event_id,
        chatter_id=turn.chatter_id,
        chatter_name=turn.chatter_name,
        text=turn.asked,
        reply=turn.heard,
        learnable=own and is_new and is_somebody(turn.chatter_id),
        by_broadcaster=bool(broadcaster_id) and turn.chatter_id == broadcaster_id,
    )
