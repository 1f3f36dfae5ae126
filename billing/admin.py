"""Billing for operators. What is a copy of Stripe's, or append-only, is read here and changed nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing import actions as billing_actions
from billing.entitlements import Credit
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
from billing.plans import CATALOGUE
from channels_app.admin import ReadOnlyAdmin
from channels_app.models import User


@admin.register(UsageRecord)
class UsageAdmin(ReadOnlyAdmin):
    list_display = (
        "at", "channel", "kind", "characters", "completion_tokens", "cost_micros", "own_micros", "currency",
        "confidence",
    )  # fmt: skip
    list_filter = ("kind", "confidence")
    search_fields = ("channel__login", "key")
    date_hierarchy = "at"


@admin.register(Budget)
class BudgetAdmin(ReadOnlyAdmin):
    """How far each channel's limits are used, and how it saves."""

    list_display = ("channel", "hour_micros", "day_micros", "held_micros", "period_replies", "step", "step_why")
    list_filter = ("step", "step_why")
    search_fields = ("channel__login",)


@admin.register(HouseDay)
class HouseDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "micros", "held_micros")
    ordering = ("-day",)


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ("channel", "key", "micros", "expires_at")
    search_fields = ("channel__login", "key")


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ("channel", "stripe_id", "created_at", "synced_at")
    search_fields = ("channel__login", "stripe_id")


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("customer", "plan", "lookup_key", "status", "period_end", "cancel_at", "past_due_since")
    list_filter = ("status", "plan")
    search_fields = ("customer__channel__login", "stripe_id")


@admin.register(Reversal)
class ReversalAdmin(ReadOnlyAdmin):
    list_display = ("at", "customer", "kind", "status", "amount", "currency")
    list_filter = ("kind", "status")
    search_fields = ("customer__channel__login", "stripe_id")


if TYPE_CHECKING:
    RowForm = forms.ModelForm[PlanOverride]
else:
    RowForm = forms.ModelForm


class OverrideForm(RowForm):
    """What an operator gives a channel."""

    plan = forms.ChoiceField(
        label=_("Plan"), required=False, choices=lambda: [("", _("as it is")), *((p.name, p.title) for p in CATALOGUE)]
    )
    hours = forms.IntegerField(label=_("Live hours more, each month"), min_value=0, max_value=10_000, initial=0)

    class Meta:
        model = PlanOverride
        fields = ("channel", "plan", "hours", "credit_replies", "credit_characters", "until", "reason")
        labels = {
            "credit_replies": _("Replies more, each month"),
            "credit_characters": _("Spoken characters more, each month"),
            "until": _("Until (UTC); empty: until it is ended"),
            "reason": _("Reason"),
        }

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        until = values.get("until")
        if until is not None and until <= timezone.now():
            self.add_error("until", _("The end lies in the past."))
        if not any(values.get(name) for name in ("plan", "hours", "credit_replies", "credit_characters")):
            raise forms.ValidationError(_("Name a plan, or something to add."))
        return values


@admin.register(PlanOverride)
class PlanOverrideAdmin(ReadOnlyAdmin):
    """Given with a reason and ended again; never edited."""

    list_display = ("channel", "plan", "until", "reason", "made_by", "made_at")
    search_fields = ("channel__login", "reason")
    autocomplete_fields = ("channel",)
    form = OverrideForm
    actions = ("end_now",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.add_planoverride")

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Who may give may take back."""
        return self.has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: PlanOverride, form: Any, change: bool) -> None:
        values = form.cleaned_data
        credit = Credit(values["hours"] * 3600, values["credit_replies"], values["credit_characters"])
        made = billing_actions.override_plan(
            values["channel"],
            acting_user=_operator(request),
            reason=values["reason"],
            plan=values["plan"],
            until=values["until"],
            credit=credit,
        )
        obj.pk = made.pk  # for the admin's own journal

    @admin.action(description=_("End now"), permissions=["end"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[PlanOverride]) -> None:
        for made in queryset:
            billing_actions.end_override(made, acting_user=_operator(request))
        messages.success(request, _("Ended. The channels have what they pay for."))


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "type", "state", "attempts", "problem", "stripe_id")
    list_filter = ("state", "type")
    search_fields = ("stripe_id", "customer_id")
    actions = ("replay",)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Nobody edits an event; who may change one may have it looked into again."""
        return request.user.has_perm("billing.change_stripeevent")

    @admin.action(description=_("Look into it again"), permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[StripeEvent]) -> None:
        for event in queryset:
            billing_actions.replay_event(event)
        messages.success(request, _("They are looked into again now."))


@admin.register(ClosedCustomer)
class ClosedCustomerAdmin(ReadOnlyAdmin):
    list_display = ("stripe_id", "asked_at", "problem")


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    list_display = ("begun_at", "compared", "healed", "problem")
