"""Rows about who pays: a channel's customer at Stripe, its subscriptions, and what happened round them.

What is Stripe's here is a copy, made anew from Stripe by `billing.sync` and by nobody else.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels_app.models import Channel


class Customer(models.Model):
    """Who pays for a channel. `key` makes asking Stripe for the customer twice harmless."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="customer")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stripe_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    language = models.CharField(max_length=10, default="en")
    """Of mails: the one its pages were read in last."""
    created_at = models.DateTimeField(auto_now_add=True)

    synced_at = models.DateTimeField(null=True, blank=True)
    wanted = models.PositiveBigIntegerField(default=0)
    """Counts who wants it synced: who syncs it does so again when this rose meanwhile."""
    syncing_until = models.DateTimeField(null=True, blank=True)
    """Somebody asks Stripe about it; nobody else may, until then. Also the mark of who it is."""

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(stripe_id=""), name="customer_stripe_id_not_empty")]

    def __str__(self) -> str:
        return f"customer of {self.channel}"


class Subscription(models.Model):
    """A subscription as it stands at Stripe."""

    class Status(models.TextChoices):
        INCOMPLETE = "incomplete", _("waiting for its first payment")
        INCOMPLETE_EXPIRED = "incomplete_expired", _("never paid")
        TRIALING = "trialing", pgettext_lazy("subscription", "trial")
        ACTIVE = "active", pgettext_lazy("subscription", "active")
        PAST_DUE = "past_due", pgettext_lazy("subscription", "past due")
        UNPAID = "unpaid", pgettext_lazy("subscription", "unpaid")
        CANCELED = "canceled", pgettext_lazy("subscription", "ended")
        PAUSED = "paused", pgettext_lazy("subscription", "paused")

    LIVING = (Status.TRIALING, Status.ACTIVE, Status.PAST_DUE, Status.UNPAID, Status.PAUSED, Status.INCOMPLETE)

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="subscriptions")
    stripe_id = models.CharField(max_length=64, unique=True)
    item_id = models.CharField(max_length=64)
    """The one line of it, which a change of plan changes."""
    lookup_key = models.CharField(max_length=200, blank=True)
    """Of its price; empty for one that is none of ours."""
    plan = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices)
    paused = models.BooleanField(default=False)
    begun_at = models.DateTimeField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    trial_end = models.DateTimeField(null=True, blank=True)
    cancel_at = models.DateTimeField(null=True, blank=True)
    """When it will end, where that was asked for."""
    ended_at = models.DateTimeField(null=True, blank=True)
    past_due_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["customer", "status"], name="subscription_customer_status")]

    def __str__(self) -> str:
        return f"{self.plan or self.lookup_key or '?'} {self.status} of {self.customer_id}"


class Reversal(models.Model):
    """Money that went back, as it stands at Stripe: a refund of ours, or a dispute the card's owner opened."""

    class Kind(models.TextChoices):
        REFUND = "refund", _("refund")
        DISPUTE = "dispute", _("dispute")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="reversals")
    stripe_id = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    status = models.CharField(max_length=40)
    """Stripe's word."""
    amount = models.PositiveBigIntegerField()
    """Minor units."""
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    """When operators were told of it."""

    class Meta:
        indexes = [models.Index(fields=["customer", "-at"], name="reversal_customer_at")]

    def __str__(self) -> str:
        return f"{self.kind} {self.status} of {self.customer_id}"


class StripeRequest(models.Model):
    """One thing Stripe was asked to do for a customer. Its id is the idempotency key: asked again, it is done once."""

    class Kind(models.TextChoices):
        CHECKOUT = "checkout", _("checkout")
        PORTAL = "portal", _("portal")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject = models.CharField(max_length=200)
    """What it is about: the price that is bought, the checkout that is closed, the change that is asked for."""
    with_trial = models.BooleanField(default=False)
    stripe_id = models.CharField(max_length=200, blank=True)
    """What Stripe made of it; empty while it has not answered."""
    url = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    """A checkout is paid, given up or run out."""

    class Meta:
        indexes = [models.Index(fields=["customer", "kind", "-asked_at"], name="stripe_request_customer")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class DunningMail(models.Model):
    """A mail about a failed payment, on day 0, 3 or 6 after it was due. The row is made before the mail leaves."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="dunning_mails")
    since = models.DateTimeField()
    day = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=20)
    """sent, passed (a later one was due already) or no address."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "since", "day"], name="dunning_mail_once")]

    def __str__(self) -> str:
        return f"day {self.day} mail of {self.subscription_id}: {self.outcome}"


class PlanOverride(models.Model):
    """What an operator decided for a channel, whatever is paid: another plan, more of something, or both."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="plan_overrides")
    plan = models.CharField(max_length=40, blank=True)
    """Empty: the plan stays what it is."""
    credit_live_seconds = models.PositiveIntegerField(default=0)
    credit_replies = models.PositiveIntegerField(default=0)
    credit_characters = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["channel", "made_at"], name="plan_override_channel")]

    def __str__(self) -> str:
        return f"{self.plan or 'credit'} for {self.channel}"


class TrialUsed(models.Model):
    """A broadcaster had a trial. Only a keyed hash of who it was, so that it may outlive an erasure."""

    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:8]


class StripeEvent(models.Model):
    """Stripe told us that something happened. It is kept as a hint of where to look; what it says is never applied."""

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        DONE = "done", _("done")
        IGNORED = "ignored", _("not ours")
        FAILED = "failed", _("failed")

    stripe_id = models.CharField(max_length=80, unique=True)
    type = models.CharField(max_length=80)
    customer_id = models.CharField(max_length=64, blank=True)
    """Stripe's id; empty where only the payment is named."""
    charge_id = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "received_at"], name="stripe_event_state")]

    def __str__(self) -> str:
        return f"{self.type} {self.stripe_id}"


class ClosedCustomer(models.Model):
    """A channel is gone; its customer at Stripe must be closed, so that nobody pays for nothing. Goes when done."""

    stripe_id = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField()
    problem = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.stripe_id


class Reconciliation(models.Model):
    """One nightly comparison of Stripe with what stands here."""

    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    compared = models.PositiveIntegerField(default=0)
    """Subscriptions and reversals at Stripe that were looked at."""
    differences = models.JSONField(default=list)
    """Each {"what", "id", "field", "here", "stripe"}."""
    healed = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-begun_at"]

    def __str__(self) -> str:
        return f"{self.begun_at:%Y-%m-%d}: {len(self.differences)} differences"
