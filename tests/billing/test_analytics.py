"""How a channel's streams went, as the broadcaster reads it."""

from __future__ import annotations

import csv
import io
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from billing.analytics.days import days_of, income_of
from billing.analytics.figures import PAUSE, Amount, Figures, Reply, joined, merged, stretches
from billing.models import UsageRecord
from channels_app import retention, talk, tips
from channels_app.dashboard.state import FIRST_SOUND
from channels_app.models import Channel, PaidEvent, Turn, User
from tests import factories

BEGIN = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


def reply(minutes: float, person: int | None = 1, outcome: str = "spoken", **times: int) -> Reply:
    return Reply(BEGIN + timedelta(minutes=minutes), person, outcome, times)


def test_an_hour_without_a_reply_ends_a_stream() -> None:
    evening, night, rest = stretches([reply(0), reply(59, 2), reply(118, 1), reply(179.5)], [])
    assert (evening.replies, len(evening.people)) == (3, 2)
    assert (night.replies, rest.replies) == (1, 0)


def test_money_belongs_to_the_stream_it_falls_into_and_else_to_the_day() -> None:
    amounts = [Amount(BEGIN + timedelta(minutes=at), 10, "other") for at in (-6, -4, 3, 30, 200)]
    stream, rest = stretches([reply(0), reply(10)], amounts)
    assert (stream.cost_micros, rest.cost_micros) == (30, 20)


def test_a_stream_past_midnight_is_one() -> None:
    days = [stretches([reply(230)], []), stretches([reply(250)], []), stretches([reply(1500)], [])]
    assert [stream.replies for stream in joined(days)] == [2, 1]


def test_shares_are_times_that_were_measured() -> None:
    figures = Figures()
    for ms in (100, 900, 200, 300):
        figures.add_reply(Reply(BEGIN, 1, "spoken", {FIRST_SOUND: ms}))
    assert (figures.share_of(FIRST_SOUND, 50), figures.share_of(FIRST_SOUND, 95)) == (200, 900)
    assert figures.share_of("voice", 50) is None


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 9)), max_size=40), st.integers(1, 2000))
def test_however_time_is_cut_into_days_the_sum_and_the_streams_stay(said: list[tuple[int, int]], length: int) -> None:
    replies = [reply(minute, person, voice=minute) for minute, person in sorted(said)]
    by_day = itertools.groupby(replies, lambda one: (one.at - BEGIN) // timedelta(minutes=length))
    days = [stretches(day, []) for _number, day in by_day]
    total = merged(stretch for day in days for stretch in day)
    assert total.replies == len(said)
    assert total.people == {person for _minute, person in said}
    whole = stretches(replies, [])[:-1]
    assert [(one.begin, one.end, one.replies) for one in joined(days)] == [
        (one.begin, one.end, one.replies) for one in whole
    ]
    assert all(b.begin - a.end > PAUSE for a, b in itertools.pairwise(whole) if a.end and b.begin)


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        ("cheer", {"amount": 250}, (250, "bits")),
        ("sub", {"title": "Tier 2", "amount": 0}, (500, "subs")),
        ("gift", {"title": "Tier 1", "amount": 5}, (1250, "subs")),
        ("sub", {"title": "Prime"}, (250, "subs")),
        ("redemption", {"amount": 0}, None),
        ("cheer", {"amount": None}, (0, "bits")),
    ],
)
def test_what_an_event_brings_in(kind: str, payload: dict[str, Any], expected: tuple[int, str] | None) -> None:
    assert income_of(kind, payload) == expected


