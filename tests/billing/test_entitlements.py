"""What a channel may use, by plan, state and time: the pure rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.entitlements import GRACE, Credit, Override, SubscriptionState, entitlements_at, grace_end, month_from
from billing.plans import CATALOGUE, CREATOR, FREE, INTERVALS, PAID, plan_named, plan_of_price, rank
from channels_app.entitlements import UNLIMITED
from channels_app.retention import HISTORY_LIFE

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
EARLY, LATE = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2024, 2030))
PAYS = SubscriptionState(plan="creator", status="active", period_start=datetime(2026, 5, 9, tzinfo=UTC))


def plan_at(now: datetime, subscription: SubscriptionState | None, **more: object) -> str:
    return entitlements_at(now, sells=True, subscription=subscription, **more).plan  # type: ignore[arg-type]


def test_a_site_that_sells_nothing_gives_everything() -> None:
    assert entitlements_at(NOW, sells=False, subscription=replace(PAYS, status="canceled")) == UNLIMITED


@pytest.mark.parametrize(
    ("status", "plan"),
    [
        ("trialing", "creator"),
        ("active", "creator"),
        ("incomplete", "free"),
        ("incomplete_expired", "free"),
        ("unpaid", "free"),
        ("canceled", "free"),
        ("paused", "free"),
        ("something Stripe thinks of later", "free"),
    ],
)
def test_the_status_decides(status: str, plan: str) -> None:
    assert plan_at(NOW, replace(PAYS, status=status)) == plan


def test_without_a_subscription_the_plan_is_free_and_counts_by_the_calendar() -> None:
    assert entitlements_at(NOW, sells=True) == FREE.limits


def test_a_failed_payment_leaves_seven_days() -> None:
    late = replace(PAYS, status="past_due", past_due_since=NOW)
    assert grace_end(late) == NOW + GRACE
    assert plan_at(NOW + GRACE - timedelta(seconds=1), late) == "creator"
    assert plan_at(NOW + GRACE, late) == "free"
    assert plan_at(NOW, replace(late, past_due_since=None)) == "free"


def test_a_pause_and_money_taken_back_leave_the_free_plan() -> None:
    assert plan_at(NOW, replace(PAYS, paused=True)) == "free"
    assert plan_at(NOW, PAYS, money_taken_back=True) == "free"


def test_a_plan_that_is_no_more_is_the_free_one() -> None:
    assert plan_at(NOW, replace(PAYS, plan="gold")) == "free"


def test_an_operator_decides_over_what_is_paid_until_the_end() -> None:
    given = (Override(plan="creator"), Override(plan="studio", until=NOW + timedelta(days=1)))
    assert plan_at(NOW, None, overrides=given) == "studio"
    assert plan_at(NOW + timedelta(days=1), None, overrides=given) == "creator"
    assert plan_at(NOW, PAYS, money_taken_back=True, overrides=given) == "studio"


def test_credit_adds_to_what_is_limited() -> None:
    more = (Override(credit=Credit(replies=100, live_seconds=3600)), Override(credit=Credit(replies=5)))
    granted = entitlements_at(NOW, sells=True, subscription=PAYS, overrides=more)
    assert (granted.replies, granted.live_seconds) == (12_105, 121 * 3600)
    assert granted.characters == CREATOR.limits.characters


def test_what_is_paid_for_a_year_counts_by_the_month() -> None:
    paid = replace(PAYS, period_start=datetime(2026, 1, 31, 9, tzinfo=UTC))
    assert entitlements_at(NOW, sells=True, subscription=paid).period_start == "2026-04-30T09:00:00+00:00"
    assert entitlements_at(NOW, sells=True, subscription=PAYS).period_start == "2026-05-09T00:00:00+00:00"


@given(st.datetimes(timezones=st.just(UTC), min_value=EARLY, max_value=LATE), st.integers(0, 5_000))
def test_the_month_that_runs_began_before_now_and_within_a_month(anchor: datetime, days: int) -> None:
    begun = month_from(anchor, anchor + timedelta(days=days))
    assert anchor <= begun <= anchor + timedelta(days=days)
    assert anchor + timedelta(days=days) - begun < timedelta(days=31)


def test_before_its_beginning_a_period_begins_where_it_will() -> None:
    assert month_from(NOW, NOW - timedelta(days=3)) == NOW


def test_the_catalogue_holds_together() -> None:
    assert [plan.name for plan in CATALOGUE] == ["free", "creator", "studio"]
    for place, plan in enumerate(CATALOGUE):
        assert plan.limits.plan == plan.name
        assert plan_named(plan.name) is plan
        assert rank(plan.name) == place
        # What a smaller plan hides must still be there.
        assert timedelta(days=plan.limits.history_days or 0) < HISTORY_LIFE
    for plan in PAID:
        assert [plan.price(interval).interval for interval in INTERVALS] == list(INTERVALS)
        assert all(plan_of_price(price.lookup_key) is plan for price in plan.prices)
        assert 0 < plan.yearly_saving < 50
    assert (plan_named("gold"), plan_of_price("gold"), rank("gold"), FREE.yearly_saving) == (None, None, -1, 0)
