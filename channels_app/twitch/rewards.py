"""The reward with which viewers talk to her: made and changed by its owner, settled by what became of each redemption.

What Twitch has to be told is read from the rows alone, so that no death of a process loses or doubles it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_app import paid, push
from channels_app.actions import Refused, record
from channels_app.limits import alone
from channels_app.models import Channel, ChannelReward, DesiredState, PaidEvent, User
from channels_app.twitch.helix import TwitchError
from channels_app.twitch.points import CANCELED, FULFILLED, UNFULFILLED, Points, in_words

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

AT_ONCE = 50
"""Redemptions of a channel that are settled in one pass."""
LONGEST_PASS = 8.0
"""Seconds after which a pass begins nothing more, so that few wait side by side where Twitch is slow."""
LONGEST_LOOK = 30.0
"""The same of a pass that looks after the rewards, which begins less often."""
TELLING = timedelta(seconds=30)
"""Who tells Twitch has this long; then another may, who finds out first whether Twitch knows."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
"""After a failure, doubled each time."""
ON_ITS_WAY = timedelta(seconds=60)
"""By then the notification about a redemption has come, or never will."""


def save(
    channel: Channel, *, acting_user: User, title: str, cost: int, prompt: str, cooldown_seconds: int
) -> ChannelReward:
    """The reward as its owner wants it, on Twitch and here. Raises Refused with what to do."""
    wanted = {
        "title": title,
        "cost": cost,
        "prompt": prompt,
        "is_user_input_required": True,
        "is_global_cooldown_enabled": cooldown_seconds > 0,
        "global_cooldown_seconds": max(1, cooldown_seconds),
        "is_paused": _shall_rest(channel),
    }
    row = ChannelReward.objects.filter(channel=channel).first()
    try:
        points = Points(channel)
        twitch_id = _put(points, row.twitch_id if row else "", wanted)
    except TwitchError as error:
        raise Refused(in_words(error)) from error
    values = {
        "twitch_id": twitch_id, "title": title, "cost": cost, "prompt": prompt,
        "cooldown_seconds": cooldown_seconds, "paused": wanted["is_paused"], "problem": "",
    }  # fmt: skip
    saved, _is_new = ChannelReward.objects.update_or_create(channel=channel, defaults=values)
    record(channel, acting_user, "reward.saved", title=title, cost=cost)
    return saved


def _put(points: Points, twitch_id: str, wanted: dict[str, object]) -> str:
    """Changes the reward, or makes it. One that we made and lost sight of is taken up again."""
    if twitch_id:
        try:
            points.update(twitch_id, wanted)
            return twitch_id
        except TwitchError as error:
            if error.status != 404:
                raise
    try:
        return points.create(wanted)
    except TwitchError as error:
        ours = points.ours().get(str(wanted["title"]).casefold()) if "DUPLICATE_REWARD" in str(error) else None
        if ours is None:
            raise
        points.update(ours, wanted)
        return ours


def remove(channel: Channel, *, acting_user: User) -> None:
    """Takes the reward from Twitch. Raises Refused while redemptions wait: without it none can be refunded."""
    row = ChannelReward.objects.filter(channel=channel).first()
    if row is None:
        return
    try:
        if row.twitch_id:
            settle_due(channel=channel)
            open_events = _own().filter(channel=channel, settled_at=None)
            if open_events.exists():
                raise Refused(_("Somebody waits for an answer or a refund. Remove the reward when that is done."))
            Points(channel).delete(row.twitch_id)
    except TwitchError as error:
        raise Refused(in_words(error)) from error
    row.delete()
    record(channel, acting_user, "reward.removed", title=row.title)


def latest(channel: Channel, count: int) -> list[PaidEvent]:
    """What was redeemed with the present reward, the newest first."""
    return list(_own().filter(channel=channel).order_by("-received_at")[:count])


def counts(channel: Channel) -> dict[str, int]:
    """How much of it was fulfilled and refunded."""
    found = _own().filter(channel=channel)
    return found.aggregate(
        fulfilled=Count("pk", filter=Q(settled_as=FULFILLED)), refunded=Count("pk", filter=Q(settled_as=CANCELED))
    )


def settle_due(*, now: Clock = timezone.now, channel: Channel | None = None) -> int:
    """Tells Twitch what became of redemptions: fulfilled when she was heard, refunded when not. Returns how many."""
    due = _own().filter(_tellable(now()), state__in=(PaidEvent.State.SPOKEN, PaidEvent.State.REFUSED))
    if channel is not None:
        due = due.filter(channel=channel)
    until, told = time.monotonic() + LONGEST_PASS, 0
    for channel_pk in due.order_by("channel_id").values_list("channel_id", flat=True).distinct():
        with alone(f"settle:{channel_pk}", 2 * LONGEST_PASS) as mine:
            # Whoever asks for one channel waits for an answer; that nothing is told twice is in the rows.
            waiting = due.filter(channel_id=channel_pk) if mine or channel is not None else due.none()
            for event in waiting.select_related("channel").order_by("done_at", "pk")[:AT_ONCE]:
                if time.monotonic() > until:
                    return told
                told += _settle(event, now)
    return told


