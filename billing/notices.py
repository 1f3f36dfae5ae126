"""What the pages of a channel say about its limits: how she saves and until when, and how much of the plan is left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from billing.limits import day_of
from billing.models import Budget
from billing.quota import Used, used_lately
from channels_app.entitlements import Entitlements, entitlements_of
from channels_app.models import Channel, DesiredState

NEAR = 0.8
"""Share of a quota from which the owner is told."""


def steps() -> dict[str, str]:
    """What she does on each step, by the names of `workers.pipeline.thrift`."""
    return {
        "called": _("She answers only who calls her by name, and what is paid for."),
        "short": _("She answers only who calls her by name, in one short sentence."),
        "built_in": _("She answers only who calls her by name, shortly and with a built-in voice."),
        "text": _("She answers only who calls her by name, in captions without a voice."),
        "paid": _("She answers only what is paid for, from a script and with a built-in voice."),
    }


def limits() -> dict[str, str]:
    """Each limit in words, by the fields of `Limits`."""
    return {
        "site_hour": _("This site's ceiling for a channel and an hour"),
        "site_day": _("This site's ceiling for a channel and a day"),
        "owner_hour": _("Your ceiling for an hour"),
        "owner_day": _("Your ceiling for a day"),
        "house_day": _("This site's ceiling for all channels and a day"),
        "replies": _("Replies of the plan"),
        "characters": _("Spoken characters of the plan"),
        "live_seconds": _("Live time of the plan"),
    }


def until(ends: datetime | None) -> str:
    """When a limit begins anew, in words."""
    if ends is None:
        return _("It begins anew with the plan's next period.")
    if day_of(ends) == day_of(timezone.now()):
        return _("It begins anew at {time} UTC.").format(time=date_format(ends, "TIME_FORMAT"))
    return _("It begins anew on {date}, 0:00 UTC.").format(date=date_format(ends))


def limit_notices(channel: Channel, is_owner: bool, **_kwargs: Any) -> list[dict[str, str]]:
    """Answers `notices_asked`."""
    return [*_saving(channel, is_owner), *_quotas(channel, is_owner)]


def _saving(channel: Channel, is_owner: bool) -> Iterator[dict[str, str]]:
    if channel.desired_state != DesiredState.RUNNING:
        return
    budget = Budget.objects.filter(channel=channel).exclude(step="").first()
    if budget is None or budget.step not in steps():
        return
    limit = limits().get(budget.step_why, budget.step_why)
    why = _("{limit}: used up.") if budget.step == "paid" else _("{limit}: nearly used up.")
    notice = {
        "level": "bad" if budget.step == "paid" else "warn",
        "text": steps()[budget.step],
        "todo": f"{why.format(limit=limit)} {until(budget.step_ends)}",
    }
    if is_owner and budget.step_why.startswith("owner"):
        notice |= {"link": reverse("ceilings", args=[channel.public_id]), "link_text": _("Change the ceiling")}
    yield notice | (_way_up(channel, is_owner) if budget.step_why == "replies" else {})


def _quotas(channel: Channel, is_owner: bool) -> Iterator[dict[str, str]]:
    plan = entitlements_of(channel)
    if plan.replies is None and plan.characters is None and plan.live_seconds is None:
        return
    used = used_lately(channel)
    for name, then in _consequences().items():
        share = _share(name, used, plan)
        if share is None or share < NEAR:
            continue
        over = share >= 1
        if over and name == "replies" and channel.desired_state == DesiredState.RUNNING:
            # How she answers now is told above, with the reason.
            continue
        title = limits()[name]
        yield {
            "level": "warn" if over else "info",
            "text": _("{limit}: used up.").format(limit=title)
            if over
            else _("{limit}: {percent} % used.").format(limit=title, percent=number_format(int(100 * share))),
            "todo": then[0] if over else then[1],
        } | _way_up(channel, is_owner)


def _consequences() -> dict[str, tuple[str, str]]:
    """What happens, by limit: when it is used up, and what will when it is."""
    return {
        "live_seconds": (
            _("She goes live again with a larger plan, or with the plan's next period."),
            _("When it is used up she says goodbye and goes off the air."),
        ),
        "replies": (
            _("She answers only what is paid for."),
            _("When they are used up she answers only what is paid for."),
        ),
        "characters": (
            _("She speaks with a built-in voice."),
            _("When they are used up she speaks with a built-in voice."),
        ),
    }


def _share(name: str, used: Used, plan: Entitlements) -> float | None:
    limit, amount = getattr(plan, name), getattr(used, name)
    if limit is None:
        return None
    return float(amount) / limit if limit else 1.0


def _way_up(channel: Channel, is_owner: bool) -> dict[str, str]:
    """The link to the plans, on a site that sells some."""
    if not is_owner or not settings.ENV.has_stripe:
        return {}
    return {"link": reverse("billing", args=[channel.public_id]), "link_text": _("See the plans")}
