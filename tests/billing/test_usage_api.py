"""What the broadcaster's programs learn of what was used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from billing.ledger import record_usage
from billing.models import UsageRecord
from channels_app.models import Channel
from tests import factories


def used(channel: Channel, key: str, day: str, **fields: Any) -> None:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    record_usage(channel, key=key, kind=UsageRecord.Kind.REPLY, at=at, **({"replies": 1} | fields))


@pytest.fixture
def owner(client: Client, channel: Channel) -> Client:
    client.force_login(channel.broadcaster)
    return client


def asked(client: Client, channel: Channel, **days: str) -> Any:
    return client.get(f"/api/v1/c/{channel.public_id}/usage/", days)


def test_days_are_summed_and_both_ends_are_among_them(owner: Client, channel: Channel) -> None:
    used(channel, "a", "2026-05-01T00:00", characters=10, cost_micros=100)
    used(channel, "b", "2026-05-01T23:59", characters=5, cost_micros=50)
    used(channel, "c", "2026-05-03T12:00", prompt_tokens=7, cached_tokens=3, replies=0)  # nobody heard it
    used(channel, "d", "2026-05-04T00:00", characters=1000)
    used(factories.channel(), "e", "2026-05-03T12:00", characters=1000)
    told = asked(owner, channel, since="2026-05-01", until="2026-05-03").json()
    assert [(row["date"], row["replies"], row["characters"], row["cost_micros"]) for row in told["days"]] == [
        ("2026-05-01", 2, 15, 150),
        ("2026-05-03", 0, 0, 0),
    ]
    (total,) = told["total"]
    names = ("currency", "replies", "prompt_tokens", "cached_tokens", "characters", "cost_micros", "own_micros")
    assert [total[name] for name in names] == ["USD", 2, 7, 3, 15, 150, 0]


@pytest.mark.parametrize("days", [{"since": "2026-05-03", "until": "2026-05-01"}, {"since": "2020-01-01"}])
def test_a_span_that_makes_no_sense_or_is_too_long_is_refused(
    owner: Client, channel: Channel, days: dict[str, str]
) -> None:
    answer = asked(owner, channel, **days)
    assert (answer.status_code, "since" in answer.json()["fields"]) == (400, True)


def test_no_days_are_the_last_thirty(owner: Client, channel: Channel) -> None:
    told = asked(owner, channel).json()
    assert (datetime.fromisoformat(told["until"]) - datetime.fromisoformat(told["since"])).days == 29
    assert told["days"] == told["total"] == []
