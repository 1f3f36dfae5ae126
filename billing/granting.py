"""Writes onto channels what their plans grant: the one place where rows and the clock meet the pure rule."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch

from billing.entitlements import Credit, Override, SubscriptionState, entitlements_at, is_good
from billing.models import Customer, PlanOverride, Reversal, Subscription
from channels_app import push
from channels_app.actions import after_commit, record
from channels_app.entitlements import UNLIMITED, Entitlements
from channels_app.models import Channel
from channels_app.signals import entitlements_changed

DISPUTED = ("needs_response", "under_review")
"""A dispute's status while the money is taken back and nothing is decided. An inquiry ("warning_…") takes none."""
BATCH = 200


def state_of(subscription: Subscription) -> SubscriptionState:
    return SubscriptionState(
        plan=subscription.plan,
        status=subscription.status,
        period_start=subscription.period_start,
        past_due_since=subscription.past_due_since,
        paused=subscription.paused,
    )


def deciding(subscriptions: Iterable[Subscription], now: datetime) -> Subscription | None:
    """The subscription that counts: one that gives its plan before one that does not, the youngest of those alike."""
    ours = [each for each in subscriptions if each.plan]
    return max(ours, key=lambda each: (_weight(each, now), each.begun_at, each.stripe_id), default=None)


def _weight(subscription: Subscription, now: datetime) -> int:
    if is_good(state_of(subscription), now):
        return 2
    return int(subscription.status in Subscription.LIVING)


def money_taken_back(reversals: Iterable[Reversal], subscription: Subscription | None) -> bool:
    """Whether a dispute stands against the channel: one that is open, or was lost in the period that runs."""
    since = subscription.period_start if subscription else None
    disputes = [each for each in reversals if each.kind == Reversal.Kind.DISPUTE]
    return any(
        each.status in DISPUTED or (each.status == "lost" and since is not None and each.at >= since)
        for each in disputes
    )


def entitlements_for(channel: Channel, now: datetime) -> Entitlements:
    """What the channel's rows come to at this time."""
    customer = Customer.objects.filter(channel=channel).prefetch_related("subscriptions", "reversals").first()
    subscriptions = list(customer.subscriptions.all()) if customer else []
    reversals = list(customer.reversals.all()) if customer else []
    return _worked_out(subscriptions, reversals, list(channel.plan_overrides.order_by("made_at", "pk")), now)


def _worked_out(
    subscriptions: list[Subscription], reversals: list[Reversal], overrides: list[PlanOverride], now: datetime
) -> Entitlements:
    subscription = deciding(subscriptions, now)
    return entitlements_at(
        now,
        sells=settings.ENV.has_stripe,
        subscription=state_of(subscription) if subscription else None,
        overrides=tuple(
            Override(
                plan=each.plan,
                until=each.until,
                credit=Credit(each.credit_live_seconds, each.credit_replies, each.credit_characters),
            )
            for each in overrides
        ),
        money_taken_back=money_taken_back(reversals, subscription),
    )


@transaction.atomic
def grant(channel: Channel, *, now: datetime) -> bool:
    """Writes what the channel may use onto it. Returns whether that changed."""
    locked = Channel.objects.select_for_update().get(pk=channel.pk)
    granted = _stored(entitlements_for(locked, now))
    if locked.entitlements == granted:
        return False
    before, after = (each.get("plan", UNLIMITED.plan) for each in (locked.entitlements, granted))
    Channel.objects.filter(pk=channel.pk).update(entitlements=granted)
    locked.entitlements = granted
    entitlements_changed.send(Channel, channel=locked)
    if before != after:
        record(channel, None, "plan.changed", before=before, after=after)
    after_commit(lambda: push.inbox_now(channel, {"t": "command", "name": "reload"}))
    return True


def grant_all(*, now: datetime) -> int:
    """Graces, overrides and periods end by themselves: writes what that changes. Returns on how many channels."""
    prefetch = (
        Prefetch("customer__subscriptions"),
        Prefetch("customer__reversals"),
        Prefetch("plan_overrides", PlanOverride.objects.order_by("made_at", "pk")),
    )
    changed = 0
    for channel in Channel.objects.select_related("customer").prefetch_related(*prefetch).iterator(chunk_size=BATCH):
        customer: Customer | None = getattr(channel, "customer", None)
        wanted = _worked_out(
            list(customer.subscriptions.all()) if customer else [],
            list(customer.reversals.all()) if customer else [],
            list(channel.plan_overrides.all()),
            now,
        )
        # Only those that differ are locked and worked out again.
        if channel.entitlements != _stored(wanted):
            changed += grant(channel, now=now)
    return changed


def _stored(entitlements: Entitlements) -> dict[str, object]:
    """As it comes back from the database; nothing where everything is granted."""
    found: dict[str, object] = json.loads(json.dumps(entitlements.stored()))
    return {} if entitlements == UNLIMITED else found
