"""Nothing paid is lost, nothing paid is answered twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from channels_app import paid
from channels_app.models import Channel, PaidEvent, Turn
from tests import factories


def body(event_id: str = "e1", chatter: str = "44") -> dict[str, Any]:
    return {"id": event_id, "kind": "cheer", "chatter": {"id": chatter, "name": "Dora"}, "amount": 100, "paid_id": None}


def stored(channel: Channel, event_id: str = "e1", chatter: str = "44") -> int:
    return int(paid.store(channel, body(event_id, chatter))["paid_id"])


def state(paid_id: int) -> str:
    return PaidEvent.objects.get(pk=paid_id).state


def ids(channel: Channel, fence: int) -> list[str]:
    return [row.event_id for row in paid.pending(channel, fence)]


def test_an_event_is_one_row_however_often_it_comes(channel: Channel) -> None:
    first = paid.store(channel, body(), redemption_id="r", reward_id="w")
    assert paid.store(channel, body()) == first
    row = PaidEvent.objects.get()
    assert (row.kind, row.redemption_id, row.reward_id, row.payload["amount"]) == ("cheer", "r", "w", 100)
    assert first["paid_id"] == row.pk


def test_the_same_event_id_in_two_channels_is_two_events(channel: Channel) -> None:
    other = factories.channel()
    assert stored(channel) != stored(other)
    assert len(ids(channel, 1)) == len(ids(other, 1)) == 1


def test_waiting_events_come_oldest_first(channel: Channel) -> None:
    for name in ("e1", "e2", "e3"):
        stored(channel, name)
    assert ids(channel, 1) == ["e1", "e2", "e3"]


def test_a_claimed_event_is_nobody_elses(channel: Channel) -> None:
    paid_id = stored(channel)
    mine, other = factories.turn(channel), factories.turn(channel)
    assert paid.claim(paid_id, 5, mine)
    assert paid.claim(paid_id, 5, mine)
    assert not paid.claim(paid_id, 5, other)
    assert not paid.claim(paid_id, 4, other)
    assert ids(channel, 5) == []


def test_what_a_dead_run_claimed_and_nobody_heard_is_answered_by_the_next(channel: Channel) -> None:
    paid_id = stored(channel)
    assert paid.claim(paid_id, 5, factories.turn(channel))
    assert ids(channel, 6) == ["e1"]
    assert paid.claim(paid_id, 6, factories.turn(channel))
    assert ids(channel, 6) == []


def test_what_a_dead_run_was_heard_to_say_is_spoken(channel: Channel) -> None:
    paid_id = stored(channel)
    turn = factories.turn(channel)
    assert paid.claim(paid_id, 5, turn)
    Turn.objects.filter(pk=turn.pk).update(heard_at=timezone.now())
    assert not paid.claim(paid_id, 6, factories.turn(channel))
    assert ids(channel, 6) == []
    assert state(paid_id) == PaidEvent.State.SPOKEN


def test_a_spoken_event_stays_spoken(channel: Channel) -> None:
    paid_id = stored(channel)
    assert paid.mark_spoken(paid_id)
    assert not paid.mark_spoken(paid_id)
    assert not paid.refuse(paid_id, 1, "too late")
    assert not paid.claim(paid_id, 9, factories.turn(channel))
    assert ids(channel, 9) == []


def test_a_refused_event_has_its_reason(channel: Channel) -> None:
    paid_id = stored(channel)
    assert paid.refuse(paid_id, 1, "the gate said no")
    row = PaidEvent.objects.get()
    assert (row.state, row.reason) == (PaidEvent.State.REFUSED, "the gate said no")
    assert row.done_at is not None
    with pytest.raises(ValueError, match="with a reason"):
        paid.refuse(paid_id, 1, "")


def test_a_deleted_message_that_waits_never_comes_back(channel: Channel) -> None:
    deleted, kept = stored(channel, "e1"), stored(channel, "e2")
    elsewhere = stored(factories.channel(), "e1")
    assert paid.refuse_message(channel, "e1", "deleted") == 1
    assert [state(deleted), state(kept), state(elsewhere)] == ["refused", "waiting", "waiting"]


def test_a_deleted_message_is_not_taken_up_from_a_run_that_is_on_its_way_out(channel: Channel) -> None:
    paid_id = stored(channel)
    assert paid.claim(paid_id, 5, factories.turn(channel))
    paid.refuse_message(channel, "e1", "deleted")
    assert ids(channel, 6) == []
    assert not paid.claim(paid_id, 6, factories.turn(channel))


def test_a_banned_chatters_unheard_events_never_come_back(channel: Channel) -> None:
    stored(channel, "e1", "44")
    stored(channel, "e2", "45")
    claimed, heard = stored(channel, "e3", "44"), stored(channel, "e4", "44")
    paid.claim(claimed, 1, factories.turn(channel))
    paid.mark_spoken(heard)
    assert paid.refuse_chatter(channel, "44", "banned") == 2
    assert ids(channel, 2) == ["e2"]
    assert state(heard) == PaidEvent.State.SPOKEN


def test_a_run_gives_back_what_it_claimed_and_nobody_heard(channel: Channel) -> None:
    paid_id = stored(channel)
    turn = factories.turn(channel)
    paid.claim(paid_id, 5, turn)
    assert not paid.release(paid_id, 4)
    assert paid.release(paid_id, 5)
    assert ids(channel, 5) == ["e1"]
    paid.claim(paid_id, 5, turn)
    Turn.objects.filter(pk=turn.pk).update(heard_at=timezone.now())
    assert not paid.release(paid_id, 5)


def test_a_run_that_was_replaced_refuses_nothing_the_new_one_answers(channel: Channel) -> None:
    paid_id = stored(channel)
    paid.claim(paid_id, 5, factories.turn(channel))
    assert paid.claim(paid_id, 6, factories.turn(channel))
    assert not paid.refuse(paid_id, 5, "it waited too long")
    assert state(paid_id) == PaidEvent.State.CLAIMED
    assert paid.refuse(paid_id, 6, "the gate said no")


@pytest.mark.django_db(transaction=True)
def test_of_runs_that_claim_together_one_wins(channel: Channel) -> None:
    paid_id = stored(channel)
    turns = [factories.turn(channel) for _ in range(4)]
    together = threading.Barrier(4)

    def claim(turn: Turn) -> bool:
        together.wait(5)
        try:
            return paid.claim(paid_id, 7, turn)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(claim, turns)) == [False, False, False, True]