def _own() -> QuerySet[PaidEvent]:
    """Redemptions of the rewards we made."""
    return (
        PaidEvent.objects.filter(channel__reward__twitch_id=F("reward_id"))
        .exclude(redemption_id="")
        .exclude(reward_id="")
    )


def _tellable(now: datetime) -> Q:
    return Q(settled_at=None) & (Q(settle_after=None) | Q(settle_after__lte=now))


def _settle(event: PaidEvent, now: Clock) -> bool:
    # Those before it may have taken long: whoever tells has its time from here on.
    mine = PaidEvent.objects.filter(_tellable(now()), pk=event.pk)
    if not mine.update(settle_after=now() + TELLING, settle_tries=F("settle_tries") + 1):
        return False
    status = FULFILLED if event.state == PaidEvent.State.SPOKEN else CANCELED
    try:
        told = _tell(Points(event.channel), event, status)
    except TwitchError as error:
        _note_failure(event, error, now())
        return False
    PaidEvent.objects.filter(pk=event.pk).update(settled_at=now(), settled_as=told, settle_problem="")
    push.dashboard_now(event.channel, {"t": "turn", "id": str(event.turn_id or "")})
    return True


def _tell(points: Points, event: PaidEvent, status: str) -> str:
    """The status Twitch holds afterwards: ours, or the one it had already from us or from the broadcaster."""
    try:
        points.settle(event.reward_id, event.redemption_id, status)
    except TwitchError as error:
        if error.status not in {400, 404}:
            raise
        known = points.status_of(event.reward_id, event.redemption_id)
        if known == UNFULFILLED:
            raise
        return known
    return status


def _note_failure(event: PaidEvent, error: TwitchError, now: datetime) -> None:
    """Later again; or never, where the redemption is gone or was never ours to settle."""
    over = error.status in {403, 404}
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(event.settle_tries, 10))
    PaidEvent.objects.filter(pk=event.pk).update(
        settle_problem=str(error)[:200], settle_after=now + wait, **({"settled_at": now} if over else {})
    )
    log.warning("redemption %s of channel %s is not settled: %s", event.redemption_id, event.channel_id, error)


def look_after(*, now: Clock = timezone.now) -> None:
    """Rewards are there while their channels run; redemptions that nobody told us of are taken up."""
    until = time.monotonic() + LONGEST_LOOK
    # In any order: where time runs out, others come first the next time.
    for reward in ChannelReward.objects.exclude(twitch_id="").select_related("channel").order_by("?"):
        if time.monotonic() > until:
            return
        with alone(f"look:{reward.channel_id}", 2 * LONGEST_PASS) as mine:
            if mine:
                _look_after(reward, now())


def _look_after(reward: ChannelReward, now: datetime) -> None:
    try:
        _rest_or_work(reward, now)
        if reward.problem:
            ChannelReward.objects.filter(pk=reward.pk).update(problem="")
    except TwitchError as error:
        _note_problem(reward, error)


def _rest_or_work(reward: ChannelReward, now: datetime) -> None:
    rests = _shall_rest(reward.channel)
    if reward.paused == rests and rests:
        return
    points = Points(reward.channel)
    if reward.paused != rests:
        points.update(reward.twitch_id, {"is_paused": rests})
        ChannelReward.objects.filter(pk=reward.pk).update(paused=rests)
    if not rests:
        _take_up(reward, points, now)


def _take_up(reward: ChannelReward, points: Points, now: datetime) -> None:
    """A notification is told once: what was redeemed while the gateway was away is found here."""
    for redeemed in points.unfulfilled(reward.twitch_id):
        at = datetime.fromisoformat(redeemed.redeemed_at)
        event_id = f"redemption-{redeemed.id}"
        if at > now - ON_ITS_WAY or PaidEvent.objects.filter(channel=reward.channel, event_id=event_id).exists():
            continue
        event = {
            "id": event_id,
            "kind": "redemption",
            "chatter": {"id": redeemed.user_id, "name": redeemed.user_name},
            "text": " ".join(redeemed.text.split()),
            "at": at.timestamp(),
            "title": redeemed.title,
        }
        stored = paid.store(reward.channel, event, redemption_id=redeemed.id, reward_id=reward.twitch_id)
        push.inbox_now(reward.channel, {"t": "event", "event": stored})


def _note_problem(reward: ChannelReward, error: TwitchError) -> None:
    gone = {"twitch_id": ""} if error.status == 404 else {}
    ChannelReward.objects.filter(pk=reward.pk).update(problem=str(error)[:200], **gone)
    log.warning("the reward of channel %s is not looked after: %s", reward.channel_id, error)


def _shall_rest(channel: Channel) -> bool:
    return channel.desired_state != DesiredState.RUNNING or channel.is_suspended
