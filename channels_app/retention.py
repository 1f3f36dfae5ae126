"""How long what people wrote is kept: no longer than it is needed for, and never more than a day.

The exceptions: a line that a member reported as wrongly blocked, without any name, until the rules are mended; and the
short facts she learned about those she answered. All limits together stand in `channels_app.limits_of_time`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils import timezone

from channels_app import push
from channels_app.entitlements import entitlements_of
from channels_app.models import (
    AuditEvent,
    Channel,
    DesiredState,
    MemoryFact,
    MemoryOptOut,
    PaidEvent,
    SafetyCase,
    StreamSummary,
    Turn,
)

CHAT_LIFE = timedelta(hours=settings.ENV.KEEP_CHAT_HOURS)
"""Words and names of chatters are kept this long. The run that forgets them comes hourly, so a day is the most."""
CASE_LIFE = timedelta(days=settings.ENV.KEEP_CASE_DAYS)
"""Lines reported as wrongly blocked are kept this long, for operators to make tests of them."""
AUDIT_LIFE = timedelta(days=settings.ENV.KEEP_AUDIT_DAYS)
"""Who did what in a channel is kept this long."""
PAID_LIFE = timedelta(days=settings.ENV.KEEP_PAID_DAYS)
"""What was paid for, without name and words, is kept this long after it was answered or refused."""
EXPORT_LIFE = timedelta(days=settings.ENV.KEEP_EXPORT_DAYS)
"""A file somebody takes data along with is kept this long."""
FACT_LIFE = timedelta(days=settings.ENV.KEEP_FACT_DAYS)
"""What she has learned about a chatter is kept this long after it was last said."""
HISTORY_LIFE = timedelta(days=400)
"""Turns of channels on a plan are kept this long, longer than any plan shows them: a smaller plan hides and loses
nothing."""
BATCH = 1000
"""Rows that are rewritten or deleted at once."""
KEPT = ("id", "kind", "amount", "at", "tip")
"""What stays of a paid event's payload: no name and no words."""
KEPT_OF_SUBS = (*KEPT, "title")
"""The tier of a sub, too; the title of a redemption holds words."""
NOBODY_LIVE = "nobody was live to answer it"


def forget_old_chat(*, now: datetime | None = None) -> int:
    """Takes chatters' words and names out of everything older than `CHAT_LIFE`, and ends what was never answered.
    What she said, the outcome, timings and cost stay. Returns how many rows were changed."""
    limit = (now or timezone.now()) - CHAT_LIFE
    named = ~Q(asked="") | ~Q(chatter_name="") | ~Q(chatter_id="") | ~Q(evidence="") | ~Q(judged="")
    turns = Turn.objects.filter(named, created_at__lt=limit).update(
        asked="", chatter_name="", chatter_id="", answered="", evidence="", judged=""
    )
    old = PaidEvent.objects.filter(received_at__lt=limit)
    old.filter(state__in=[PaidEvent.State.WAITING, PaidEvent.State.CLAIMED]).update(
        state=PaidEvent.State.REFUSED, reason=NOBODY_LIVE, done_at=now or timezone.now()
    )
    stripped = 0
    while rows := list(old.filter(payload__has_key="chatter")[:BATCH]):
        for row in rows:
            kept = KEPT_OF_SUBS if row.kind in ("sub", "gift") else KEPT
            row.payload = {name: row.payload[name] for name in kept if name in row.payload}
        stripped += PaidEvent.objects.bulk_update(rows, ["payload"])
    return turns + stripped


def forget_old_memory(*, now: datetime | None = None) -> int:
    """Facts whose time is over, summaries that go back further than chat is kept, and wishes for no memory that were
    taken back before the oldest chat. Returns how many rows."""
    now = now or timezone.now()
    MemoryOptOut.objects.filter(ended_at__lt=now - CHAT_LIFE).delete()
    facts = MemoryFact.objects.filter(expires_at__lt=now)
    old = StreamSummary.objects.filter(begun_at__lt=now - CHAT_LIFE)
    whose = Q(memory_facts__in=facts) | Q(stream_summary__in=old)
    # Looked up before they are gone; told afterwards, since a run reads again what is kept.
    runs = list(Channel.objects.filter(whose, desired_state=DesiredState.RUNNING).distinct())
    removed, _by_model = facts.delete()
    removed += old.update(text="", covers="", begun_at=None, made_at=None)
    for channel in runs:
        push.inbox_now(channel, {"t": "memory"})
    return removed


def forget_old_cases(*, now: datetime | None = None) -> int:
    """Lines that were reported long ago. Returns how many."""
    limit = (now or timezone.now()) - CASE_LIFE
    gone, _by_model = SafetyCase.objects.filter(reported_at__lt=limit).delete()
    return gone


def forget_old_turns(*, now: datetime | None = None) -> int:
    """Turns that no plan shows any more, of channels that are on one. Returns how many."""
    limit, gone = (now or timezone.now()) - HISTORY_LIFE, 0
    # Not by a lookup into the JSON: to SQLite a null in it is a word, and a word is more than any number.
    for channel in Channel.objects.exclude(entitlements={}).iterator():
        if entitlements_of(channel).history_days is not None:
            gone += delete_in_batches(Turn.objects.filter(channel=channel, created_at__lt=limit))
    return gone


def forget_old_paid(*, now: datetime | None = None) -> int:
    """Returns how many."""
    return delete_in_batches(PaidEvent.objects.filter(done_at__lt=(now or timezone.now()) - PAID_LIFE))


def forget_old_audit(*, now: datetime | None = None) -> int:
    """Returns how many."""
    return delete_in_batches(AuditEvent.objects.filter(at__lt=(now or timezone.now()) - AUDIT_LIFE))


def delete_in_batches(rows: QuerySet[Any]) -> int:
    """Others want to write meanwhile. Returns how many rows."""
    gone = 0
    while some := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._base_manager.filter(pk__in=some).delete()
        gone += len(some)
    return gone


def forget_old_sessions(*, now: datetime | None = None) -> int:
    """Sign-ins that ended by themselves. Returns how many."""
    ended, _by_model = Session.objects.filter(expire_date__lt=now or timezone.now()).delete()
    return ended
