"""What a notification means, from bodies as Twitch writes them."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from twitchio.models.eventsub_ import SubscriptionRevoked, create_event_instance

from tests.fakes import twitch_events
from tests.fakes.twitch_world import Account
from workers.pipeline.values import EventKind, StreamEvent
from workers.twitch.decode import Arrived, Revoked, channel_of, decode

ALICE = Account("501", "alice", "Alice")
DORA = Account("502", "dora", "Dora")
PEOPLE = {"alice": ALICE, "dora": DORA}


def payload(kind: str, body: dict[str, Any]) -> Any:
    """TwitchIO's own object for a notification with this body."""
    head = {
        "message_id": secrets.token_hex(8),
        "message_type": "notification",
        "message_timestamp": twitch_events.MOMENT.replace("2026-11", "2099-11"),
        "subscription_type": kind,
        "subscription_version": "1",
    }
    return create_event_instance(kind, {"metadata": head, "payload": {"event": body, "subscription": {}}})


def line(text: str, chatter: Account = DORA, **options: Any) -> StreamEvent | None:
    body = twitch_events.chat_message(ALICE, chatter, text, "m1", PEOPLE, **options)
    found = decode(payload("channel.chat.message", body), senders={"900"})
    assert found is None or isinstance(found, Arrived)
    return found.event if found else None


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("hello", "hello"),
        ("  hello \t there  ", "hello there"),
        ("hey @Dora and @Alice!", "hey Dora and @Alice!"),
        ("@Stranger hello", "@Stranger hello"),
        ("nice LUL", "nice LUL"),
        ("привет 👋", "привет 👋"),
    ],
)
def test_a_line_reads_as_one_would_say_it(written: str, text: str) -> None:
    event = line(written)
    assert event is not None
    assert event.text == text


@pytest.mark.parametrize(("written", "only"), [("LUL Kappa", True), ("LUL yes", False), ("yes", False)])
def test_lines_of_nothing_but_emotes_are_marked(written: str, only: bool) -> None:
    event = line(written)
    assert event is not None
    assert event.emote_only is only


def test_an_empty_line_is_nothing() -> None:
    assert line("   ") is None


@pytest.mark.parametrize(
    ("badges", "moderator", "subscriber"),
    [
        ([], False, False),
        (["moderator"], True, False),
        (["founder"], False, True),
        (["subscriber", "vip"], False, True),
    ],
)
def test_badges_tell_who_it_is(badges: list[str], moderator: bool, subscriber: bool) -> None:
    event = line("hello", badges=badges)
    assert event is not None
    assert (event.chatter.is_moderator, event.chatter.is_subscriber) == (moderator, subscriber)
    assert not event.chatter.is_broadcaster


@pytest.mark.parametrize(("badges", "vip"), [([], False), (["subscriber"], False), (["vip"], True)])
def test_a_vip_is_known_by_the_badge_and_still_is_at_the_other_end(badges: list[str], vip: bool) -> None:
    event = line("hello", badges=badges)
    assert event is not None
    assert event.chatter.is_vip is vip
    assert StreamEvent.from_message(event.as_message()) == event


def test_a_run_of_the_release_before_can_read_the_chatter() -> None:
    event = line("hello", badges=["vip"])
    assert event is not None
    known = {"id", "name", "is_broadcaster", "is_moderator", "is_subscriber", "is_first_time"}
    assert set(event.as_message()["chatter"]) == known


@pytest.mark.parametrize(
    ("written", "options", "to_somebody"),
    [
        ("what game is this?", {}, False),
        ("@Dora what game is this?", {}, True),
        ("what game is this?", {"reply_to": DORA}, True),
    ],
)
def test_a_line_to_somebody_is_marked(written: str, options: dict[str, Any], to_somebody: bool) -> None:
    event = line(written, **options)
    assert event is not None
    assert event.to_somebody is to_somebody
    assert StreamEvent.from_message(event.as_message()).to_somebody is to_somebody


def test_cheermotes_are_not_spoken() -> None:
    event = line("Cheer50 well done Cheer50", bits=100)
    assert event is not None
    assert (event.kind, event.text, event.amount) == (EventKind.CHEER, "well done", 100)


def test_a_cheer_without_words_still_counts() -> None:
    event = line("Cheer100", bits=100)
    assert event is not None
    assert (event.text, event.amount) == ("", 100)


@pytest.mark.parametrize(
    ("message", "bits", "text"),
    [
        ("Cheer100 hello", 100, "hello"),
        ("Corgo50 see you in room2024 uni50", 100, "see you in room2024"),
        ("level 99 Cheer1", 1, "level 99"),
        ("", 100, ""),
    ],
)
def test_of_a_cheer_notification_only_the_words_remain(message: str, bits: int, text: str) -> None:
    found = decode(payload("channel.cheer", twitch_events.cheer(ALICE, DORA, bits, message)))
    assert isinstance(found, Arrived)
    assert (found.event.text, found.event.amount) == (text, bits)


def test_both_notifications_about_a_cheer_know_each_other() -> None:
    chat = twitch_events.chat_message(ALICE, DORA, "Cheer100 hello", "m1", PEOPLE, bits=100)
    first = decode(payload("channel.chat.message", chat))
    second = decode(payload("channel.cheer", twitch_events.cheer(ALICE, DORA, 100, "Cheer100 hello")))
    assert isinstance(first, Arrived)
    assert isinstance(second, Arrived)
    assert first.twin == second.twin != ()


def test_a_gifted_sub_is_told_by_its_giver_only() -> None:
    assert decode(payload("channel.subscribe", twitch_events.subscribe(ALICE, DORA, "1000", gift=True))) is None


def test_a_raid_belongs_to_the_channel_it_arrives_in() -> None:
    raid = payload("channel.raid", twitch_events.raid(ALICE, DORA, 7))
    found = decode(raid)
    assert isinstance(found, Arrived)
    assert (found.broadcaster_id, found.event.chatter.name, channel_of(raid)) == ("501", "Dora", "501")


def test_an_event_travels_through_the_layer_and_back() -> None:
    event = line("hello", badges=["subscriber"])
    assert event is not None
    assert StreamEvent.from_message(event.as_message()) == event


def test_a_revocation_names_channel_and_reason() -> None:
    body: Any = {
        "id": "s1", "type": "channel.raid", "version": "1", "status": "authorization_revoked", "cost": 0,
        "condition": {"to_broadcaster_user_id": "501"}, "created_at": twitch_events.MOMENT,
        "transport": {"method": "conduit", "conduit_id": "c"},
    }  # fmt: skip
    revoked = SubscriptionRevoked(body)
    assert decode(revoked) == Revoked("501", "s1", "authorization_revoked")
