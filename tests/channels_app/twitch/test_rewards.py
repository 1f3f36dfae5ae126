"""A reward for talking to her: made by its owner, fulfilled once she was heard, refunded once when she was not."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aigirl_site.celery import TWITCH_SCHEDULE
from channels_app import actions, paid
from channels_app.models import Channel, ChannelReward, DesiredState, PaidEvent, TwitchCredential, User
from channels_app.twitch import rewards
from channels_app.twitch.scopes import REWARDS, SIGN_IN
from tests import factories
from tests.channels_app.twitch.visitor import Visitor
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import running_channel
from tests.fakes.twitch_points import Reward
from tests.waiting import until
from workers.pipeline.values import EventKind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]
FORM = {"title": "Talk to Mira", "cost": 300, "prompt": "Ask her anything", "cooldown_seconds": 60}


@pytest.fixture
def stage(twitch: FakeTwitch) -> Channel:
    """Alice's channel, connected to Twitch and live."""
    return running_channel(twitch, scopes=(*SIGN_IN, REWARDS))


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def saved(channel: Channel, **changes: object) -> ChannelReward:
    return rewards.save(channel, acting_user=channel.broadcaster, **(FORM | changes))  # type: ignore[arg-type]


def redeemed(twitch: FakeTwitch, channel: Channel, state: str, reason: str = "") -> tuple[str, PaidEvent]:
    """A redemption that was brought to this end."""
    reward = ChannelReward.objects.get(channel=channel)
    redemption = twitch.redeem("Alice", "Dora", reward.title, "hello", tell=False)
    event = factories.event("hello", id=f"redemption-{redemption}").as_message() | {"kind": "redemption"}
    stored = paid.store(channel, event, redemption_id=redemption, reward_id=reward.twitch_id)
    assert stored["own_reward"]
    PaidEvent.objects.filter(pk=stored["paid_id"]).update(state=state, reason=reason, done_at=timezone.now())
    return redemption, PaidEvent.objects.get(pk=stored["paid_id"])


def test_the_owner_makes_it_on_the_page_and_changes_it(twitch: FakeTwitch, stage: Channel) -> None:
    client = browser(stage.broadcaster)
    assert "Make the reward" in client.get(reverse("reward", args=[stage.public_id])).content.decode()
    answer = client.post(reverse("save_reward", args=[stage.public_id]), FORM, follow=True)
    assert "Saved." in answer.content.decode()
    [made] = twitch.points.rewards.values()
    assert (made.title, made.cost, made.prompt, made.cooldown) == ("Talk to Mira", 300, "Ask her anything", 60)
    assert made.needs_text
    assert not made.paused, "she is live"
    client.post(reverse("save_reward", args=[stage.public_id]), FORM | {"cost": 900, "cooldown_seconds": 0})
    assert (len(twitch.points.rewards), made.cost, made.cooldown) == (1, 900, 0)


@pytest.mark.parametrize(
    ("obstacle", "told"),
    [
        ("no points", "affiliates and partners only"),
        ("title taken", "Choose another title"),
        ("too many", "as many rewards as Twitch allows"),
        ("no scope", "Sign in with Twitch again"),
        ("scope not granted", "Sign in with Twitch again"),
        ("twitch down", "did not answer"),
        ("no twitch", "not connected"),
    ],
)
def test_what_stands_in_the_way_is_told_in_a_sentence(
    twitch: FakeTwitch, stage: Channel, obstacle: str, told: str
) -> None:
    broadcaster = str(stage.twitch_id)
    match obstacle:
        case "no points":
            twitch.points.without_points.add(broadcaster)
        case "title taken":
            twitch.points.rewards["x"] = Reward("x", broadcaster, "somebody else", "talk to mira", 1)
        case "too many":
            for number in range(50):
                twitch.points.rewards[str(number)] = Reward(str(number), broadcaster, "somebody else", f"r{number}", 1)
        case "no scope":
            TwitchCredential.objects.update(scopes=list(SIGN_IN))
        case "scope not granted":
            token, _refresh = twitch.grant("Alice", SIGN_IN)
            TwitchCredential.objects.update(access_token=token)
        case "twitch down":
            twitch.fail_next("/helix/channel_points", 503, times=5)
        case "no twitch":
            Channel.objects.filter(pk=stage.pk).update(twitch_id=None)
    answer = browser(stage.broadcaster).post(reverse("save_reward", args=[stage.public_id]), FORM)
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert not ChannelReward.objects.exists()


