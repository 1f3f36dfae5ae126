"""What owners and moderators read of limits: how she saves and until when, what is left of the plan, and a way up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import saving
from billing.ledger import record_usage
from billing.models import Budget, UsageRecord
from channels_app import actions
from channels_app.entitlements import Entitlements
from channels_app.models import AuditEvent, Channel, DesiredState, User
from tests.reading import left_in_english

pytestmark = pytest.mark.usefixtures("built_front_end")


def page(user: User, channel: Channel, name: str = "channel", *, language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse(name, args=[channel.public_id])).content.decode()


def with_plan(channel: Channel, used: dict[str, int], **limits: Any) -> None:
    Channel.objects.filter(pk=channel.pk).update(entitlements=Entitlements(plan="fan", **limits).stored())
    channel.refresh_from_db()
    record_usage(channel, key="before", kind=UsageRecord.Kind.REPLY, **used)  # type: ignore[arg-type]


def saves(channel: Channel, step: str, why: str, *, hours: float | None = 0.2) -> None:
    Channel.objects.filter(pk=channel.pk).update(desired_state=DesiredState.RUNNING)
    ends = None if hours is None else timezone.now() + timedelta(hours=hours)
    saving.set_step(channel.pk, step, why, ends)


@pytest.mark.parametrize("step", ["called", "short", "built_in", "text", "paid"])
def test_the_page_says_how_she_saves_why_and_until_when(channel: Channel, bob: User, step: str) -> None:
    saves(channel, step, "house_day")
    shown = page(bob, channel)
    assert "She answers only" in shown
    assert "This site&#x27;s ceiling for all channels and a day" in shown
    assert "It begins anew" in shown
    assert [row.detail["step"] for row in AuditEvent.objects.filter(action="budget.step")] == [step]


def test_a_channel_that_is_not_live_saves_nothing(channel: Channel, alice: User) -> None:
    saves(channel, "paid", "owner_day")
    assert "Change the ceiling" in page(alice, channel)
    Channel.objects.filter(pk=channel.pk).update(desired_state=DesiredState.STOPPED)
    assert "Change the ceiling" not in page(alice, channel)


def test_the_same_step_told_again_is_no_new_row(channel: Channel) -> None:
    ends = timezone.now()
    for _ in range(2):
        saving.set_step(channel.pk, "short", "site_day", ends)
        saving.set_step(channel.pk, "paid", "replies", None)
        saving.set_step(channel.pk, "paid", "replies", None)
    assert AuditEvent.objects.filter(action="budget.step").count() == 4


def test_at_four_fifths_of_the_plan_the_owner_is_told_and_before_not(channel: Channel, alice: User) -> None:
    with_plan(channel, {"replies": 79}, replies=100)
    assert "Replies of the plan" not in page(alice, channel)
    record_usage(channel, key="one more", kind=UsageRecord.Kind.REPLY, replies=1)
    assert "Replies of the plan: 80 % used." in page(alice, channel)


@pytest.mark.usefixtures("keys")
def test_at_the_end_of_the_plan_it_says_what_that_means_and_leads_to_the_plans(
    channel: Channel, alice: User, bob: User
) -> None:
    with_plan(channel, {"provider_characters": 50, "live_seconds": 3600}, characters=50, live_seconds=3600)
    shown = page(alice, channel)
    assert "Spoken characters of the plan: used up." in shown
    assert "She speaks with a built-in voice." in shown
    assert "Live time of the plan: used up." in shown
    assert reverse("billing", args=[channel.public_id]) in shown
    assert "/billing/" not in page(bob, channel)


def test_a_site_that_sells_nothing_has_no_link_to_plans(channel: Channel, alice: User) -> None:
    with_plan(channel, {"replies": 0}, replies=0)
    shown = page(alice, channel)
    assert "Replies of the plan: used up." in shown
    assert "See the plans" not in shown


def test_without_live_time_she_cannot_be_started_and_it_says_why(channel: Channel, alice: User) -> None:
    with_plan(channel, {"live_seconds": 3600}, live_seconds=3600)
    with pytest.raises(actions.Refused, match="used up for this month"):
        actions.start(channel, acting_user=alice)
    with_more = Entitlements(live_seconds=7200).stored()
    Channel.objects.filter(pk=channel.pk).update(entitlements=with_more)
    actions.start(channel, acting_user=alice)


def test_replies_that_are_used_up_are_told_once_while_she_is_live(channel: Channel, alice: User) -> None:
    with_plan(channel, {"replies": 5}, replies=5)
    saves(channel, "paid", "replies", hours=None)
    shown = page(alice, channel)
    assert shown.count("Replies of the plan: used up.") == 1
    assert "with the plan&#x27;s next period" in shown


# The page of the ceilings


def post(user: User, channel: Channel, **values: str) -> Any:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(reverse("ceilings", args=[channel.public_id]), values)


def test_the_owner_sets_ceilings_and_last_words_and_takes_them_back(channel: Channel, alice: User) -> None:
    assert post(alice, channel, hourly="0.50", daily="3", farewell=" Bye! ").status_code == 302
    budget = Budget.objects.get(channel=channel)
    assert (budget.hourly_ceiling_micros, budget.daily_ceiling_micros) == (500_000, 3_000_000)
    assert budget.farewell == "Bye!"
    assert 'value="0.50"' in page(alice, channel, "ceilings")
    post(alice, channel, hourly="0.50", daily="3", farewell="Bye!")
    assert AuditEvent.objects.filter(action="budget.ceilings_changed").count() == 1
    post(alice, channel, hourly="", daily="0", farewell="")
    budget.refresh_from_db()
    assert (budget.hourly_ceiling_micros, budget.daily_ceiling_micros, budget.farewell) == (None, 1, "")


@pytest.mark.parametrize("wrong", ["-1", "a lot", "1e99", "0.001"])
def test_a_ceiling_that_is_none_is_refused_with_a_word(channel: Channel, alice: User, wrong: str) -> None:
    answer = post(alice, channel, hourly=wrong)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not Budget.objects.exclude(hourly_ceiling_micros=None).exists()


def test_ceilings_are_the_owners_alone(channel: Channel, bob: User) -> None:
    assert post(bob, channel, hourly="1").status_code == 403


def test_the_page_shows_each_limit_as_it_stands_in_both_languages(channel: Channel, alice: User, settings: Any) -> None:
    limits = {"replies": 10_000, "characters": 100, "live_seconds": 7200}
    with_plan(channel, {"replies": 9_000, "live_seconds": 3660, "cost_micros": 1_250_000}, **limits)
    saving.set_ceilings(channel, acting_user=alice, hourly_micros=1_000_000, daily_micros=9_000_000)
    saves(channel, "paid", "owner_hour", hours=30)
    shown = page(alice, channel, "ceilings")
    for text in ("9,000 of 10,000", "1 h 1 min of 2 h 0 min", "$1.25 of $1.00", "$1.25 of $9.00", "0 of 100"):
        assert text in shown
    assert "ceiling for all channels" not in shown, "what the whole site spends is nobody's to see"
    assert left_in_english(page(alice, channel, "ceilings", language="ru"), "Alice") == []
    assert left_in_english(page(alice, channel, language="ru"), "Alice", "Mira") == []


def test_where_nothing_limits_her_the_page_says_what_to_do(channel: Channel, alice: User, settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update={"CHANNEL_HOURLY_CEILING": 0.0, "CHANNEL_DAILY_CEILING": 0.0})
    assert "Set a ceiling of your own" in page(alice, channel, "ceilings")
