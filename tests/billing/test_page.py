"""The room of the plan as its owner sees it: state, usage, plans, the way to Stripe and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import actions, granting, pages, sync
from billing.entitlements import Credit
from billing.ledger import record_usage
from billing.models import Customer, Subscription, UsageRecord
from channels_app.models import Channel
from tests import factories
from tests.billing.conftest import customer_of, go_to_checkout, new_world, subscribe
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe_world import FAILING, GOOD
from tests.reading import left_in_english, texts

pytestmark = pytest.mark.usefixtures("built_front_end")
Tell = Callable[[], list[int]]


@pytest.fixture
def owner(channel: Channel) -> Client:
    client = Client()
    client.force_login(channel.broadcaster)
    return client


@pytest.fixture
def now_stripe(stripe: FakeStripe) -> FakeStripe:
    """Its clock is ours: pages tell the time themselves."""
    new_world(stripe, datetime.now(UTC).replace(microsecond=0) - timedelta(days=40))
    return stripe


def shown(client: Client, channel: Channel, query: str = "", language: str = "en") -> str:
    answer = client.get(reverse("billing", args=[channel.public_id]) + query, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    return " ".join(texts(html))


def test_a_site_that_sells_nothing_says_that_everything_is_there(owner: Client, channel: Channel) -> None:
    html = shown(owner, channel)
    assert "This site sells nothing" in words(html)
    assert "Plans" not in texts(html)
    assert "<progress" not in html
    assert 'action="/c/' not in re.sub(r'action="/i18n|action="/sign-out', "", html)


def test_a_new_channel_has_the_free_plan_and_sees_what_more_there_is(
    keys: None, owner: Client, channel: Channel
) -> None:
    owner.get(reverse("channel", args=[channel.public_id]))
    told = words(shown(owner, channel))
    for piece in ("Your plan Free", "0 of 600", "$12 a month", "Try it for 7 days", "120 live hours a month"):
        assert piece in told
    yearly = words(shown(owner, channel, "?interval=year"))
    for piece in ("$120 a year", "$10 for a month", "$24.17 for a month", "−17 %"):
        assert piece in yearly


def test_usage_is_shown_against_the_quota(keys: None, owner: Client, channel: Channel) -> None:
    granting.grant(channel, now=timezone.now())
    actions.override_plan(channel, acting_user=channel.broadcaster, plan="creator", reason="a test")
    for number in range(3):
        record_usage(channel, key=f"t{number}", kind=UsageRecord.Kind.REPLY, replies=1, provider_characters=200_000)
    html = shown(owner, channel)
    assert "3 of 12,000" in words(html)
    assert "600,000 of 600,000" in words(html)
    assert 'value="100"' in html
    assert 'class="nearly-full"' in html


def test_nobody_but_the_owner_comes_in(keys: None, channel: Channel, bob: Any, charlie: Any) -> None:
    for person, status in ((bob, 403), (charlie, 404)):
        client = Client()
        client.force_login(person)
        for name in ("billing", "billing_return"):
            assert client.get(reverse(name, args=[channel.public_id])).status_code == status
        for name in ("choose_plan", "manage_billing"):
            assert client.post(reverse(name, args=[channel.public_id])).status_code == status


def test_only_the_owner_has_the_way_in(channel: Channel, owner: Client, bob: Any) -> None:
    link = f'href="{reverse("billing", args=[channel.public_id])}"'
    assert link in owner.get(reverse("settings", args=[channel.public_id])).content.decode()
    moderator = Client()
    moderator.force_login(bob)
    assert link not in moderator.get(reverse("settings", args=[channel.public_id])).content.decode()


# Off to Stripe and back


def test_the_button_leads_to_stripe_and_the_page_lets_it(stripe: FakeStripe, owner: Client, channel: Channel) -> None:
    page = owner.get(reverse("billing", args=[channel.public_id]))
    assert f"form-action 'self' {stripe.url}" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    answer = owner.post(reverse("choose_plan", args=[channel.public_id]), {"price": "aigirl_creator_year"})
    assert answer.status_code == 303
    assert answer["Location"].startswith(f"{stripe.url}/pay/")


def test_the_real_stripe_is_where_forms_may_lead(keys: None, settings: Any, owner: Client, channel: Channel) -> None:
    settings.ENV = settings.ENV.model_copy(update={"STRIPE_API_URL": "https://api.stripe.com"})
    policy = owner.get(reverse("billing", args=[channel.public_id]))["Content-Security-Policy"]
    assert "form-action 'self' https://checkout.stripe.com https://billing.stripe.com;" in policy


def test_a_price_or_wish_of_nobody_is_not_found(stripe: FakeStripe, owner: Client, channel: Channel) -> None:
    assert owner.post(reverse("choose_plan", args=[channel.public_id]), {"price": "gold"}).status_code == 404
    assert owner.post(reverse("manage_billing", args=[channel.public_id]), {"wish": "gold"}).status_code == 404


def test_what_is_refused_is_said_on_the_page(stripe: FakeStripe, owner: Client, channel: Channel) -> None:
    stripe.api.faults.statuses = [500] * 3
    address = reverse("choose_plan", args=[channel.public_id])
    told = owner.post(address, {"price": "aigirl_creator_month"}, follow=True).content.decode()
    assert "Nothing was charged" in words(told)
    told = owner.post(reverse("manage_billing", args=[channel.public_id]), follow=True).content.decode()
    assert "There is nothing to manage yet" in words(told)


def test_nobody_is_sent_to_stripe_all_the_time(stripe: FakeStripe, owner: Client, channel: Channel) -> None:
    address = reverse("choose_plan", args=[channel.public_id])
    answers = [owner.post(address, {"price": "aigirl_creator_month"}).status_code for _ in range(11)]
    assert answers == [303] * 10 + [302]


def test_the_page_waits_and_then_asks_stripe_itself(stripe: FakeStripe, owner: Client, channel: Channel) -> None:
    subscribe(stripe, channel)
    back = reverse("billing_return", args=[channel.public_id])
    first = owner.get(back, {"session": "cs_1"})
    assert first["Refresh"] == f"2; url={back}?session=1&look=1"
    assert "Waiting for Stripe to confirm it." in words(first.content.decode())
    assert stripe.calls[-1].method == "POST"
    later = owner.get(back, {"session": "1", "look": "2"}, follow=True)
    assert later.redirect_chain == [(reverse("billing", args=[channel.public_id]), 302)]
    assert "Thank you! Your plan is on." in words(later.content.decode())
    assert "Your plan Creator" in words(later.content.decode())


def test_when_the_webhook_was_quicker_nobody_waits(
    stripe: FakeStripe, owner: Client, channel: Channel, tell: Tell
) -> None:
    subscribe(stripe, channel)
    tell()
    calls = len(stripe.calls)
    assert owner.get(reverse("billing_return", args=[channel.public_id]), {"session": "1"}).status_code == 302
    assert len(stripe.calls) == calls


def test_a_payment_that_takes_long_is_said_to_come_by_itself(
    stripe: FakeStripe, owner: Client, channel: Channel
) -> None:
    go_to_checkout(stripe, channel, "aigirl_creator_month")
    stripe.api.faults.statuses = [500] * 3
    late = owner.get(reverse("billing_return", args=[channel.public_id]), {"session": "1", "look": "20"})
    assert "Refresh" not in late
    assert "nothing is lost" in words(late.content.decode())


def test_a_page_that_is_reloaded_all_the_time_asks_no_more(
    stripe: FakeStripe, owner: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MINUTE", 3600)  # however long the reloading takes here
    go_to_checkout(stripe, channel, "aigirl_creator_month")
    stripe.api.calls.clear()
    for _ in range(13):
        owner.get(reverse("billing_return", args=[channel.public_id]), {"session": "1", "look": "5"})
    assert len([call for call in stripe.calls if call.path.startswith("customers/")]) == 12


def test_back_from_the_portal_the_change_is_there_at_once(
    stripe: FakeStripe, owner: Client, channel: Channel, tell: Tell
) -> None:
    there = subscribe(stripe, channel)
    tell()
    stripe.world.change(there, stripe.world.price_at("aigirl_studio_month"))
    told = owner.get(reverse("billing_return", args=[channel.public_id]), follow=True).content.decode()
    assert "Your plan Studio" in words(told)


def test_a_way_back_that_was_typed_by_hand_leads_to_the_plan(keys: None, owner: Client, channel: Channel) -> None:
    answer = owner.get(reverse("billing_return", args=[channel.public_id]), {"session": "1"})
    assert answer["Location"] == reverse("billing", args=[channel.public_id])


# How it stands


def at(stripe: FakeStripe, channel: Channel, days: float) -> None:
    """Days pass at Stripe; then it is asked."""
    stripe.world.advance(days)
    sync.sync_customer(customer_of(channel).pk)


def test_each_state_is_told_with_what_comes_of_it(now_stripe: FakeStripe, owner: Client, channel: Channel) -> None:
    stripe = now_stripe
    there = subscribe(stripe, channel)
    at(stripe, channel, 0)
    assert "Trial until" in words(shown(owner, channel))
    at(stripe, channel, 8)
    told = words(shown(owner, channel))
    assert "Paid until" in told
    assert "Change to Studio" in told
    assert "Back to the free plan" in told
    assert "Pay by the year" in words(shown(owner, channel, "?interval=year"))
    stripe.world.cancel(there)
    at(stripe, channel, 0)
    told = words(shown(owner, channel))
    assert "Cancelled: it ends on" in told
    assert "Back to the free plan" not in told
    stripe.world.keep(there)
    stripe.world.pause(there, "void")
    at(stripe, channel, 0)
    assert "The subscription is paused." in words(shown(owner, channel))
    stripe.world.pause(there, None)
    stripe.world.cards[there["customer"]] = FAILING
    at(stripe, channel, 30)
    told = words(shown(owner, channel))
    assert "Your plan Creator" in told
    assert "did not go through. Everything goes on until" in told
    assert "Put in another card" in told
    Subscription.objects.update(past_due_since=timezone.now() - timedelta(days=8))
    granting.grant_all(now=timezone.now())
    told = words(shown(owner, channel))
    assert "Your plan Creator waits for its payment." in told
    assert "Your plan Free" in told
    stripe.world.cancel(there, at_once=True)
    at(stripe, channel, 0)
    assert "Your plan Creator ended on" in words(shown(owner, channel))
    there["status"], there["ended_at"] = "incomplete", None
    at(stripe, channel, 0)
    assert "The first payment is not finished." in words(shown(owner, channel))


def test_a_dispute_and_gifts_are_told(now_stripe: FakeStripe, owner: Client, channel: Channel) -> None:
    stripe = now_stripe
    subscribe(stripe, channel)
    stripe.world.advance(8)
    stripe.world.dispute(stripe.world.all("charge")[0])
    at(stripe, channel, 0)
    assert "A payment of this channel is disputed" in words(shown(owner, channel))
    actions.override_plan(channel, acting_user=channel.broadcaster, reason="x", credit=Credit(replies=9))
    assert "The operators of this site added to your quota." in words(shown(owner, channel))
    end = timezone.now() + timedelta(days=2)
    actions.override_plan(channel, acting_user=channel.broadcaster, reason="x", plan="studio", until=end)
    assert "gave you the plan Studio. Until" in words(shown(owner, channel))


def test_who_pays_changes_the_plan_instead_of_buying_another(
    stripe: FakeStripe, owner: Client, channel: Channel, tell: Tell
) -> None:
    subscribe(stripe, channel)
    tell()
    answer = owner.post(reverse("choose_plan", args=[channel.public_id]), {"price": "aigirl_studio_year"})
    assert answer["Location"].startswith(f"{stripe.url}/portal/")
    answer = owner.post(reverse("manage_billing", args=[channel.public_id]), {"wish": "card"})
    assert answer["Location"].startswith(f"{stripe.url}/portal/")


def test_the_room_is_russian_in_every_state(now_stripe: FakeStripe, owner: Client, channel: Channel) -> None:
    stripe = now_stripe
    there = subscribe(stripe, channel, card=GOOD)
    waiting = owner.get(
        reverse("billing_return", args=[channel.public_id]), {"session": "1"}, headers={"accept-language": "ru"}
    )
    assert left_in_english(waiting.content.decode(), "Stripe", "Alice") == []
    world, payer = stripe.world, there["customer"]
    deeds: list[list[Callable[[], object]]] = [
        [],
        [lambda: world.advance(8)],
        [lambda: world.cancel(there)],
        [lambda: world.keep(there), lambda: world.pause(there, "void")],
        [lambda: world.pause(there, None), lambda: world.cards.pop(payer), lambda: world.advance(30)],
        [lambda: world.dispute(world.all("charge")[0])],
        [lambda: world.cancel(there, at_once=True)],
    ]
    for state in deeds:
        for deed in state:
            deed()
        at(stripe, channel, 0)
        for query in ("", "?interval=year"):
            html = shown(owner, channel, query, language="ru")
            assert left_in_english(html, "Stripe", "Alice", "UTC") == []
    assert "ноября" in html or "января" in html or re.search(r"\d (\w+я|\w+а) \d{4}", html)


def test_the_plan_of_a_channel_of_somebody_else_is_not_touched(
    stripe: FakeStripe, channel: Channel, tell: Tell
) -> None:
    other = factories.channel()
    subscribe(stripe, channel)
    subscribe(stripe, other, "aigirl_studio_month")
    tell()
    plans = {each.pk: each.entitlements["plan"] for each in Channel.objects.all()}
    assert plans == {channel.pk: "creator", other.pk: "studio"}
    assert Customer.objects.count() == 2