def test_the_permission_is_asked_of_who_wants_a_reward_and_kept_at_the_next_sign_in(
    twitch: FakeTwitch,
) -> None:
    visitor = Visitor(Client())
    twitch.consent_as("Alice")
    visitor.sign_in()
    channel = Channel.objects.get()
    page = visitor.client.get(reverse("reward", args=[channel.public_id])).content.decode()
    assert "Sign in with Twitch again" in page
    visitor.sign_in(points="1")
    assert REWARDS in visitor.asked_scopes
    assert REWARDS in TwitchCredential.objects.get().scopes
    saved(channel)
    visitor.client.get(reverse("reward", args=[channel.public_id]))
    # As Twitch ends a session: the browser stays, the sign-in is gone.
    visitor.client.cookies.pop("sessionid")
    visitor.sign_in()
    assert REWARDS in visitor.asked_scopes
    assert REWARDS in TwitchCredential.objects.get().scopes


def test_one_whose_answer_was_lost_is_taken_up_again_and_not_made_twice(twitch: FakeTwitch, stage: Channel) -> None:
    twitch.points.answers_lost = 1
    with pytest.raises(actions.Refused):
        saved(stage)
    assert len(twitch.points.rewards) == 1
    assert saved(stage).twitch_id in twitch.points.rewards
    assert len(twitch.points.rewards) == 1


@pytest.mark.parametrize(
    ("state", "reason", "status"), [("spoken", "", "FULFILLED"), ("refused", "it was too late", "CANCELED")]
)
def test_what_became_of_it_is_told_once(
    twitch: FakeTwitch, stage: Channel, state: str, reason: str, status: str
) -> None:
    saved(stage)
    redemption, event = redeemed(twitch, stage, state, reason)
    assert rewards.settle_due() == 1
    assert rewards.settle_due(now=lambda: timezone.now() + timedelta(hours=1)) == 0
    known = twitch.points.redemptions[redemption]
    assert (known.status, known.settled) == (status, 1)
    event.refresh_from_db()
    assert event.settled_as == status
    page = browser(stage.broadcaster).get(reverse("reward", args=[stage.public_id])).content.decode()
    assert ("fulfilled" if status == "FULFILLED" else "refunded") in page
    assert "Dora" in page


@pytest.mark.parametrize("state", ["waiting", "claimed"])
def test_what_is_not_over_is_not_settled(twitch: FakeTwitch, stage: Channel, state: str) -> None:
    saved(stage)
    redemption, _event = redeemed(twitch, stage, state)
    assert rewards.settle_due() == 0
    assert twitch.points.redemptions[redemption].status == "UNFULFILLED"


def test_a_process_killed_before_it_could_note_the_answer_leaves_nothing_twice(
    twitch: FakeTwitch, stage: Channel
) -> None:
    """Twitch did it, and whoever asked died: the next one finds out and writes it down."""
    saved(stage)
    redemption, event = redeemed(twitch, stage, "refused", "skipped")
    twitch.points.redemptions[redemption].status = "CANCELED"
    twitch.points.redemptions[redemption].settled = 1
    now = timezone.now()
    PaidEvent.objects.filter(pk=event.pk).update(settle_after=now + rewards.TELLING, settle_tries=1)
    assert rewards.settle_due(now=lambda: now) == 0, "somebody may still be telling it"
    assert rewards.settle_due(now=lambda: now + rewards.TELLING) == 1
    event.refresh_from_db()
    assert event.settled_as == "CANCELED"
    assert twitch.points.redemptions[redemption].settled == 1


def test_a_twitch_that_is_down_is_asked_again_later(twitch: FakeTwitch, stage: Channel) -> None:
    saved(stage)
    redemption, event = redeemed(twitch, stage, "spoken")
    twitch.fail_next("/helix/channel_points", 503, times=1)
    now = timezone.now()
    assert rewards.settle_due(now=lambda: now) == 0
    assert rewards.settle_due(now=lambda: now + timedelta(seconds=1)) == 0, "not at once"
    assert rewards.settle_due(now=lambda: now + timedelta(seconds=30)) == 1
    assert twitch.points.redemptions[redemption].status == "FULFILLED"
    event.refresh_from_db()
    assert (event.settled_as, event.settle_problem) == ("FULFILLED", "")


