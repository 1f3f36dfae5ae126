"""Figures for Prometheus, read from the database when they are asked for: true whichever process answers."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from aigirl_site import counts
from billing.analytics.figures import nearest_rank
from billing.models import StripeEvent
from channels_app.dashboard.state import stage_times
from channels_app.models import OverlayPresence, PaidEvent, Turn
from channels_app.queries import PRESENCE_LIFE
from channels_app.twitch.local import comes_from_here
from workers.models import WorkerProcess

WINDOW = timedelta(minutes=5)
"""Turns are counted over this."""
MOST_TURNS = 5000
"""Of which speed is measured, the newest: asking for figures must stay cheap on a large site."""
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
        runs = counts.runs_by_worker()
        held = GaugeMetricFamily("aigirl_worker_runs", "Runs of a worker process", labels=["worker", "kind"])
        lease = GaugeMetricFamily(
            "aigirl_worker_lease_seconds", "Seconds until a worker's lease runs out", labels=["worker", "kind"]
        )
        for worker in WorkerProcess.objects.filter(expires_at__gt=self.now - timedelta(hours=1)):
            labels = [worker.name, worker.kind]
            held.add_metric(labels, runs.get(worker.name, 0))
            lease.add_metric(labels, (worker.expires_at - self.now).total_seconds())
        yield from (held, lease)
        yield one("aigirl_runs_failing", "Runs that ended too soon", counts.failing_runs())
        pages = OverlayPresence.objects.filter(seen_at__gt=self.now - PRESENCE_LIFE, is_preview=False)
        yield one("aigirl_overlays_connected", "Overlay pages that report", pages.count())
        open_events = PaidEvent.objects.filter(state__in=[PaidEvent.State.WAITING, PaidEvent.State.CLAIMED])
        yield one("aigirl_paid_events_open", "Paid events without an end", open_events.count())

    def _turns(self) -> Iterable[Metric]:
        lately = Turn.objects.filter(created_at__gt=self.now - WINDOW)
        counted = GaugeMetricFamily("aigirl_turns_5m", "Turns within five minutes", labels=["outcome"])
        found = dict(lately.order_by().values_list("outcome").annotate(count=Count("pk")))
        for outcome in Turn.Outcome.values:
            counted.add_metric([outcome], found.get(outcome, 0))
        yield counted
        times: dict[str, list[int]] = {}
        for timings in lately.order_by("-created_at").values_list("timings_ms", flat=True)[:MOST_TURNS]:
            for stage, milliseconds in stage_times(timings).items():
                times.setdefault(stage, []).append(milliseconds)
        speed = GaugeMetricFamily(
            "aigirl_stage_seconds_5m", "How long stages of turns took within five minutes", labels=["stage", "quantile"]
        )
        for stage, values in times.items():
            values.sort()
            for percent in PERCENTS:
                speed.add_metric([stage, str(percent / 100)], (nearest_rank(values, percent) or 0) / 1000)
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
