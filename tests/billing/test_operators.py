"""What operators do about plans: give, take back, and have an event looked into again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aigirl_site.operators import home
from billing.models import PlanOverride, StripeEvent
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
