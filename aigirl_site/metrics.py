"""Figures for Prometheus, read from the database when they are asked for: true whichever process answers."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from aigirl_site import counts
from aigirl_site.fleet_metrics import fleet
from billing.models import StripeEvent
from channels_app.models import PaidEvent, Turn
from channels_app.twitch.local import comes_from_here
from workers import speeds
from workers.fleet import overview

PERCENTS = (50, 95, 99)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """With METRICS_TOKEN as a bearer, or without a token from this machine alone; else there is nothing here."""
    token = settings.ENV.METRICS_TOKEN.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not (hmac.compare_digest(given, token) if token else comes_from_here(request)):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Figures(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Figures:
    """Everything at one moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterable[Metric]:
        yield from self._fleet()
        yield from self._turns()
        yield from self._money()

    def _fleet(self) -> Iterable[Metric]:
        wanted = counts.wanted_channels()
        yield one("aigirl_channels_wanted", "Channels that shall be live", wanted.count())
        yield one(
            "aigirl_channels_silenced", "Live channels in panic", wanted.filter(panic_since__isnull=False).count()
        )
        yield one("aigirl_channels_live", "Channels that a worker carries out", counts.live_channels())
        yield one("aigirl_runs_failing", "Runs that ended too soon", counts.failing_runs())
        yield from fleet(overview.look(self.now))
        open_events = PaidEvent.objects.filter(state__in=[PaidEvent.State.WAITING, PaidEvent.State.CLAIMED])
        yield one("aigirl_paid_events_open", "Paid events without an end", open_events.count())

    def _turns(self) -> Iterable[Metric]:
        lately = Turn.objects.filter(created_at__gt=self.now - speeds.WINDOW)
        counted = GaugeMetricFamily("aigirl_turns_5m", "Turns within five minutes", labels=["outcome"])
        found = dict(lately.order_by().values_list("outcome").annotate(count=Count("pk")))
        for outcome in Turn.Outcome.values:
            counted.add_metric([outcome], found.get(outcome, 0))
        yield counted
        speed = GaugeMetricFamily(
            "aigirl_stage_seconds_5m", "How long stages of turns took within five minutes", labels=["stage", "quantile"]
        )
        for stage, values in speeds.stages(self.now).items():
            for percent in PERCENTS:
                speed.add_metric([stage, str(percent / 100)], speeds.seconds(values, percent))
        yield speed

    def _money(self) -> Iterable[Metric]:
        spent = counts.spent_today(self.now)
        yield one("aigirl_spent_today_usd", "What all channels spent since midnight UTC", spent)
        saving = GaugeMetricFamily("aigirl_channels_saving", "Live channels on a step of saving", labels=["step"])
        for step, count in counts.saving_channels().items():
            saving.add_metric([step], count)
        yield saving
        events = GaugeMetricFamily("aigirl_stripe_events", "Stripe's events by what became of them", labels=["state"])
        states = dict(StripeEvent.objects.order_by().values_list("state").annotate(count=Count("pk")))
        for state in StripeEvent.State.values:
            events.add_metric([state], states.get(state, 0))
        yield events


def one(name: str, told: str, value: float) -> GaugeMetricFamily:
    """A figure without labels."""
    return GaugeMetricFamily(name, told, value=value)
