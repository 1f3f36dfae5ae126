"""The overlay's socket, with the real channel layer between the run's side and the page's."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from channels_app import actions, push
from channels_app.models import Channel, OverlayKey, OverlayPresence, PaidEvent, Turn, User
from channels_app.overlay import protocol
from tests import factories
from tests.clock import until
from tests.live import Page, application, page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

in_db: Callable[[Any], Any] = database_sync_to_async


async def run_says(channel: Channel, fence: int, *frames: Any, only: str | None = None) -> None:
    await push.send(
        push.overlay_group(channel.public_id),
        {"type": "overlay.frames", "fence": fence, "frames": list(frames), "only": only},
    )


async def test_a_page_with_the_key_is_welcomed_as_audio_owner(channel: Channel, key: str) -> None:
    async with page(channel, key) as overlay:
        welcome = await overlay.next()
    assert welcome["t"] == "welcome"
    assert welcome["audio"] is True
    assert welcome["name"] == "Mira"


@pytest.mark.parametrize("wrong", ["", "short", "x" * 43])
async def test_a_wrong_key_is_sent_away(channel: Channel, wrong: str) -> None:
    async with page(channel, wrong) as overlay:
        assert (await overlay.next())["reason"] == "bad_key"
        assert await overlay.next() == protocol.CLOSE_NO_KEY


async def test_the_key_of_another_channel_is_sent_away(channel: Channel, key: str) -> None:
    other = await in_db(factories.channel)()
    async with page(other, key) as overlay:
        assert (await overlay.next())["reason"] == "bad_key"


async def test_a_member_sees_the_preview_and_a_stranger_does_not(channel: Channel, bob: User, charlie: User) -> None:
    async with page(channel, user=bob) as preview:
        assert (await preview.next())["t"] == "welcome"
    async with page(channel, user=charlie) as preview:
        assert (await preview.next())["reason"] == "bad_key"


async def test_frames_reach_the_page_and_an_older_run_is_not_heard(channel: Channel, key: str) -> None:
    sound = protocol.audio_frame(5, 1, 0, 0, b"\1\0" * 50)
    async with page(channel, key) as overlay:
        await overlay.next()
        await run_says(channel, 5, {"t": "state", "name": "talking"}, sound)
        assert await overlay.next() == {"t": "state", "name": "talking", "fence": 5}
        assert await overlay.next() == sound
        await run_says(channel, 4, {"t": "state", "name": "idle"}, protocol.audio_frame(4, 1, 0, 0, b"\0\0"))
        await run_says(channel, 5, {"t": "state", "name": "listening"})
        assert (await overlay.next())["name"] == "listening"


async def test_panic_silences_the_page_without_the_run_and_holds(channel: Channel, key: str) -> None:
    async with page(channel, key) as overlay:
        await overlay.next()
        await sync_to_async(actions.panic)(channel, acting_user=None)
        assert (await overlay.next_of("interrupt"))["utt"] is None
        assert (await overlay.next_of("state"))["name"] == "muted"
        speech = [{"t": kind, "utt": 1} for kind in ("speech.begin", "sentence", "words", "mouth", "speech.end")]
        await run_says(channel, 9, *speech, protocol.audio_frame(9, 1, 0, 0, b"\0\0"))
        await run_says(channel, 9, {"t": "state", "name": "muted"})
        assert (await overlay.next())["t"] == "state"
    async with page(channel, key) as late:
        assert (await late.next())["state"] == "muted"


async def test_panic_silences_a_page_whose_own_words_wait_for_the_database(channel: Channel, key: str) -> None:
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(OverlayPresence.objects.select_for_update())
            held.set()
            let_go.wait(30)
        connection.close()

    async with page(channel, key) as overlay:
        await overlay.next()
        holding = asyncio.create_task(asyncio.to_thread(hold))
        await asyncio.to_thread(held.wait, 10)
        try:
            # The whole site waits for the row that this page reports into.
            await overlay.say(t="stats", fps=30, audible=True)
            await overlay.say(t="visibility", visible=True, active=True)
            await until(lambda: overlay.is_read)
            # Who plays the sound is told before the sound that follows.
            group = push.overlay_group(channel.public_id)
            await push.send(group, {"type": "overlay.control", "body": {"t": "owner", "connection": "another"}})
            await run_says(channel, 1, {"t": "speech.begin", "utt": 1})
            assert [(await overlay.next())["t"] for _ in range(2)] == ["audio_owner", "speech.begin"]
            await push.panic_frame(channel.public_id)
            assert (await overlay.next_of("interrupt"))["utt"] is None
            assert (await overlay.next_of("state"))["name"] == "muted"
        finally:
            let_go.set()
            await holding
        # Nothing that was said meanwhile is lost.
        await until(OverlayPresence.objects.filter(channel=channel, fps=30).aexists)


async def test_a_revoked_key_closes_the_live_socket(channel: Channel, key: str) -> None:
    async with page(channel, key) as overlay:
        await overlay.next()
        await in_db(actions.revoke_overlay_keys)(channel, acting_user=None)
        assert (await overlay.next_of("bye"))["reason"] == "revoked"
        assert await overlay.next() == protocol.CLOSE_NO_KEY


async def test_after_rotation_the_old_url_lives_on_for_its_grace(channel: Channel, key: str) -> None:
    await in_db(actions.new_overlay_url)(channel, acting_user=None)
    async with page(channel, key) as overlay:
        assert (await overlay.next())["t"] == "welcome"


async def test_after_its_grace_the_old_url_is_closed_although_its_page_is_open(channel: Channel, key: str) -> None:
    async with page(channel, key) as overlay:
        await overlay.next()
        await in_db(actions.new_overlay_url)(channel, acting_user=None)
        await overlay.say(t="stats", audible=False, fps=60)
        await OverlayKey.objects.filter(expires_at__isnull=False).aupdate(expires_at=timezone.now())
        await overlay.say(t="stats", audible=False, fps=60)
        assert (await overlay.next_of("bye"))["reason"] == "revoked"
        assert await overlay.next() == protocol.CLOSE_NO_KEY


async def test_a_revocation_whose_word_is_lost_closes_the_socket_too(channel: Channel, key: str) -> None:
    async with page(channel, key) as overlay:
        await overlay.next()
        await OverlayKey.objects.aupdate(revoked_at=timezone.now())
        await overlay.say(t="stats", audible=False, fps=60)
        assert (await overlay.next_of("bye"))["reason"] == "revoked"


async def test_of_two_pages_one_plays_and_the_other_takes_over_when_it_goes(channel: Channel, key: str) -> None:
    async with page(channel, key) as one, page(channel, key) as two:
        assert (await one.next())["audio"] is True
        assert (await two.next())["audio"] is False
        await one.leave()
        assert (await two.next_of("audio_owner"))["audio"] is True


async def test_a_page_whose_network_went_away_silently_gets_the_sound_back_at_once(channel: Channel, key: str) -> None:
    async with page(channel, key) as left_standing:
        first = await left_standing.next_of("welcome")
        assert first["audio"]
        back = Page(channel)
        await back.open()
        await back.say(t="hello", key=key, was=first["connection"])
        second = await back.next_of("welcome")
        assert second["audio"]
        assert await sync_to_async(OverlayPresence.objects.filter(channel=channel).count)() == 1
        await back.leave()


async def test_nobody_takes_the_sound_from_another_channel(channel: Channel, key: str, alice: User) -> None:
    other = await sync_to_async(factories.channel)()
    other_key = (await sync_to_async(actions.new_overlay_url)(other, acting_user=None)).rpartition("#k=")[2]
    async with page(channel, key) as ours:
        connection = (await ours.next_of("welcome"))["connection"]
        theirs = Page(other)
        await theirs.open()
        await theirs.say(t="hello", key=other_key, was=connection)
        await theirs.next_of("welcome")
        assert await sync_to_async(OverlayPresence.objects.filter(connection=connection).exists)()
        await theirs.leave()


async def test_a_page_whose_sound_runs_is_preferred(channel: Channel, key: str, alice: User) -> None:
    async with page(channel, user=alice) as preview, page(channel, key) as overlay:
        await preview.next()
        assert (await overlay.next_of("welcome"))["audio"] is True
        await preview.say(t="stats", audible=True, fps=60)
        # It may first be told that the overlay plays instead of it.
        while not (await preview.next_of("audio_owner"))["audio"]:
            pass


async def test_the_owners_word_marks_the_turn_heard_and_what_was_paid_spoken(channel: Channel, key: str) -> None:
    def paid_turn() -> tuple[Turn, PaidEvent]:
        turn = factories.turn(channel)
        paid = factories.paid_event(channel, state="claimed", turn=turn)
        return turn, paid

    turn, paid = await in_db(paid_turn)()
    async with page(channel, key) as overlay, page(channel, key) as silent:
        await overlay.next()
        await silent.next()
        await silent.say(t="ack", event="playing", utt=1, turn=str(turn.pk), position_ms=0)
        await silent.leave()
        assert not await Turn.objects.filter(pk=turn.pk, heard_at__isnull=False).aexists()
        await overlay.say(t="ack", event="playing", utt=1, turn=str(turn.pk), position_ms=0)
    assert await Turn.objects.filter(pk=turn.pk, heard_at__isnull=False).aexists()
    assert await PaidEvent.objects.filter(pk=paid.pk, state="spoken").aexists()


async def test_a_turn_that_is_cut_off_before_its_first_sound_is_not_heard_and_what_was_paid_waits(
    channel: Channel, key: str
) -> None:
    def paid_turn() -> tuple[Turn, PaidEvent]:
        turn = factories.turn(channel, outcome="thinking")
        return turn, factories.paid_event(channel, state="claimed", turn=turn)

    turn, paid = await in_db(paid_turn)()
    async with page(channel, key) as overlay:
        await overlay.next_of("welcome")
        await run_says(
            channel,
            1,
            {"t": "speech.begin", "utt": 1, "turn": str(turn.pk)},
            {"t": "sentence", "utt": 1, "at": 0.0, "text": "Splendid!"},
        )
        await overlay.next_of("sentence")
        await overlay.say(t="ack", event="interrupted", utt=1, turn=str(turn.pk), position_ms=0)
    assert not await Turn.objects.filter(pk=turn.pk, heard_at__isnull=False).aexists()
    assert (await PaidEvent.objects.aget(pk=paid.pk)).state == PaidEvent.State.CLAIMED


async def test_the_run_hears_what_was_heard_though_the_database_is_away(channel: Channel, key: str) -> None:
    def away(*_query: Any) -> Any:
        raise OperationalError("the server closed the connection")

    layer: Any = get_channel_layer()
    inbox = await layer.new_channel()
    turn = await in_db(lambda: factories.turn(channel))()
    async with page(channel, key) as overlay:
        await overlay.next_of("welcome")
        await layer.group_add(push.inbox_group(channel.public_id), inbox)
        await in_db(lambda: connection.execute_wrappers.append(away))()
        await overlay.say(t="ack", event="playing", utt=1, turn=str(turn.pk), position_ms=0)
        while (told := (await layer.receive(inbox))["body"])["t"] != "ack":
            pass  # it has just come
        assert told["event"] == "playing"
        await in_db(lambda: connection.execute_wrappers.remove(away))()
        await overlay.say(t="ack", event="ended", utt=1, turn=str(turn.pk), position_ms=900)
        assert (await layer.receive(inbox))["body"]["event"] == "ended", "the page is still connected"
    assert await Turn.objects.filter(pk=turn.pk, heard_at__isnull=False).aexists()


async def test_a_turn_of_another_channel_cannot_be_marked_heard(channel: Channel, key: str) -> None:
    foreign = await in_db(lambda: factories.turn(factories.channel()))()
    async with page(channel, key) as overlay:
        await overlay.next()
        await overlay.say(t="ack", event="playing", utt=1, turn=str(foreign.pk), position_ms=0)
    await in_db(foreign.refresh_from_db)()
    assert foreign.heard_at is None


async def test_the_run_hears_what_a_page_that_comes_back_still_plays(channel: Channel, key: str) -> None:
    layer: Any = get_channel_layer()
    inbox = await layer.new_channel()
    await layer.group_add(push.inbox_group(channel.public_id), inbox)
    overlay = Page(channel)
    await overlay.open()
    await overlay.say(t="hello", key=key, have=[[3, 1, 12], [3, "x", 1], [3, 1], [-1, 1, 1], [3, 2, True], "no"])
    await overlay.next_of("welcome")
    joined = (await layer.receive(inbox))["body"]
    await overlay.leave()
    assert joined["had"] == [[3, 1, 12]]
    left = (await layer.receive(inbox))["body"]
    assert left == {"t": "overlay"}


async def test_a_flood_closes_the_socket(channel: Channel, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # However slowly this machine deals with the flood: nothing is forgiven meanwhile.
    monkeypatch.setattr(protocol, "MESSAGES_PER_SECOND", 0)
    async with page(channel, key) as overlay:
        await overlay.next()
        for _ in range(protocol.MESSAGE_BURST + 5):
            await overlay.say(t="visibility", visible=True)
        while (frame := await overlay.next()) != protocol.CLOSE_TOO_MANY:
            assert isinstance(frame, dict)


async def test_a_suspended_channel_shows_nothing(channel: Channel, key: str) -> None:
    await in_db(actions.suspend)(channel, acting_user=None, reason="test")
    async with page(channel, key) as overlay:
        assert (await overlay.next())["reason"] == "suspended"
        assert await overlay.next() == protocol.CLOSE_FORBIDDEN


async def test_the_sixth_socket_of_a_key_is_refused(channel: Channel, key: str) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(protocol.MAX_SOCKETS_PER_KEY):
            await (await stack.enter_async_context(page(channel, key))).next()
        async with page(channel, key) as sixth:
            assert await sixth.next() == protocol.CLOSE_TOO_MANY


async def test_presence_goes_with_a_page_that_goes_away_in_mid_frame(channel: Channel, key: str) -> None:
    words: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    gone = False

    async def send(message: dict[str, Any]) -> None:
        if gone:
            raise OSError("The client is disconnected.")  # as the web server does

    words.put_nowait({"type": "websocket.connect"})
    words.put_nowait({"type": "websocket.receive", "text": json.dumps({"t": "hello", "key": key})})
    path = f"/ws/overlay/{channel.public_id}/"
    scope = {"type": "websocket", "path": path, "headers": [], "user": AnonymousUser(), "client": ["127.0.0.1", 4000]}
    serving = asyncio.create_task(application(scope, words.get, send))
    await until(OverlayPresence.objects.filter(channel=channel).aexists)
    gone = True
    frames = {"type": "overlay.frames", "fence": 1, "frames": [{"t": "state", "name": "talking"}]}
    await until(lambda: told_and_over(channel, frames, serving))
    assert not await OverlayPresence.objects.filter(channel=channel).aexists()


async def told_and_over(channel: Channel, frames: dict[str, Any], serving: asyncio.Task[None]) -> bool:
    await push.send(push.overlay_group(channel.public_id), frames)
    return serving.done() and isinstance(serving.exception(), OSError)


async def test_presence_goes_with_the_page(channel: Channel, key: str) -> None:
    async with page(channel, key) as overlay:
        await overlay.next()
        assert await OverlayPresence.objects.filter(channel=channel).acount() == 1
    assert await OverlayPresence.objects.filter(channel=channel).acount() == 0
