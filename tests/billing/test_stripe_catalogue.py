"""`manage.py stripe_catalogue`: Stripe sells what the catalogue of plans says, or the command says what differs."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing.plans import PAID
from tests.fakes.stripe import FakeStripe, World


def publish(*, check: bool = False) -> list[str]:
    told = StringIO()
    call_command("stripe_catalogue", check=check, stdout=told)
    return told.getvalue().splitlines()


@pytest.fixture
def empty(keys: None, stripe_server: FakeStripe) -> World:
    """A Stripe that sells nothing yet."""
    stripe_server.begin(World())
    return stripe_server.world


def test_an_empty_stripe_is_looked_at_filled_and_then_left_alone(empty: World) -> None:
    with pytest.raises(SystemExit) as ended:
        publish(check=True)
    assert ended.value.code == 1
    assert empty.all("price") == [], "a look makes nothing"
    made = publish()
    assert len(made) == len(PAID) + sum(len(plan.prices) for plan in PAID)
    assert "made: price aigirl_creator_month: 12.00 usd a month" in made
    for check in (True, False):
        assert publish(check=check) == ["Stripe (test mode) sells what the catalogue says."]
    assert len(empty.all("billing_portal.configuration")) == 1


def test_a_price_that_was_changed_at_stripe_is_made_anew(empty: World) -> None:
    publish()
    empty.price_at("aigirl_creator_month")["unit_amount"] = 900
    assert publish() == ["made: price aigirl_creator_month: 12.00 usd a month"]
    assert empty.price_at("aigirl_creator_month")["unit_amount"] == 1200


def test_a_stripe_that_is_away_is_told_of_in_a_line(empty: World, stripe_server: FakeStripe) -> None:
    stripe_server.api.faults.statuses = [500] * 3
    with pytest.raises(CommandError, match="Stripe could not be asked: APIError"):
        publish()


def test_a_site_without_a_key_says_so() -> None:
    with pytest.raises(CommandError, match="no key for Stripe"):
        publish()