@pytest.mark.django_db(transaction=True)
def test_a_twitch_that_is_slow_for_a_channel_takes_one_thread_and_no_more(twitch: FakeTwitch, stage: Channel) -> None:
    saved(stage)
    first, _event = redeemed(twitch, stage, "spoken")
    second, _event = redeemed(twitch, stage, "spoken")

    def settled() -> int:
        try:
            return rewards.settle_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with twitch.holding("/helix/channel_points/custom_rewards/redemptions"):
            slow = pool.submit(settled)
            until(lambda: PaidEvent.objects.filter(settle_tries=1).exists())
            assert rewards.settle_due() == 0
            assert PaidEvent.objects.filter(settle_tries=0).count() == 1, "the other waits for the same pass"
        assert slow.result() == 2
    assert {twitch.points.redemptions[one].settled for one in (first, second)} == {1}


def test_who_tells_after_others_has_as_long(twitch: FakeTwitch, stage: Channel) -> None:
    saved(stage)
    redeemed(twitch, stage, "spoken")
    redeemed(twitch, stage, "spoken")
    seconds = itertools.count()
    begun = timezone.now()
    assert rewards.settle_due(now=lambda: begun + timedelta(seconds=10 * next(seconds))) == 2
    earlier, later = PaidEvent.objects.order_by("settled_at")
    assert earlier.settle_after is not None
    assert later.settle_after is not None
    assert later.settle_after >= earlier.settle_after + timedelta(seconds=10)


def test_no_tick_waits_for_the_rewards() -> None:
    for name in ("settle-redemptions", "look-after-rewards"):
        assert TWITCH_SCHEDULE[name]["options"]["queue"] == "live"


def test_rewards_of_others_are_left_alone(twitch: FakeTwitch, stage: Channel) -> None:
    saved(stage)
    twitch.points.rewards["x"] = Reward("x", str(stage.twitch_id), "somebody else", "Hydrate!", 1)
    event = factories.event("", kind=EventKind.REDEMPTION).as_message()
    stored = paid.store(stage, event, redemption_id="r1", reward_id="x")
    assert "own_reward" not in stored or not stored["own_reward"]
    PaidEvent.objects.filter(pk=stored["paid_id"]).update(state="spoken", done_at=timezone.now())
    before = len(twitch.calls)
    assert rewards.settle_due() == 0
    assert len(twitch.calls) == before


def test_it_rests_while_she_is_not_live(twitch: FakeTwitch, stage: Channel) -> None:
    saved(stage)
    [made] = twitch.points.rewards.values()
    Channel.objects.update(desired_state=DesiredState.STOPPED)
    rewards.look_after()
    assert made.paused
    calls = len(twitch.calls)
    rewards.look_after()
    assert len(twitch.calls) == calls, "Twitch is not asked for nothing"
    Channel.objects.update(desired_state=DesiredState.RUNNING)
    rewards.look_after()
    assert not made.paused


def test_what_was_redeemed_while_nobody_was_told_is_found_once(twitch: FakeTwitch, stage: Channel) -> None:
    saved(stage)
    redemption = twitch.redeem("Alice", "Dora", "Talk to Mira", "are you there?", tell=False)
    rewards.look_after()
    assert not PaidEvent.objects.exists(), "its notification may still be on its way"
    for _ in range(2):
        rewards.look_after(now=lambda: timezone.now() + rewards.ON_ITS_WAY)
    row = PaidEvent.objects.get()
    assert (row.redemption_id, row.payload["text"], row.payload["own_reward"]) == (redemption, "are you there?", True)


def test_one_that_is_gone_on_twitch_is_shown_so_and_made_anew(twitch: FakeTwitch, stage: Channel) -> None:
    saved(stage)
    twitch.points.rewards.clear()
    Channel.objects.update(desired_state=DesiredState.STOPPED)
    rewards.look_after()
    client = browser(stage.broadcaster)
    assert "no longer on Twitch" in client.get(reverse("reward", args=[stage.public_id])).content.decode()
    saved(stage)
    assert len(twitch.points.rewards) == 1


def test_it_is_removed_when_nobody_waits_for_it(twitch: FakeTwitch, stage: Channel) -> None:
    saved(stage)
    _redemption, event = redeemed(twitch, stage, "waiting")
    client = browser(stage.broadcaster)
    url = reverse("remove_reward", args=[stage.public_id])
    assert "waits for an answer" in client.post(url, follow=True).content.decode()
    PaidEvent.objects.filter(pk=event.pk).update(state="refused", reason="stopped", done_at=timezone.now())
    assert "The reward is gone." in client.post(url, follow=True).content.decode()
    assert twitch.points.rewards == {}
    assert not ChannelReward.objects.exists()