@pytest.fixture
def owner(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def page(client: Client, channel: Channel, query: str = "") -> Any:
    return client.get(reverse("analytics", args=[channel.public_id]) + query)


def heard_turn(channel: Channel, **fields: Any) -> Turn:
    timings = {"picked": 400, "first_token": 800, "first_sentence": 900, "first_audio": 1200, "playing": 1300}
    return factories.turn(channel, **({"chatter_id": "44", "timings_ms": timings} | fields))


@pytest.mark.usefixtures("built_front_end")
def test_the_page_counts_replies_people_speed_cost_and_income(owner: Client, channel: Channel) -> None:
    heard_turn(channel)
    heard_turn(channel, chatter_id="45")
    factories.turn(channel, chatter_id="45", outcome=Turn.Outcome.REFUSED)
    UsageRecord.objects.create(channel=channel, key="a", kind=UsageRecord.Kind.REPLY, cost_micros=4_000, exact=True)
    UsageRecord.objects.create(channel=channel, key="b", kind=UsageRecord.Kind.MEMORY, cost_micros=1_000, exact=True)
    factories.paid_event(channel)  # 100 bits
    typed = {"amount": 10_000}
    PaidEvent.objects.create(channel=channel, kind="cheer", event_id="typed-1", payload=typed)
    other = factories.channel()
    heard_turn(other, chatter_id="99")

    total = page(owner, channel).context["total"]
    assert (total["replies"], total["heard"], total["refused"], total["people"]) == (3, 2, 1, 2)
    assert (total["first_p50"], total["first_p95"]) == (900, 900), "without what she waited to begin"
    assert (round(total["cost"], 6), total["per_reply"]) == (0.005, 0.004)
    assert (total["bits"], total["subs"], total["income"]) == (1.0, 0.0, 1.0)


@pytest.mark.usefixtures("built_front_end")
def test_tips_stand_beside_the_cost_as_they_were_given(owner: Client, channel: Channel) -> None:
    for amount, currency in (("4.50", "EUR"), ("500", "RUB"), ("0.50", "EUR"), ("10", "USD")):
        tips.take(channel, tips.made(amount, currency, name="Nora"), acting_user=None)
    tips.take(channel, tips.made("99", "USD", is_trial=True), acting_user=None)
    talk.say_as(channel, "Dora", "", "tip", 99)
    # Names are forgotten within a day, and the money still counts.
    retention.forget_old_chat(now=timezone.now() + timedelta(days=2))
    answer = page(owner, channel)
    total = answer.context["total"]
    assert total["tips_given"] == ["10.00 USD", "500.00 RUB", "5.00 EUR"]
    assert total["tips"] == total["income"] == pytest.approx(10 + 6.2 + 5.8)
    text = answer.content.decode()
    assert "≈ $22.00" in text
    assert "10.00 USD, 500.00 RUB, 5.00 EUR" in text
    rows = owner.get(reverse("analytics_file", args=[channel.public_id, "days"])).content.decode().splitlines()
    assert rows[-1].endswith(",22.00,10.00 USD; 500.00 RUB; 5.00 EUR")


@pytest.mark.usefixtures("built_front_end")
def test_without_a_reply_the_page_says_what_to_do(owner: Client, channel: Channel) -> None:
    text = page(owner, channel, "?days=nonsense").content.decode()
    assert "her first reply stands here" in text
    assert reverse("channel", args=[channel.public_id]) in text


def test_only_the_owner_sees_it(client: Client, channel: Channel, bob: User, charlie: User) -> None:
    client.force_login(bob)
    assert page(client, channel).status_code == 403
    client.force_login(charlie)
    assert page(client, channel).status_code == 404
    assert client.get(reverse("analytics_file", args=[channel.public_id, "days"])).status_code == 404


def test_the_files_hold_the_same_figures(owner: Client, channel: Channel) -> None:
    heard_turn(channel)

    def rows(what: str) -> list[dict[str, str]]:
        answer = owner.get(reverse("analytics_file", args=[channel.public_id, what]) + "?days=7")
        assert answer["Content-Type"].startswith("text/csv")
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    days = rows("days")
    assert len(days) == 7
    assert (days[-1]["replies"], days[-1]["first_sound_p50_ms"]) == ("1", "900")
    assert [row["replies"] for row in rows("streams")] == ["1"]
    assert owner.get(reverse("analytics_file", args=[channel.public_id, "planets"])).status_code == 404


def test_a_day_that_is_over_is_worked_out_once_and_holds_nobodys_id(
    channel: Channel, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    yesterday = (now - timedelta(days=1)).date()
    turn = heard_turn(channel, chatter_id="an-id-to-forget")
    Turn.objects.filter(pk=turn.pk).update(created_at=now - timedelta(days=1))
    later = now + timedelta(days=1)  # an hour past midnight in any case
    first = days_of(channel, yesterday, yesterday, now=later)
    with django_assert_num_queries(0):
        again = days_of(channel, yesterday, yesterday, now=later)
    assert merged(again[0][1]).replies == merged(first[0][1]).replies == 1
    assert "an-id-to-forget" not in repr(again)
