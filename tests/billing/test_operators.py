"""What operators do about plans: give, take back, and have an event looked into again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aigirl_site.operators import home
from billing import actions
from billing.budget import Claim, reserve
from billing.ledger import record_usage
from billing.limits import Limits
from billing.models import (
    Budget,
    ClosedCustomer,
    Customer,
    HouseDay,
    PlanOverride,
    Reconciliation,
    Reservation,
    Reversal,
    StripeEvent,
    Subscription,
    UsageRecord,
)
from channels_app.actions import Refused
from channels_app.entitlements import entitlements_of
from channels_app.models import AuditEvent, Channel
from tests import factories

GIVE = "/admin/billing/planoverride/add/"

pytestmark = pytest.mark.usefixtures("keys")


def give(client: Client, channel: Channel, **values: Any) -> Any:
    filled = {"channel": channel.pk, "plan": "", "hours": 0, "credit_replies": 0, "credit_characters": 0}
    return client.post(GIVE, filled | {"reason": "ticket 12"} | values)


def act(client: Client, model: str, action: str, pk: int) -> Any:
    return client.post(reverse(f"admin:billing_{model}_changelist"), {"action": action, "_selected_action": [pk]})


def plan_of(channel: Channel) -> str:
    return entitlements_of(Channel.objects.get(pk=channel.pk)).plan


def test_an_operator_gives_a_plan_with_a_reason_and_ends_it(admin_client: Client, channel: Channel) -> None:
    assert admin_client.get(f"{GIVE}?channel={channel.pk}").status_code == 200
    assert give(admin_client, channel, plan="studio").status_code == 302
    assert plan_of(channel) == "studio"
    event = AuditEvent.objects.get(channel=channel, action="plan.overridden")
    assert (str(event.actor), event.detail["reason"]) == ("admin", "ticket 12")
    act(admin_client, "planoverride", "end_now", PlanOverride.objects.get().pk)
    assert plan_of(channel) == "free"


def test_more_of_something_comes_on_top_of_the_plan(admin_client: Client, channel: Channel) -> None:
    give(admin_client, channel, hours=5, credit_replies=100)
    granted = entitlements_of(Channel.objects.get(pk=channel.pk))
    assert (granted.plan, granted.live_seconds, granted.replies) == ("free", 15 * 3600, 700)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "Name a plan, or something to add."),
        ({"plan": "studio", "reason": ""}, "This field is required."),
        ({"plan": "studio", "until_0": "2020-01-01", "until_1": "00:00"}, "The end lies in the past."),
        ({"plan": "galaxy"}, "Select a valid choice."),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    admin_client: Client, channel: Channel, values: dict[str, str], told: str
) -> None:
    assert told in give(admin_client, channel, **values).content.decode()
    assert not PlanOverride.objects.exists()


def test_an_event_that_failed_is_counted_and_looked_into_again(admin_client: Client, channel: Channel) -> None:
    now = timezone.now()
    event = StripeEvent.objects.create(
        stripe_id="evt_1", type="invoice.paid", made_at=now, received_at=now, state="failed", attempts=9, problem="x"
    )
    assert next(f for f in home.figures(now) if f["label"] == "Webhooks that failed")["is_bad"]
    act(admin_client, "stripeevent", "replay", event.pk)
    event.refresh_from_db()
    assert (event.state, event.attempts, event.problem) == ("received", 0, "")
    figures = {figure["label"]: figure["value"] for figure in home.figures(now + timedelta(minutes=11))}
    assert figures["Webhooks that failed"] == 1, "nobody has looked for ten minutes"


def test_who_may_only_look_gives_nothing(client: Client, channel: Channel) -> None:
    helper = factories.user(is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_planoverride"))
    client.force_login(helper)
    assert give(client, channel, plan="studio").status_code == 403
    assert not PlanOverride.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"plan": "galaxy"}, "There is no plan of this name."),
        ({}, "Name a plan, or something to add."),
        ({"plan": "studio", "until": timezone.now() - timedelta(days=1)}, "The end lies in the past."),
    ],
)
def test_whoever_gives_what_makes_no_sense_without_the_form_is_refused_too(
    channel: Channel, wanted: dict[str, Any], told: str
) -> None:
    with pytest.raises(Refused, match=told):
        actions.override_plan(channel, acting_user=channel.broadcaster, reason="ticket 12", **wanted)


def test_what_has_ended_does_not_end_again(admin_client: Client, channel: Channel) -> None:
    give(admin_client, channel, plan="studio")
    for _ in range(2):
        act(admin_client, "planoverride", "end_now", PlanOverride.objects.get().pk)
    assert AuditEvent.objects.filter(channel=channel, action="plan.override_ended").count() == 1


def test_every_row_of_billing_has_a_page_that_names_it(admin_client: Client, channel: Channel) -> None:
    now = timezone.now()
    customer = Customer.objects.create(channel=channel, stripe_id="cus_1")
    period = {"begun_at": now, "period_start": now, "period_end": now}
    lent = Subscription(customer=customer, stripe_id="sub_1", status="active", plan="creator", **period)
    lost = Reversal(customer=customer, stripe_id="dp_1", kind="dispute", status="lost", amount=1200, at=now)
    for row in (lent, lost):
        row.save()
    rows: list[tuple[Model, str]] = [
        (customer, f"customer of {channel}"),
        (lent, "creator active of"),
        (lost, "dispute lost of"),
        (ClosedCustomer.objects.create(stripe_id="cus_0", asked_at=now), "cus_0"),
        (Reconciliation.objects.create(begun_at=now), "0 differences"),
        (StripeEvent.objects.create(stripe_id="evt_1", type="invoice.paid", made_at=now, received_at=now), "evt_1"),
        (HouseDay.objects.create(day=now, micros=70), "70 µUSD"),
        (PlanOverride.objects.create(channel=channel, plan="studio", made_by=channel.broadcaster), "studio"),
    ]
    record_usage(channel, key="a", kind=UsageRecord.Kind.REPLY, cost_micros=80)
    reserve(channel, key="b", claim=Claim(500), limits=Limits(), now=now)
    rows += [
        (UsageRecord.objects.get(), "reply"),
        (Budget.objects.get(), f"budget of {channel}"),
        (Reservation.objects.get(), "500 µUSD held for b"),
    ]
    for each, name in rows:
        page = reverse(f"admin:billing_{each._meta.model_name}_change", args=[each.pk])
        assert name in admin_client.get(page).content.decode(), name
