"""Money is taken before it is spent and given back when it was not: whatever happens, and however often."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import counters, saving
from billing.budget import HELD_FOR, Claim, money_is_spent, reserve, standing, standings
from billing.ledger import record_usage, release, release_all, release_expired
from billing.limits import Limits, day_of, hour_of
from billing.models import Budget, HouseDay, Reservation, UsageRecord
from billing.quota import used_by
from channels_app import actions
from channels_app.entitlements import Entitlements
from channels_app.models import AuditEvent, Channel, DesiredState
from tests import factories

NOON = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)
REPLY = UsageRecord.Kind.REPLY
_keys = itertools.count(1)


def ask(channel: Channel, micros: int = 100, *, key: str = "", now: datetime = NOON, **more: Any) -> str:
    limits = more.pop("limits", Limits(site_hour=1000))
    forced = more.pop("forced", False)
    claim = Claim(micros=micros, **more)
    return reserve(channel, key=key or f"turn:{next(_keys)}", claim=claim, limits=limits, now=now, forced=forced)


def budget(channel: Channel) -> Budget:
    return Budget.objects.get(channel=channel)


@pytest.mark.django_db
def test_many_channels_stand_as_each_of_them_does(django_assert_max_num_queries: Any) -> None:
    plans = [{}, Entitlements(replies=10).stored(), Entitlements(period_start="2026-11-20T00:00:00+00:00").stored()]
    channels = [factories.channel(entitlements=plan) for plan in plans]
    for number, channel in enumerate(channels):
        ask(channel, 100 * (number + 1), replies=1)
    each = {channel.pk: standing(channel, NOON) for channel in channels}
    with django_assert_max_num_queries(3):
        assert standings([channel.pk for channel in channels], NOON) == each
    # An hour later the counters of each begin anew.
    later = NOON + timedelta(hours=1)
    assert standings([channel.pk for channel in channels], later) == {
        channel.pk: standing(channel, later) for channel in channels
    }


@pytest.mark.django_db
def test_a_channel_that_is_gone_has_no_limits() -> None:
    assert standings([1_000_000], NOON)[1_000_000].lines == ()


def test_what_is_reserved_is_gone_until_it_is_settled(channel: Channel) -> None:
    assert ask(channel, 600, key="a") == ""
    assert ask(channel, 600) == "site_hour"
    record_usage(channel, key="a", kind=REPLY, cost_micros=250, at=NOON)
    assert (budget(channel).hour_micros, budget(channel).held_micros) == (250, 0)
    assert ask(channel, 600) == ""


def test_what_came_to_nothing_is_given_back_once(channel: Channel) -> None:
    ask(channel, 900, key="a")
    assert release(channel, "a")
    assert not release(channel, "a")
    assert budget(channel).held_micros == 0


def test_asked_again_for_the_same_turn_it_takes_nothing_more(channel: Channel) -> None:
    assert ask(channel, 600, key="a") == ""
    assert ask(channel, 600, key="a") == ""
    assert budget(channel).held_micros == 600


def test_a_killed_workers_money_comes_back(channel: Channel) -> None:
    ask(channel, 900, key="a", replies=1)
    assert release_expired(NOON + HELD_FOR - timedelta(seconds=1)) == 0
    assert release_expired(NOON + HELD_FOR) == 1
    assert (budget(channel).held_micros, budget(channel).held_replies) == (0, 0)
    # It lived after all and settles late: what it spent is written down, and nothing is given back twice.
    record_usage(channel, key="a", kind=REPLY, cost_micros=80, at=NOON)
    assert (budget(channel).hour_micros, budget(channel).held_micros) == (80, 0)


def test_a_new_run_takes_back_what_the_old_one_held(channel: Channel) -> None:
    for _ in range(3):
        ask(channel, 200)
    assert release_all(channel) == 3
    assert budget(channel).held_micros == 0


def test_a_new_run_goes_on_saving_where_the_old_one_saved(channel: Channel) -> None:
    assert saving.begin(channel) == ("", "", None)
    saving.set_step(channel.pk, "short", "owner_day", NOON)
    ask(channel, 200)
    assert saving.begin(channel) == ("short", "owner_day", NOON)
    assert budget(channel).held_micros == 0


def test_when_the_plans_live_time_is_over_she_is_stopped_and_the_log_says_why(channel: Channel) -> None:
    actions.start(channel, acting_user=None)
    saving.end_live(channel)
    channel.refresh_from_db()
    assert channel.desired_state == DesiredState.STOPPED
    assert AuditEvent.objects.filter(channel=channel, action="budget.live_time_over").exists()


def test_the_same_use_reported_twice_counts_once(channel: Channel) -> None:
    for _ in range(2):
        record_usage(channel, key="live:1:1", kind=UsageRecord.Kind.LIVE, live_seconds=60, at=NOON)
    assert budget(channel).period_live_seconds == 60
    assert used_by(channel, now=NOON).live_seconds == 60


def test_a_new_hour_and_a_new_day_begin_with_nothing_spent(channel: Channel) -> None:
    record_usage(channel, key="a", kind=REPLY, cost_micros=990, at=NOON)
    limits = Limits(site_hour=1000, site_day=1500)
    assert ask(channel, 100, limits=limits) == "site_hour"
    assert ask(channel, 600, limits=limits, now=NOON + timedelta(hours=1)) == "site_day"
    assert ask(channel, 600, limits=limits, now=NOON + timedelta(days=1)) == ""


def test_the_owners_ceiling_counts_the_channels_own_money_and_the_sites_does_not(channel: Channel) -> None:
    limits = Limits(site_hour=100, owner_hour=1000, house_day=100)
    for key in ("a", "b"):
        assert ask(channel, 450, own_micros=450, limits=limits, key=key) == ""
        record_usage(channel, key=key, kind=REPLY, cost_micros=450, own_micros=450, at=NOON)
    assert ask(channel, 450, own_micros=450, limits=limits) == "owner_hour"
    house = HouseDay.objects.get(day=day_of(NOON))
    assert (house.micros, house.held_micros) == (0, 0)


def test_the_house_has_a_ceiling_of_its_own_over_all_channels(channel: Channel) -> None:
    limits = Limits(house_day=1000)
    assert ask(channel, 700, limits=limits, key="a") == ""
    other = factories.channel()
    assert ask(other, 700, limits=limits) == "house_day"
    assert budget(other).held_micros == 0
    record_usage(channel, key="a", kind=REPLY, cost_micros=200, at=NOON)
    assert ask(other, 700, limits=limits) == ""


def test_what_costs_nothing_is_not_stopped_by_money_that_is_gone(channel: Channel) -> None:
    record_usage(channel, key="a", kind=REPLY, cost_micros=5000, at=NOON)
    assert ask(channel, 0, limits=Limits(site_hour=1000, house_day=1000)) == ""


def test_a_ceiling_that_is_used_up_stops_what_is_asked_besides_replies(channel: Channel, settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update={"CHANNEL_DAILY_CEILING": 0.001})
    assert not money_is_spent(channel, NOON, own=False)
    record_usage(channel, key="a", kind=REPLY, cost_micros=1000, at=NOON)
    assert money_is_spent(channel, NOON, own=False)
    assert not money_is_spent(channel, NOON, own=True), "the site's ceiling is none on the channel's own money"


def test_what_was_paid_for_is_answered_beyond_every_limit_and_counted(channel: Channel) -> None:
    limits = Limits(site_hour=100, owner_day=100, house_day=100, replies=1, characters=10)
    for number in range(3):
        assert ask(channel, 90, key=f"p{number}", replies=1, characters=9, limits=limits, forced=True) == ""
        record_usage(channel, key=f"p{number}", kind=REPLY, cost_micros=90, replies=1, provider_characters=9, at=NOON)
    assert (budget(channel).hour_micros, budget(channel).period_replies) == (270, 3)
    assert ask(channel, 0, replies=1, limits=limits) == "replies"
    assert used_by(channel, now=NOON).characters == 27


@pytest.mark.parametrize(
    ("more", "limits", "name"),
    [
        ({"replies": 1}, Limits(replies=0), "replies"),
        ({"characters": 50}, Limits(characters=49), "characters"),
        ({"micros": 50}, Limits(owner_day=49), "owner_day"),
        ({"micros": 50}, Limits(site_day=49, owner_day=10_000), "site_day"),
    ],
)
def test_it_says_which_limit_is_in_the_way(channel: Channel, more: dict[str, Any], limits: Limits, name: str) -> None:
    assert ask(channel, more.pop("micros", 0), limits=limits, **more) == name


def test_a_plan_whose_period_began_anew_starts_with_nothing_used(channel: Channel) -> None:
    record_usage(channel, key="a", kind=REPLY, replies=1, at=NOON - timedelta(days=3))
    record_usage(channel, key="b", kind=REPLY, replies=1, at=NOON)
    assert used_by(channel, now=NOON).replies == 2
    plan = Entitlements(plan="fan", replies=1, period_start=(NOON - timedelta(days=1)).isoformat())
    Channel.objects.filter(pk=channel.pk).update(entitlements=plan.stored())
    channel.refresh_from_db()
    [line] = [line for line in standing(channel, NOON).lines if line.name == "replies"]
    assert (line.used, line.limit, line.ends) == (1, 1, None)
    assert used_by(channel, now=NOON).since == NOON - timedelta(days=1)


def test_the_month_counts_where_a_plan_names_no_period_or_one_that_lies_ahead(channel: Channel) -> None:
    for start in (None, (NOON + timedelta(days=9)).isoformat(), "2030-01-01"):
        channel.entitlements = Entitlements(period_start=start).stored()
        assert used_by(channel, now=NOON).since == datetime(2026, 11, 1, tzinfo=UTC)


# Any order of anything

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "settle", "release", "expire", "again", "later"]),
        st.integers(0, 400),
        st.integers(0, 5),
    ),
    max_size=40,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(deeds=DEEDS)
def test_whatever_happens_the_counters_are_the_ledgers_sums_and_no_cap_is_passed_by_more_than_a_reply(
    channel: Channel, deeds: list[tuple[str, int, int]]
) -> None:
    _wipe()
    limits, now = Limits(site_hour=1000, house_day=1500, replies=8), NOON
    open_keys: list[str] = []
    dearest = 0
    for number, (deed, amount, which) in enumerate(deeds):
        key = open_keys[which % len(open_keys)] if open_keys else ""
        match deed:
            case "ask":
                name = f"turn:{number}"
                if not ask(channel, 200, key=name, replies=1, limits=limits, now=now):
                    open_keys.append(name)
            case "again" if key:
                assert not ask(channel, 200, key=key, replies=1, limits=limits, now=now) or key not in _held()
            case "settle" if key:
                # Only the last of a cap may be dearer than was reserved: that is the one reply.
                cost = amount if len(_held()) == 1 else min(amount, 200)
                dearest = max(dearest, cost)
                record_usage(channel, key=key, kind=REPLY, cost_micros=cost, replies=1, at=now)
                open_keys.remove(key)
            case "release" if key:
                release(channel, key)
                open_keys.remove(key)
            case "expire":
                release_expired(now)
                open_keys = [key for key in open_keys if key in _held()]
            case "later":
                now += timedelta(minutes=amount)
        _agrees(channel, now)
        row = budget(channel) if Budget.objects.exists() else None
        if row is not None:
            assert row.hour_micros <= 1000 + dearest
            assert row.period_replies <= 8
    for key in open_keys:
        release(channel, key)
    if Budget.objects.exists():
        assert (budget(channel).held_micros, budget(channel).held_replies) == (0, 0)


def _held() -> set[str]:
    return set(Reservation.objects.values_list("key", flat=True))


def _wipe() -> None:
    # One example after another in one database: the channel's rows go as with the channel.
    UsageRecord.objects.all()._raw_delete("default")
    for model in (Reservation, Budget, HouseDay):
        model.objects.all().delete()


def _agrees(channel: Channel, now: datetime) -> None:
    counters.ensure(channel, now)
    row, rows = budget(channel), UsageRecord.objects.filter(channel=channel)
    of_hour = rows.filter(at__gte=hour_of(now)).aggregate(sum=Sum("cost_micros", default=0))["sum"]
    of_day = rows.filter(at__gte=day_of(now)).aggregate(sum=Sum(F("cost_micros") - F("own_micros"), default=0))["sum"]
    held = Reservation.objects.aggregate(sum=Sum("micros", default=0))["sum"]
    assert (row.hour_micros, row.held_micros) == (of_hour, held)
    assert counters.house_day(day_of(now)).micros == of_day
    assert min(row.hour_micros, row.held_micros, row.held_replies, row.period_replies) >= 0
