"""The room where a plan is chosen, paid for and looked after. The broadcaster's alone."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from billing import granting, offers, trials
from billing.models import Customer, Subscription
from billing.plans import PAID, Interval, plan_named, plan_of_price, price_of
from billing.quota import used_by
from channels_app.actions import Refused
from channels_app.dashboard.access import owner_page
from channels_app.dashboard.pages import base_context
from channels_app.entitlements import entitlements_of
from channels_app.limits import MINUTE, within
from channels_app.middleware import POLICY
from channels_app.models import Channel, User

PATIENCE = 2
"""Looks after which we ask Stripe ourselves whether it was paid."""
MOST_LOOKS = 20
LOOK_SECONDS = 2
ASKS_A_MINUTE = 12
"""Times a minute Stripe is asked for one channel by the page that waits."""
VISITS_A_MINUTE = 10
"""Times a minute one channel may be sent to Stripe."""


@require_safe
@owner_page
def billing(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Plan, state, usage against quota, and the plans. `?interval=year` shows what a year costs."""
    now = timezone.now()
    customer = Customer.objects.filter(channel=channel).first()
    subscription = granting.deciding(customer.subscriptions.all(), now) if customer else None
    allowed = entitlements_of(channel)
    plan = plan_named(allowed.plan)
    living = subscription if subscription and subscription.status in Subscription.LIVING else None
    interval = _interval(request, living)
    used = used_by(channel, now=now)
    sells = settings.ENV.has_stripe
    context = base_context(request, channel) | {
        "page": "billing",
        "sells": sells,
        "plan": plan,
        "subscription": subscription,
        "bought": plan_named(subscription.plan) if subscription else None,
        "standing": offers.standing(subscription, now),
        "is_customer": bool(customer and customer.stripe_id),
        "is_living": living is not None,
        "is_disputed": customer is not None and granting.money_taken_back(customer.reversals.all(), subscription),
        "gift": _gift(channel, now),
        "used": used,
        "bars": offers.bars(used, allowed),
        "interval": interval,
        "saving": max(each.yearly_saving for each in PAID),
        "offers": offers.offers(interval, subscription, allowed.plan, trial=not trials.was_used(channel))
        if sells
        else [],
    }
    response = render(request, "billing/billing.html", context)
    if sells:
        from billing import gateway

        # Browsers apply form-action to the redirect that follows a form, and these forms lead to Stripe.
        response["Content-Security-Policy"] = POLICY.format(forms=" ".join(gateway.pages()))
    return response


@require_POST
@owner_page
def choose_plan(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Off to Stripe for the price `price`: to its checkout, or to the page that changes the subscription there is."""
    from billing import checkout, portal

    assert isinstance(request.user, User)
    lookup_key = request.POST.get("price", "")
    price, plan = price_of(lookup_key), plan_of_price(lookup_key)
    if price is None or plan is None:
        raise Http404
    customer = Customer.objects.filter(channel=channel).first()
    changes = Subscription.objects.filter(customer=customer, status__in=Subscription.LIVING).exclude(
        status=Subscription.Status.INCOMPLETE
    )
    try:
        _within_reason(channel)
        if customer is not None and changes.exists():
            return _to(portal.enter(channel, acting_user=request.user, wish=lookup_key))
        language = (get_language() or "en")[:2]
        return _to(checkout.begin(channel, plan, price, acting_user=request.user, language=language))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("billing", public_id=channel.public_id)


@require_POST
@owner_page
def manage_billing(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Off to the portal at Stripe; `wish` is card, cancel, or nothing for its first page with the invoices."""
    from billing import portal

    assert isinstance(request.user, User)
    wish = request.POST.get("wish", "")
    if wish not in ("", portal.CARD, portal.CANCEL):
        raise Http404
    try:
        _within_reason(channel)
        return _to(portal.enter(channel, acting_user=request.user, wish=wish))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("billing", public_id=channel.public_id)


@require_GET
@owner_page
def billing_return(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Back from Stripe. From its checkout (`session`) the page looks every few seconds (`look` counts) until the plan
    is there; from the portal it is asked for at once. It needs no script."""
    look = int(text) if (text := request.GET.get("look", "")).isascii() and text.isdigit() and len(text) < 4 else 0
    came_to_pay = "session" in request.GET
    customer = Customer.objects.filter(channel=channel, stripe_id__isnull=False).first()
    if customer is not None and not came_to_pay:
        _ask_stripe(customer)
    if customer is None or not came_to_pay:
        return redirect("billing", public_id=channel.public_id)
    if not _is_paid(customer) and look >= PATIENCE:
        _ask_stripe(customer)
    if _is_paid(customer):
        messages.success(request, _("Thank you! Your plan is on."))
        return redirect("billing", public_id=channel.public_id)
    is_late = look >= MOST_LOOKS
    context = base_context(request, channel) | {"page": "billing", "look": look, "is_late": is_late}
    response = render(request, "billing/waiting.html", context)
    if not is_late:
        response["Refresh"] = f"{LOOK_SECONDS}; url={request.path}?session=1&look={look + 1}"
    return response


def _is_paid(customer: Customer) -> bool:
    living = Subscription.objects.filter(customer=customer, status__in=Subscription.LIVING).exclude(plan="")
    return living.exclude(status=Subscription.Status.INCOMPLETE).exists()


def _ask_stripe(customer: Customer) -> None:
    """The webhook may be late or lost. What Stripe does not answer now, the sweep asks again."""
    from billing import gateway, sync

    if not within("billing-return", customer.channel_id, ASKS_A_MINUTE, MINUTE):
        return
    try:
        sync.sync_customer(customer.pk)
    except gateway.StripeProblem as problem:
        sync.log.warning("Stripe did not answer the page that waits: %s", problem)


def _within_reason(channel: Channel) -> None:
    if not within("to-stripe", channel.pk, VISITS_A_MINUTE, MINUTE):
        raise Refused(_("That was often within a minute. Try again in a moment."))


def _to(url: str) -> HttpResponseRedirect:
    """303: whatever form led here, the page at Stripe is asked for with GET."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def _interval(request: HttpRequest, living: Subscription | None) -> Interval:
    """What was asked for, else what is paid for now."""
    bought = price_of(living.lookup_key) if living else None
    wanted = request.GET.get("interval") or (bought.interval if bought else "month")
    return "year" if wanted == "year" else "month"


def _gift(channel: Channel, now: datetime) -> dict[str, object] | None:
    """What operators gave and is not over, the last first."""
    for each in channel.plan_overrides.order_by("-made_at"):
        if each.until is None or each.until > now:
            return {"plan": plan_named(each.plan), "until": each.until}
    return None
