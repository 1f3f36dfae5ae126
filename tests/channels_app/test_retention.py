"""What chatters wrote is forgotten within a day; what she said and what it cost stays."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from aigirl_site.celery import app
from channels_app import forgetting, retention
from channels_app.models import Channel, PaidEvent, Turn
from tests import factories
from workers import records, tasks

DAY = timedelta(hours=24)


def test_chat_is_forgotten_within_a_day_and_her_part_is_kept(channel: Channel) -> None:
    people = {
        "asked": "my secret",
        "chatter_name": "Dora",
        "chatter_id": "44",
        "evidence": "my secret",
        "judged": "my secret",
    }
    factories.turn(channel, said="Splendid!", cost_micros=5, **people)
    assert retention.forget_old_chat() == 0
    assert retention.forget_old_chat(now=timezone.now() + DAY) == 1
    turn = Turn.objects.get()
    assert (turn.asked, turn.chatter_name, turn.chatter_id, turn.evidence, turn.judged) == ("", "", "", "", "")
    assert (turn.said, turn.outcome, turn.cost_micros) == ("Splendid!", "spoken", 5)
    assert retention.forget_old_chat(now=timezone.now() + DAY) == 0


def test_no_name_and_no_word_stays_in_what_was_paid(channel: Channel) -> None:
    done = factories.paid_event(channel, state="spoken")
    factories.paid_event(channel)
    retention.forget_old_chat(now=timezone.now() + DAY)
    for row in PaidEvent.objects.all():
        assert set(row.payload) == {"id", "kind", "amount", "at"}
    done.refresh_from_db()
    assert (done.state, done.payload["amount"]) == ("spoken", 100)


def test_the_tier_of_a_sub_stays_for_the_books_and_how_many_people_there_were(channel: Channel) -> None:
    sub = factories.paid_event(channel, kind="sub", payload={"chatter": {"id": "4"}, "title": "Tier 3", "text": "hi"})
    redeemed = factories.paid_event(channel, kind="redemption", payload={"chatter": {"id": "4"}, "title": "My secret"})
    PaidEvent.objects.update(received_at=timezone.now() - DAY)
    for chatter in ("4", "4", "5"):
        factories.turn(channel, chatter_id=chatter)
    Turn.objects.update(created_at=timezone.now() - DAY)
    retention.forget_old_chat()
    sub.refresh_from_db()
    redeemed.refresh_from_db()
    assert (sub.payload, redeemed.payload) == ({"title": "Tier 3"}, {})
    assert set(Turn.objects.values_list("chatter_id", flat=True)) == {""}
    assert len(set(Turn.objects.values_list("person", flat=True))) == 2


def test_what_nobody_was_live_to_answer_ends_with_that_reason(channel: Channel) -> None:
    waiting = factories.paid_event(channel)
    claimed = factories.paid_event(channel, state="claimed", fence=3)
    retention.forget_old_chat()
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    retention.forget_old_chat(now=timezone.now() + DAY)
    for row in (waiting, claimed):
        row.refresh_from_db()
        assert (row.state, row.reason) == ("refused", retention.NOBODY_LIVE)


def test_a_conversation_of_the_day_before_is_no_context(channel: Channel) -> None:
    turn = factories.turn(channel, heard="Splendid!", heard_at=timezone.now())
    assert len(records.past_exchanges(channel.pk)) == 1
    Turn.objects.filter(pk=turn.pk).update(created_at=timezone.now() - DAY)
    assert records.past_exchanges(channel.pk) == []


@pytest.mark.django_db
def test_sign_ins_that_are_over_are_forgotten() -> None:
    for _ in range(2):
        SessionStore().create()
    over = Session.objects.first()
    assert over is not None
    Session.objects.filter(pk=over.pk).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert retention.forget_old_sessions() == 1
    assert Session.objects.count() == 1


def test_it_happens_by_itself_often_enough(channel: Channel) -> None:
    entry = app.conf.beat_schedule["forget-old"]
    assert entry["task"] == tasks.forget_old.name
    assert timedelta(seconds=entry["schedule"]) + retention.CHAT_LIFE <= DAY
    turn = factories.turn(channel)
    Turn.objects.filter(pk=turn.pk).update(created_at=timezone.now() - DAY)
    tasks.forget_old()
    assert Turn.objects.get().asked == ""


@pytest.mark.django_db(transaction=True)
def test_what_an_erasure_left_in_the_journal_goes_within_the_hour(channel: Channel, backend: str) -> None:
    if backend != "sqlite":
        return  # PostgreSQL keeps no such file
    database = Path(connection.settings_dict["NAME"])
    journal = database.with_name(f"{database.name}-wal")
    with contextlib.closing(sqlite3.connect(database)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM channels_app_turn").fetchone()
        factories.turn(channel)
        begun = time.monotonic()
        forgetting.forget_chatter(channel, "44")
        assert time.monotonic() - begun < 5, "as long as a write waits nobody waits for this"
        assert journal.stat().st_size > 0
    tasks.forget_old()
    assert journal.stat().st_size == 0
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone()[0] > 10_000
