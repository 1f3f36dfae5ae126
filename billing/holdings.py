"""This room's entries in the register of personal data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from billing.models import (
    Budget,
    Customer,
    DunningMail,
    PlanOverride,
    Reservation,
    Reversal,
    StripeRequest,
    Subscription,
    UsageRecord,
)
from channels_app import audit
from channels_app.holdings import HOUSE, MINE, SECRET
from channels_app.models import Channel
from channels_app.privacy import Holding, Keeping, register

BOOKS_LIFE = timedelta(days=3653)
"""Ten years: the longest that bookkeeping has to be kept in the countries we know of."""


def enter() -> None:
    """Once, when Django starts."""
    for holding in (*_ledger(), *_plan()):
        register(holding)
    audit.know(
        {
            "billing.checkout": _("The way to pay for a plan was taken ({price})."),
            "billing.portal": _("The billing portal was opened."),
            "billing.synced": _("Stripe told of a change: {changed}"),
            "plan.changed": _("The plan changed from {before} to {after}."),
            "plan.overridden": _("The service set the plan: {plan}. {reason}"),
            "plan.override_ended": _("The plan the service had set is over: {plan}."),
            "budget.step": _("How she saves changed."),
            "budget.live_time_over": _("The plan's live time was used up, and she was stopped."),
            "budget.ceilings_changed": _("Ceilings were changed."),
        }
    )


def _ledger() -> list[Holding]:
    return [
        Holding(
            UsageRecord,
            _("what was used, and what it cost"),
            MINE,
            columns=(
                "kind", "prompt_tokens", "completion_tokens", "cached_tokens", "characters", "provider_characters",
                "speech_ms", "live_seconds", "replies", "cost_micros", "own_micros", "rates", "currency", "exact",
                "priced", "confidence", "at",
            ),
            withheld={"key": HOUSE},
            keeping=Keeping(monthly_sums, "bookkeeping: what was used and cost, as sums of a month", BOOKS_LIFE),
        ),
        Holding(
            Budget,
            _("your ceilings, and what is used of them"),
            MINE,
            columns=(
                "hour", "hour_micros", "hour_own_micros", "day", "day_micros", "day_own_micros", "period",
                "period_replies", "period_characters", "period_live_seconds", "hourly_ceiling_micros",
                "daily_ceiling_micros", "farewell", "step", "step_why", "step_ends",
            ),
            withheld={
                "held_micros": HOUSE, "held_own_micros": HOUSE, "held_replies": HOUSE, "held_characters": HOUSE,
            },
        ),
        Holding(
            Reservation,
            _("what replies under way may cost"),
            MINE,
            columns=("micros", "own_micros", "replies", "characters", "day", "expires_at"),
            withheld={"key": HOUSE},
        ),
    ]  # fmt: skip


def _plan() -> list[Holding]:
    return [
        Holding(
            Customer,
            _("you as a customer at Stripe"),
            MINE,
            columns=("stripe_id", "language", "created_at", "synced_at"),
            withheld={"key": HOUSE, "wanted": HOUSE, "syncing_until": HOUSE},
        ),
        Holding(
            Subscription,
            _("your subscriptions"),
            MINE,
            columns=(
                "stripe_id", "lookup_key", "plan", "status", "paused", "begun_at", "period_start", "period_end",
                "trial_end", "cancel_at", "ended_at", "past_due_since",
            ),
            withheld={"customer": HOUSE, "item_id": HOUSE},
            rows=lambda channel: Subscription.objects.filter(customer__channel=channel),
        ),
        Holding(
            Reversal,
            _("refunds and disputes"),
            MINE,
            columns=("stripe_id", "kind", "status", "amount", "currency", "at", "told_at"),
            withheld={"customer": HOUSE},
            rows=lambda channel: Reversal.objects.filter(customer__channel=channel),
        ),
        Holding(
            StripeRequest,
            _("ways to pay that were opened"),
            MINE,
            columns=("kind", "subject", "with_trial", "asked_at", "closed_at"),
            withheld={"customer": HOUSE, "stripe_id": HOUSE, "url": SECRET},
            rows=lambda channel: StripeRequest.objects.filter(customer__channel=channel),
        ),
        Holding(
            DunningMail,
            _("mails about failed payments"),
            MINE,
            columns=("since", "day", "made_at", "outcome"),
            withheld={"subscription": HOUSE},
            rows=lambda channel: DunningMail.objects.filter(subscription__customer__channel=channel),
        ),
        Holding(
            PlanOverride,
            _("plans and credit the service gave you"),
            MINE,
            columns=(
                "plan", "credit_live_seconds", "credit_replies", "credit_characters", "until", "reason", "made_at",
            ),
            withheld={"made_by": HOUSE},
        ),
    ]  # fmt: skip


def monthly_sums(channel: Channel) -> list[dict[str, Any]]:
    """What a channel used, by month, kind and currency: sums that tell of nobody."""
    rows = (
        UsageRecord.objects.filter(channel=channel)
        .annotate(month=TruncMonth("at"))
        .values("month", "kind", "currency")
        .annotate(
            count=Count("pk"),
            prompt_tokens=Sum("prompt_tokens"),
            completion_tokens=Sum("completion_tokens"),
            characters=Sum("characters"),
            cost_micros=Sum("cost_micros"),
        )
        .order_by("month", "kind", "currency")
    )
    return [dict(row) | {"month": f"{row['month']:%Y-%m}"} for row in rows]
