"""The fleet on the operators' home page: worker processes, what waits and why, how quick turns are.

The page asks for this part anew every few seconds, so it reads little and knows no history but that of turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from channels_app.dashboard.state import FIRST_SOUND, stage_labels
from channels_app.models import Channel
from workers import speeds
from workers.fleet import overview
from workers.fleet.overview import Life, Overview, Seen, Tally, Waiting, Why
from workers.models import Run

LATE_LOOP_MS = 250.0
"""A loop that comes back later than this is heard as a stutter."""
PARTS, LENGTH = 12, timedelta(minutes=5)
"""The chart of first sounds: the last hour."""
MOST_CHANNELS = 300
"""Deepest inboxes whose channels are looked up, one a worker."""


def fleet(request: HttpRequest) -> HttpResponse:
    """The part alone, for the page that shows it already."""
    return render(request, "operators/fleet.html", part(timezone.now()))


def part(now: datetime) -> dict[str, Any]:
    """`fleet`: what the template of this part shows."""
    seen = overview.look(now)
    deepest = {worker.figures.inbox_at for worker in seen.workers if worker.lives and worker.figures.inbox_at}
    logins = dict(Channel.objects.filter(public_id__in=[*deepest][:MOST_CHANNELS]).values_list("public_id", "login"))
    return {
        "fleet": {
            "at": now,
            "title": _("Fleet"),
            "has_worker": bool(seen.living),
            "totals": totals(seen),
            "workers": [row(worker, logins) for worker in seen.workers],
            "waiting": [wait(each) for each in seen.waiting],
            "gateways": seen.gateways,
            "stages": stages(now),
            "sounds": (chart := sounds(now)),
            "has_sounds": any(bar["turns"] for bar in chart),
        }
    }


def totals(seen: Overview) -> list[dict[str, Any]]:
    """label, value, help and whether it asks for attention (`is_bad`)."""
    living, runs, gateways = seen.living, seen.runs.get(Run.Kind.CHANNEL, Tally()), seen.gateways
    free = sum(max(0, worker.capacity - worker.runs) for worker in living if worker.life is Life.LIVING)
    pages = seen.overlays
    found = [
        {
            "label": _("Live workers"),
            "value": len(living),
            "help": _("room for %(free)s more runs") % {"free": free},
            "is_bad": not living or not free or any(worker.is_cut_off for worker in living),
        },
        {
            "label": _("Runs that wait"),
            "value": runs.waiting + runs.failing,
            "help": _("%(failing)s of them ended too soon") % {"failing": runs.failing},
            "is_bad": seen.late > 0,
        },
        {
            "label": _("Restarts"),
            "value": sum(tally.restarts for tally in seen.runs.values()),
            "help": _("runs begun again that nobody had asked to end"),
            "is_bad": False,
        },
        {
            "label": _("Messages in inboxes"),
            "value": sum(worker.figures.inbox for worker in living),
            "help": _("%(turns)s turns under way, %(calls)s requests to providers")
            % {
                "turns": sum(worker.figures.turns for worker in living),
                "calls": sum(worker.figures.calls for worker in living),
            },
            "is_bad": False,
        },
        {
            "label": _("Chat lines dropped"),
            "value": sum(seen.dropped.values()),
            "help": reasons(seen.dropped) or _("since the workers began"),
            "is_bad": False,
        },
        {
            "label": _("Overlays"),
            "value": pages.connected,
            "help": _("gaps: %(gaps)s, underruns: %(underruns)s, dropped: %(dropped)s")
            % {"gaps": pages.gaps, "underruns": pages.underruns, "dropped": pages.dropped},
            "is_bad": False,
        },
        {
            "label": _("Last tick"),
            "value": "–" if seen.tick_seconds is None else _("%(seconds).0f s ago") % {"seconds": seen.tick_seconds},
            "help": _("control and beat look after runs each second"),
            "is_bad": not overview.ticks(seen.tick_seconds),
        },
    ]
    if gateways:
        live = sum(bool(gateway.owner) for gateway in gateways)
        found.append(
            {
                "label": _("Chat gateways"),
                "value": f"{live} / {len(gateways)}",
                "help": ", ".join(gateway.owner for gateway in gateways if gateway.owner) or _("no worker holds one"),
                "is_bad": live < len(gateways),
            }
        )
    return found


def row(worker: Seen, logins: Mapping[str, str]) -> dict[str, Any]:
    """One worker process: what the table says of it. `told` is None for a dead one, which says nothing any more."""
    told = worker.figures if worker.lives else None
    return {
        "seen": worker,
        "kind": pgettext("worker process", "control") if worker.kind == "control" else "",
        "state": LIFE[worker.life](),
        "is_bad": not worker.lives or worker.is_cut_off,
        "told": told,
        "is_late": told is not None and told.latest_ms > LATE_LOOP_MS,
        "deepest": logins.get(worker.figures.inbox_at, ""),
        "dropped": sum(told.dropped.values()) if told else 0,
        "reasons": reasons(told.dropped) if told else "",
        "lease_seconds": abs(worker.lease_seconds),
        "since": datetime.fromtimestamp(told.since, UTC) if told and told.since else None,
    }


def wait(waiting: Waiting) -> dict[str, Any]:
    """One run that waits: what the table says of it."""
    return {
        "name": waiting.login or waiting.name,
        "link": reverse("admin:workers_run_changelist") + f"?q={waiting.login or waiting.name}",
        "seconds": waiting.seconds,
        "why": WHY[waiting.why](),
        "again_in": round(waiting.again_in),
        "failures": waiting.failures,
        "error": waiting.last_error,
    }


def stages(now: datetime) -> list[dict[str, Any]]:
    """Every stage that turns went through in the last five minutes, in their order."""
    times = speeds.stages(now)
    labels = stage_labels() | {FIRST_SOUND: _("all of it, to the first sound")}
    return [
        {
            "label": label,
            "turns": len(times[name]),
            "p50": speeds.seconds(times[name], 50),
            "p95": speeds.seconds(times[name], 95),
        }
        for name, label in labels.items()
        if name in times
    ]


def sounds(now: datetime) -> list[dict[str, Any]]:
    """How long the first sound took in the last hour, the oldest first; heights in per cent of the slowest."""
    parts = speeds.first_sounds(now, parts=PARTS, length=LENGTH)
    most = max((speeds.seconds(values, 95) for values in parts), default=0.0) or 1.0
    return [
        {
            "from": now - (PARTS - number) * LENGTH,
            "turns": len(values),
            "p50": speeds.seconds(values, 50),
            "p95": speeds.seconds(values, 95),
            "p50_height": round(100 * speeds.seconds(values, 50) / most, 1),
            "p95_height": round(100 * speeds.seconds(values, 95) / most, 1),
            "x": number * 20,
        }
        for number, values in enumerate(parts)
    ]


def reasons(dropped: Mapping[str, int]) -> str:
    """Reasons and counts in the reader's language."""
    known = {
        "stale": _("waited too long"),
        "late": _("came too late"),
        "left_alone": _("of chatters who are left alone"),
        "lane_full": _("too many others waited"),
        "chatter_full": _("of one chatter too many"),
        "inbox_full": _("the inbox was full"),
        "brain_busy": _("too much for the model at once"),
        "voice_busy": _("too much for the voice at once"),
        "tokens_spent": _("the minute's tokens were used up"),
        "other": _("other reasons"),
    }
    return ", ".join(f"{known.get(reason, reason.replace('_', ' '))} {count}" for reason, count in dropped.items())


LIFE = {
    Life.LIVING: lambda: pgettext("worker process", "lives"),
    Life.DRAINING: lambda: pgettext("worker process", "drains"),
    Life.CUT_OFF: lambda: pgettext("worker process", "cut off from Redis"),
    Life.DEAD: lambda: pgettext("worker process", "dead"),
}
WHY = {
    Why.NO_WORKER: lambda: _("no live worker"),
    Why.CUT_OFF: lambda: _("no live worker reaches Redis"),
    Why.NO_ROOM: lambda: _("all workers are full"),
    Why.FAILED: lambda: _("ended too soon"),
    Why.STARTING: lambda: _("is being started"),
}
