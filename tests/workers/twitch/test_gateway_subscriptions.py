"""Each running channel has the subscriptions its broadcaster allowed, whatever Twitch forgets or refuses."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from channels_app.models import Channel, DesiredState, EventSubSubscription, TwitchCredential
from channels_app.twitch import consent, helix
from channels_app.twitch.login import keep_credential
from channels_app.twitch.scopes import CHAT, SIGN_IN
from tests.clock import until
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_bucket import Bucket
from tests.fakes.twitch_live import QUICK, Inbox, LiveGateway, gateway, running_channel
from workers.twitch import rows as rows_of
from workers.twitch.reconciler import HANDS, Reconciler
from workers.twitch.running import Reached
from workers.twitch.subscriptions import KINDS

pytestmark = pytest.mark.django_db(transaction=True)

SCOPE_FREE_AND_CHAT = 7
"""Four of chat, raid, online, offline."""


@pytest.fixture
async def live(twitch: FakeTwitch, alice: Channel) -> AsyncIterator[LiveGateway]:
    async with gateway(twitch) as running:
        await running.subscribed()
        yield running


def rows(channel: Channel) -> dict[str, EventSubSubscription]:
    return {row.type: row for row in EventSubSubscription.objects.filter(channel=channel)}


async def when_rows(channel: Channel, so: Callable[[dict[str, EventSubSubscription]], bool]) -> None:
    found: dict[str, EventSubSubscription] = {}

    async def holds() -> bool:
        found.clear()
        found.update(await sync_to_async(rows)(channel))
        return so(found)

    try:
        await until(holds)
    except AssertionError as error:
        error.add_note(str({kind: (row.state, row.twitch_id, row.problem) for kind, row in found.items()}))
        raise


async def change(channel: Channel, **fields: Any) -> None:
    await Channel.objects.filter(pk=channel.pk).aupdate(**fields)


async def test_every_subscription_is_written_down(live: LiveGateway, twitch: FakeTwitch, alice: Channel) -> None:
    ids = {s.type: s.id for s in twitch.subscriptions}
    await when_rows(alice, lambda found: {t: r.twitch_id for t, r in found.items() if r.state == "enabled"} == ids)


async def test_what_twitch_forgot_is_made_again(live: LiveGateway, twitch: FakeTwitch, alice: Channel) -> None:
    before = {s.id for s in twitch.subscriptions}
    twitch.forget_subscriptions()
    await until(lambda: len(twitch.subscriptions) == len(KINDS))
    assert not before & {s.id for s in twitch.subscriptions}
    async with Inbox(alice).open() as inbox:
        twitch.say("Alice", "Dora", "hello again")
        await until(lambda: inbox.texts == ["hello again"])


async def test_doubles_and_what_twitch_switched_off_are_cleaned_up(live: LiveGateway, twitch: FakeTwitch) -> None:
    some = twitch.subscriptions[0]
    twitch.world.subscriptions["double"] = dataclasses.replace(some, id="double")
    twitch.subscriptions[1].status = "notification_failures_exceeded"
    await until(
        lambda: len(twitch.subscriptions) == len(KINDS) and all(s.status == "enabled" for s in twitch.subscriptions)
    )


async def test_a_channel_that_stops_is_no_longer_listened_to(
    live: LiveGateway, twitch: FakeTwitch, alice: Channel
) -> None:
    await change(alice, desired_state=DesiredState.STOPPED)
    await until(lambda: twitch.subscriptions == [])
    await when_rows(alice, lambda found: not found)
    await change(alice, desired_state=DesiredState.RUNNING)
    await live.subscribed()


async def end_in_part(twitch: FakeTwitch, channel: Channel) -> set[str]:
    """The channel is stopped, and Twitch takes no more than five of its subscriptions back. Ids of those left."""
    twitch.fail_next("/helix/eventsub/subscriptions", 500, times=1000, method="DELETE", after=5)
    await change(channel, desired_state=DesiredState.STOPPED)
    await until(lambda: any(call.status == 500 for call in twitch.calls))
    # They are asked for side by side: the first that is refused may be answered before the last that is not.
    await until(lambda: len(twitch.subscriptions) == len(KINDS) - 5)
    return {s.id for s in twitch.subscriptions}


async def test_an_end_that_is_broken_off_leaves_no_row_of_what_is_ended(
    live: LiveGateway, twitch: FakeTwitch, alice: Channel
) -> None:
    left = await end_in_part(twitch, alice)
    await when_rows(alice, lambda found: {row.twitch_id for row in found.values()} == left)


async def test_a_channel_that_starts_again_while_it_is_ended_keeps_what_is_left_and_gets_the_rest_anew(
    live: LiveGateway, twitch: FakeTwitch, alice: Channel
) -> None:
    kept = await end_in_part(twitch, alice)
    listed = len(twitch.called("GET", "/eventsub/subscriptions"))
    # Twitch's list names them once more while nobody wants them.
    await until(lambda: len(twitch.called("GET", "/eventsub/subscriptions")) > listed + 1)
    await change(alice, desired_state=DesiredState.RUNNING)
    await live.looked()
    twitch.world.faults.clear()
    await live.subscribed()
    ended = len(twitch.called("DELETE", "/eventsub/subscriptions"))
    listed = len(twitch.called("GET", "/eventsub/subscriptions"))
    await until(lambda: len(twitch.called("GET", "/eventsub/subscriptions")) > listed + 1)
    assert len(twitch.called("DELETE", "/eventsub/subscriptions")) == ended
    assert kept <= {s.id for s in twitch.subscriptions}


async def test_what_is_allowed_while_rows_are_written_has_its_row_too(twitch: FakeTwitch, alice: Channel) -> None:
    reconciler = Reconciler(helix.client(), QUICK, lambda: "conduit")
    few, more = (Reached(alice.pk, alice.public_id, allowed=kinds) for kinds in (0b1, 0b111))
    reconciler._begun = True
    reconciler.see({"501": few}, {"501": (None, few)})
    writing = asyncio.create_task(reconciler._keep_writing())
    # Now the first row is on its way to the database.
    await asyncio.sleep(0)
    reconciler.see({"501": more}, {"501": (few, more)})
    await when_rows(alice, lambda found: set(found) == {kind.type for kind in KINDS[:3]})
    writing.cancel()
    await asyncio.wait({writing})


async def test_a_channel_that_starts_hears_chat_first(live: LiveGateway, twitch: FakeTwitch) -> None:
    sent = len(twitch.called("POST", "/eventsub/subscriptions"))
    await sync_to_async(running_channel)(twitch, "Bob")
    await live.subscribed(2 * len(KINDS))
    types = [call.body["type"] for call in twitch.called("POST", "/eventsub/subscriptions")[sent:]]
    # All hands are free, so some are on their way at the same time.
    assert "channel.chat.message" in types[: HANDS + 1]


async def test_only_what_was_allowed_is_asked_for(twitch: FakeTwitch) -> None:
    bob = await sync_to_async(running_channel)(twitch, "Bob", scopes=CHAT)
    async with gateway(twitch) as live:
        await live.subscribed(SCOPE_FREE_AND_CHAT)
        assert {call.status for call in twitch.called("POST", "/eventsub/subscriptions")} == {202}
        twitch.grant("Bob", SIGN_IN)
        await TwitchCredential.objects.filter(user_id=bob.broadcaster_id).aupdate(scopes=list(SIGN_IN))
        await live.subscribed()


async def test_a_refused_extra_is_written_down_and_not_asked_for_again(twitch: FakeTwitch, alice: Channel) -> None:
    twitch.world.grants[twitch.account("Alice").id].discard("bits:read")
    async with gateway(twitch) as live:
        await live.subscribed(len(KINDS) - 1)
        await when_rows(alice, lambda found: found["channel.cheer"].state == "refused")
        assert "403" in (await sync_to_async(rows)(alice))["channel.cheer"].problem
        listed = len(twitch.called("GET", "/eventsub/subscriptions"))
        await until(lambda: len(twitch.called("GET", "/eventsub/subscriptions")) > listed + 2)
        asked = [c.body["type"] for c in twitch.called("POST", "/eventsub/subscriptions")]
        assert asked.count("channel.cheer") == 1
    await alice.arefresh_from_db()
    assert alice.reauthorise_since is None


async def test_refused_chat_sends_the_broadcaster_back_to_sign_in(twitch: FakeTwitch, alice: Channel) -> None:
    twitch.world.grants[twitch.account("Alice").id].clear()
    async with gateway(twitch):

        async def marked() -> bool:
            await alice.arefresh_from_db()
            return alice.reauthorise_since is not None

        await until(marked)
        await until(lambda: twitch.subscriptions == [])


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_trouble_at_twitch_is_waited_out(twitch: FakeTwitch, alice: Channel, status: int) -> None:
    twitch.helix.reset_after = 0.0
    twitch.fail_next("/helix/eventsub/subscriptions", status, times=1, method="POST")
    async with gateway(twitch) as live:
        await live.subscribed()
        await when_rows(alice, lambda found: all(row.state == "enabled" for row in found.values()))


async def test_the_request_limit_is_respected(twitch: FakeTwitch, alice: Channel) -> None:
    async with gateway(twitch) as live:
        await live.subscribed()
        await sync_to_async(running_channel)(twitch, "Bob")
        twitch.world.bucket = Bucket(4, per_minute=0)
        await until(lambda: any(call.status == 429 for call in twitch.calls))
        # Two questions may be on their way at the same moment; none is asked again.
        refused = Counter((call.method, call.path) for call in twitch.calls if call.status == 429)
        twitch.world.bucket = None
        await live.subscribed(2 * len(KINDS))
        assert set(refused.values()) == {1}


async def test_one_that_exists_already_is_taken_as_made(twitch: FakeTwitch, alice: Channel) -> None:
    twitch.fail_next("/helix/eventsub/subscriptions", 409, method="POST")
    async with gateway(twitch, pace=dataclasses.replace(QUICK, reconcile=60)) as live:
        await until(lambda: live.known == len(KINDS))
        assert len(twitch.subscriptions) == len(KINDS) - 1


async def test_a_disconnected_broadcaster_is_marked_and_left_alone_until_signed_in_again(
    live: LiveGateway, twitch: FakeTwitch, alice: Channel
) -> None:
    twitch.revoke("Alice")

    async def marked() -> bool:
        return await TwitchCredential.objects.filter(state=TwitchCredential.State.RECONNECT).aexists()

    await until(marked)
    credential = await TwitchCredential.objects.aget()
    await alice.arefresh_from_db()
    assert alice.reauthorise_since is not None
    assert "authorization_revoked" in credential.problem
    await until(lambda: not live.known)
    await when_rows(alice, lambda found: all(row.state == "refused" for row in found.values()))
    await live.looked()
    twitch.grant("Alice", SIGN_IN)
    await TwitchCredential.objects.aupdate(state=TwitchCredential.State.OK)
    await sync_to_async(consent.given)(alice, list(SIGN_IN))
    await live.subscribed()


async def test_a_consent_that_ends_before_the_subscriptions_are_written_down_has_ended(
    twitch: FakeTwitch, alice: Channel
) -> None:
    async with gateway(twitch) as live:
        assert live.gateway.reconciler
        async with live.gateway.reconciler._write_lock:  # the database is slow
            await until(lambda: len(twitch.subscriptions) == len(KINDS) and twitch.shards_enabled == 2)
            twitch.revoke("Alice")
            await live.looked()

        async def marked() -> bool:
            return await TwitchCredential.objects.filter(state=TwitchCredential.State.RECONNECT).aexists()

        await until(marked)
        await when_rows(alice, lambda found: all(row.state == "refused" for row in found.values()))


@pytest.mark.parametrize("first", ["revocation", "sign-in"])
def test_word_of_an_older_end_takes_no_new_consent_back(twitch: FakeTwitch, alice: Channel, first: str) -> None:
    EventSubSubscription.objects.create(channel=alice, type="channel.raid", state="enabled", twitch_id="old")
    answer = {"access_token": "new", "refresh_token": "newer", "scope": list(SIGN_IN), "expires_in": 14_400}
    steps: list[Callable[[], object]] = [
        lambda: rows_of.note_revoked("old", "authorization_revoked"),
        lambda: keep_credential(alice.broadcaster, answer),
    ]
    for step in steps if first == "revocation" else steps[::-1]:
        step()
    consent.given(alice, list(SIGN_IN))
    assert TwitchCredential.objects.get().state == TwitchCredential.State.OK
    alice.refresh_from_db()
    assert alice.reauthorise_since is None


async def test_a_version_twitch_gave_up_concerns_that_subscription_alone(
    live: LiveGateway, twitch: FakeTwitch, alice: Channel
) -> None:
    twitch.end_subscription("channel.raid", "version_removed")
    await when_rows(alice, lambda found: found["channel.raid"].state == "refused")
    await alice.arefresh_from_db()
    assert alice.reauthorise_since is None
    assert len(twitch.subscriptions) == len(KINDS) - 1
