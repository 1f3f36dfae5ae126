"""The way to Stripe: one page at a time, one trial a person, one key a request, and clear words when it is closed."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from billing import checkout, portal, trials
from billing.models import StripeRequest, TrialUsed
from billing.plans import STUDIO
from channels_app.actions import Refused
from channels_app.models import AuditEvent, Channel
from tests import factories
from tests.billing.conftest import customer_of, go_to_checkout, subscribe
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe_world import GOOD

MONTH = "aigirl_creator_month"
Tell = Callable[[], list[int]]


def test_the_page_at_stripe_is_for_this_price_with_a_trial_and_knows_the_way_back(
    stripe: FakeStripe, channel: Channel
) -> None:
    session = go_to_checkout(stripe, channel, MONTH)
    asked = session["_asked"]
    assert stripe.world.objects["price"][session["_price"]]["lookup_key"] == MONTH
    assert asked["subscription_data"]["trial_period_days"] == "7"
    assert asked["subscription_data"]["trial_settings"]["end_behavior"]["missing_payment_method"] == "cancel"
    assert asked["allow_promotion_codes"] == "true"
    assert asked["payment_method_collection"] == "if_required"
    assert "automatic_tax" not in asked
    assert session["success_url"].endswith(f"/c/{channel.public_id}/billing/return/?session={{CHECKOUT_SESSION_ID}}")
    assert AuditEvent.objects.filter(channel=channel, action="billing.checkout").exists()


def test_tax_is_reckoned_by_stripe_where_that_is_set(stripe: FakeStripe, channel: Channel, settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update={"STRIPE_TAX": True})
    asked = go_to_checkout(stripe, channel, MONTH)["_asked"]
    assert asked["automatic_tax"]["enabled"] == "true"
    assert asked["tax_id_collection"]["enabled"] == "true"


def test_every_post_carries_a_key_of_our_row(stripe: FakeStripe, channel: Channel, tell: Tell) -> None:
    go_to_checkout(stripe, channel, MONTH)
    go_to_checkout(stripe, channel, "aigirl_studio_month")
    stripe.world.complete(stripe.world.all("checkout.session")[0], GOOD)
    tell()
    portal.enter(channel, acting_user=channel.broadcaster)
    posts = [call for call in stripe.calls if call.method == "POST"]
    rows = [str(row) for row in StripeRequest.objects.values_list("pk", flat=True)]
    ours = {*rows, *(f"expire-{row}" for row in rows)}
    ours.add(f"customer-{customer_of(channel).key}")
    assert [call.path for call in posts if call.key not in ours] == []
    assert len({call.key for call in posts}) == len(posts) == 5


def test_whoever_presses_twice_gets_the_same_page(stripe: FakeStripe, channel: Channel) -> None:
    assert go_to_checkout(stripe, channel, MONTH)["id"] == go_to_checkout(stripe, channel, MONTH)["id"]
    assert len(stripe.world.all("checkout.session")) == 1


def test_an_answer_that_was_lost_is_the_same_answer_again(stripe: FakeStripe, channel: Channel) -> None:
    first = go_to_checkout(stripe, channel, MONTH)
    StripeRequest.objects.update(url="", stripe_id="")
    assert go_to_checkout(stripe, channel, MONTH)["id"] == first["id"]
    assert stripe.calls[-1].replayed


def test_another_price_closes_the_page_of_the_first(stripe: FakeStripe, channel: Channel) -> None:
    first = go_to_checkout(stripe, channel, MONTH)
    second = go_to_checkout(stripe, channel, "aigirl_studio_year")
    assert (first["status"], second["status"]) == ("expired", "open")


def test_a_page_that_is_a_day_old_is_made_anew(stripe: FakeStripe, channel: Channel) -> None:
    first = go_to_checkout(stripe, channel, MONTH)
    stripe.world.advance(1.1)
    assert go_to_checkout(stripe, channel, MONTH)["id"] != first["id"]


def test_whoever_paid_in_another_window_is_not_sent_to_pay_again(stripe: FakeStripe, channel: Channel) -> None:
    subscribe(stripe, channel)
    with pytest.raises(Refused, match="has a subscription already"):
        go_to_checkout(stripe, channel, "aigirl_studio_month")


def test_whoever_pays_while_the_page_is_being_closed_is_told(
    stripe: FakeStripe, channel: Channel, before: Callable[..., None]
) -> None:
    session = go_to_checkout(stripe, channel, MONTH)
    before("/expire", lambda: stripe.world.complete(session, GOOD))
    with pytest.raises(Refused, match="has a subscription already"):
        go_to_checkout(stripe, channel, "aigirl_studio_month")


def test_a_page_that_cannot_be_closed_lets_no_second_one_open(stripe: FakeStripe, channel: Channel) -> None:
    go_to_checkout(stripe, channel, MONTH)
    stripe.api.faults.statuses, stripe.api.faults.path = [500] * 3, "/expire"
    with pytest.raises(Refused, match="Nothing was charged"):
        go_to_checkout(stripe, channel, "aigirl_studio_month")
    assert [each["status"] for each in stripe.world.all("checkout.session")] == ["open"]


def test_a_page_that_was_left_open_and_never_made_is_only_put_aside(stripe: FakeStripe, channel: Channel) -> None:
    go_to_checkout(stripe, channel, MONTH)
    StripeRequest.objects.update(stripe_id="", url="")
    go_to_checkout(stripe, channel, "aigirl_studio_month")
    assert StripeRequest.objects.get(subject=MONTH).closed_at is not None
    assert not [call for call in stripe.calls if call.path.endswith("/expire")]


def test_a_page_that_ran_out_meanwhile_is_closed_already(
    stripe: FakeStripe, channel: Channel, before: Callable[..., None]
) -> None:
    session = go_to_checkout(stripe, channel, MONTH)
    before("/expire", lambda: session.update(status="expired"))
    assert go_to_checkout(stripe, channel, "aigirl_studio_month")["status"] == "open"


def test_a_disputed_payment_closes_the_way(stripe: FakeStripe, channel: Channel, tell: Tell) -> None:
    there = subscribe(stripe, channel)
    stripe.world.advance(8)
    stripe.world.dispute(stripe.world.all("charge")[0])
    stripe.world.cancel(there, at_once=True)
    with pytest.raises(Refused, match="disputed"):
        go_to_checkout(stripe, channel, MONTH)


def test_a_price_that_is_not_at_stripe_is_not_for_sale(stripe: FakeStripe, channel: Channel) -> None:
    stripe.world.objects["price"].clear()
    with pytest.raises(Refused, match="not for sale"):
        go_to_checkout(stripe, channel, MONTH)


def test_a_stripe_that_is_down_is_told_of_in_words(stripe: FakeStripe, channel: Channel) -> None:
    stripe.api.faults.statuses = [503] * 3
    with pytest.raises(Refused, match="Nothing was charged"):
        go_to_checkout(stripe, channel, MONTH)


def test_a_key_that_stripe_does_not_know_is_in_no_message(
    stripe: FakeStripe, channel: Channel, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from pydantic import SecretStr

    secret = f"sk_test_{uuid.uuid4().hex}"
    settings.ENV = settings.ENV.model_copy(update={"STRIPE_SECRET_KEY": SecretStr(secret)})
    with pytest.raises(Refused) as refused:
        go_to_checkout(stripe, channel, MONTH)
    assert "AuthenticationError" in caplog.text
    assert secret not in caplog.text + str(refused.value)


# The trial


def test_one_trial_a_broadcaster_also_on_a_new_channel(stripe: FakeStripe, channel: Channel, tell: Tell) -> None:
    subscribe(stripe, channel)
    tell()
    who, twitch_id = channel.broadcaster, channel.twitch_id
    digest = TrialUsed.objects.get().digest
    assert twitch_id
    assert digest not in (twitch_id, hashlib.sha256(twitch_id.encode()).hexdigest()), (
        "whose trial it was, nobody can tell"
    )
    channel.delete()
    again = factories.channel(who)
    assert again.twitch_id == twitch_id
    assert trials.was_used(again)
    assert "trial_period_days" not in go_to_checkout(stripe, again, MONTH)["_data"]


def test_a_channel_without_twitch_has_a_trial_of_its_own(channel: Channel) -> None:
    other = factories.channel(factories.user(twitch_id=None))
    assert trials.digest(other) != trials.digest(channel)


# The portal


def test_there_is_no_portal_before_the_first_plan(stripe: FakeStripe, channel: Channel) -> None:
    with pytest.raises(Refused, match="Choose a plan first"):
        portal.enter(channel, acting_user=channel.broadcaster)
    go_to_checkout(stripe, channel, MONTH)
    with pytest.raises(Refused, match="no subscription"):
        portal.enter(channel, acting_user=channel.broadcaster, wish=portal.CANCEL)


def test_the_portal_opens_where_the_wish_is_fulfilled(stripe: FakeStripe, channel: Channel, tell: Tell) -> None:
    there = subscribe(stripe, channel)
    tell()
    flows = []
    for wish in ("", portal.CARD, portal.CANCEL, "aigirl_studio_year"):
        url = portal.enter(channel, acting_user=channel.broadcaster, wish=wish)
        made = stripe.world.objects["billing_portal.session"][url.rpartition("/")[2]]
        flows.append(made["_flow"].get("type", ""))
        assert made["configuration"] == stripe.world.all("billing_portal.configuration")[0]["id"]
        assert made["return_url"].endswith(f"/c/{channel.public_id}/billing/return/")
    assert flows == ["", "payment_method_update", "subscription_cancel", "subscription_update_confirm"]
    item = made["_flow"]["subscription_update_confirm"]["items"]["0"]
    assert item["id"] == there["items"]["data"][0]["id"]
    with pytest.raises(Refused, match="not for sale"):
        portal.enter(channel, acting_user=channel.broadcaster, wish="gold")


def test_without_settings_of_ours_the_portal_is_as_stripe_makes_it(
    stripe: FakeStripe, channel: Channel, tell: Tell
) -> None:
    subscribe(stripe, channel)
    tell()
    stripe.world.objects["billing_portal.configuration"].clear()
    url = portal.enter(channel, acting_user=channel.broadcaster)
    made = stripe.world.objects["billing_portal.session"][url.rpartition("/")[2]]
    assert made["configuration"] == "bpc_default"


def test_a_portal_that_does_not_answer_is_told_of(stripe: FakeStripe, channel: Channel, tell: Tell) -> None:
    subscribe(stripe, channel)
    tell()
    stripe.api.faults.statuses = [500] * 3
    with pytest.raises(Refused, match="Nothing was charged"):
        portal.enter(channel, acting_user=channel.broadcaster)


def test_an_unfinished_first_payment_may_be_tried_again(stripe: FakeStripe, channel: Channel, tell: Tell) -> None:
    there = subscribe(stripe, channel)
    there["status"] = "incomplete"
    tell()
    price = STUDIO.price("month")
    url = checkout.begin(
        channel, STUDIO, price, acting_user=channel.broadcaster, language="ru", now=stripe.world.now + timedelta(days=2)
    )
    assert url
    assert customer_of(channel).language == "ru"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_are_one_customer_and_one_page(stripe: FakeStripe, channel: Channel) -> None:
    gate = threading.Barrier(2)
    sessions: list[str] = []

    def click() -> None:
        gate.wait(10)
        try:
            sessions.append(go_to_checkout(stripe, channel, MONTH)["id"])
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join(30)
    assert len(sessions) == 2
    assert len(set(sessions)) == 1
    assert [len(stripe.world.all(kind)) for kind in ("customer", "checkout.session")] == [1, 1]
