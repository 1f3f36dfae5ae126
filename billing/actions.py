"""Writes of operators: another plan or more of something, whatever is paid; and an event looked into again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import granting, webhooks
from billing.entitlements import Credit
from billing.models import PlanOverride, StripeEvent
from billing.plans import plan_named
from channels_app.actions import Refused, after_commit, record
from channels_app.models import Channel, User


@transaction.atomic
def override_plan(
    channel: Channel,
    *,
    acting_user: User,
    reason: str,
    plan: str = "",
    until: datetime | None = None,
    credit: Credit | None = None,
    now: datetime | None = None,
) -> PlanOverride:
    """Gives the channel this plan, adds the credit to each period's amounts, or both, until then or for good.

    Raises Refused for a plan that is none, an end that is over, and where nothing would be given.
    """
    now = now or timezone.now()
    given = credit or Credit()
    if plan and plan_named(plan) is None:
        raise Refused(_("There is no plan of this name."))
    if not plan and given == Credit():
        raise Refused(_("Name a plan, or something to add."))
    if until is not None and until <= now:
        raise Refused(_("The end lies in the past."))
    made = PlanOverride.objects.create(
        channel=channel,
        plan=plan,
        until=until,
        reason=reason[:200],
        made_by=acting_user,
        credit_live_seconds=given.live_seconds,
        credit_replies=given.replies,
        credit_characters=given.characters,
    )
    record(
        channel, acting_user, "plan.overridden", plan=plan, reason=reason[:200],
        until=until.isoformat() if until else None,
    )  # fmt: skip
    granting.grant(channel, now=now)
    return made


@transaction.atomic
def end_override(made: PlanOverride, *, acting_user: User, now: datetime | None = None) -> None:
    """Takes it back now; the row stays for who looks later."""
    now = now or timezone.now()
    locked = PlanOverride.objects.select_for_update().get(pk=made.pk)
    if locked.until is not None and locked.until <= now:
        return
    PlanOverride.objects.filter(pk=locked.pk).update(until=now)
    record(locked.channel, acting_user, "plan.override_ended", plan=locked.plan)
    granting.grant(locked.channel, now=now)


@transaction.atomic
def replay_event(event: StripeEvent) -> None:
    """Has the event looked into again, whatever became of it."""
    StripeEvent.objects.filter(pk=event.pk).update(state=StripeEvent.State.RECEIVED, attempts=0, problem="")
    after_commit(lambda: webhooks.send(event))
