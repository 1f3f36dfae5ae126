"""The owner sees what the show costs: lately, a reply, a day; and a plain word where nothing was used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.ledger import record_usage
from billing.models import UsageRecord
from billing.spending import spending_of
from channels_app.models import Channel, ProviderAccess, User
from tests import factories
from workers.brain import catalogue

pytestmark = pytest.mark.usefixtures("built_front_end")


def used(
    channel: Channel, number: int, micros: int, *, exact: bool = True, priced: bool = True, hours: float = 1
) -> None:
    record_usage(
        channel,
        key=f"turn:{number}",
        kind=UsageRecord.Kind.REPLY,
        completion_tokens=30,
        cost_micros=micros,
        exact=exact,
        priced=priced,
        at=timezone.now() - timedelta(hours=hours),
    )


def page(user: User, channel: Channel) -> str:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse("channel", args=[channel.public_id])).content.decode()


def test_it_counts_the_last_day_of_this_channel_alone(channel: Channel) -> None:
    for number, micros in enumerate((100, 200, 300)):
        used(channel, number, micros)
    used(channel, 9, 5_000_000, hours=25)
    used(factories.channel(), 1, 7_000_000)
    found = spending_of(channel)
    assert (found.replies, found.exact) == (3, True)
    assert found.total == pytest.approx(0.0006)
    assert found.per_reply == pytest.approx(0.0002)
    assert found.per_day == pytest.approx(0.0002 * 4 * 60 * 6)


def test_the_owner_reads_it_and_sees_what_is_an_estimate(channel: Channel, alice: User, bob: User) -> None:
    used(channel, 1, 138)
    assert "$0.20" in page(alice, channel)
    assert "≈ $" not in page(alice, channel)
    used(channel, 2, 138, exact=False)
    assert "≈ $0.20" in page(alice, channel)
    assert "What she costs" not in page(bob, channel)


def test_where_nothing_was_used_it_says_so(channel: Channel, alice: User) -> None:
    assert "Nothing was used in the last 24 hours" in page(alice, channel)


def test_an_unknown_price_is_not_shown_as_a_free_show(channel: Channel, alice: User) -> None:
    # Her voice has a price, the model has none.
    used(channel, 1, 90, exact=False, priced=False)
    assert "LLM_PRICES" in page(alice, channel)


def test_whoever_brought_the_model_is_not_sent_to_whoever_runs_the_site(channel: Channel, alice: User) -> None:
    used(channel, 1, 0, exact=False, priced=False)
    ProviderAccess.objects.create(
        channel=channel, kind=ProviderAccess.Kind.LLM, base_url="https://models.example.com/v1", model="m"
    )
    shown = page(alice, channel)
    assert "LLM_PRICES" not in shown
    assert "your bill there" in shown


def test_a_server_of_ones_own_that_sends_no_figures_is_free_and_not_unknown(channel: Channel, alice: User) -> None:
    usage = catalogue.metered(catalogue.TokenCount(prompt=900, completion=40), catalogue.FREE, exact=False)
    used(channel, 1, usage.cost_micros, exact=usage.exact, priced=usage.priced)
    assert "is not known here" not in page(alice, channel)
    unknown = catalogue.metered(catalogue.TokenCount(prompt=900, completion=40), None, exact=True)
    assert not (usage + unknown).priced
