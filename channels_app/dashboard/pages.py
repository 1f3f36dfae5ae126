"""The pages anybody or any member sees first: landing, sign-in, home, the channel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST, require_safe

from channels_app import actions, invitations, queries, terms
from channels_app.dashboard import state
from channels_app.dashboard.access import member_page
from channels_app.dashboard.checklist import steps_of
from channels_app.dashboard.forms import TalkForm
from channels_app.models import Channel, Membership, Turn, User
from channels_app.powers import Power
from channels_app.signals import channel_entered, owner_cards_asked
from channels_app.twitch.local import local_sign_in_allowed
from channels_app.twitch.login import WANTS_REWARDS

TURNS_SHOWN = 12
SETTINGS_PAGES = ("settings", "billing", "ceilings", "members", "programs", "audit", "privacy")
"""Pages that stand side by side behind one word of the menu."""


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    return render(request, "channels_app/landing.html", {"can_sign_in_locally": local_sign_in_allowed(request)})


@never_cache
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign-in with Twitch, or locally where there are no keys. `next` is a path of ours only."""
    target = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = ""
    wants_reauthorisation = "again" in request.GET
    if request.user.is_authenticated and not wants_reauthorisation:
        return redirect(target or settings.LOGIN_REDIRECT_URL)
    return render(
        request,
        "channels_app/sign_in.html",
        {
            "next": target,
            "can_sign_in_locally": local_sign_in_allowed(request),
            "again": wants_reauthorisation,
            "points": WANTS_REWARDS in request.GET,
        },
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The member's channel; a word on what to do where there is none."""
    if not isinstance(request.user, User):
        return redirect("sign_in")
    if not hasattr(request, "looked_at") and terms.are_due(request.user):
        return redirect("agree")
    if "later" not in request.GET and (invitation := invitations.waiting_for(request.user).first()) is not None:
        return redirect("invited", pk=invitation.pk)
    channel = queries.channels_of(request.user).first()
    if channel is None and (closing := queries.closing_channels_of(request.user).first()) is not None:
        return redirect("closing", public_id=closing.public_id)
    if channel is None:
        return render(request, "channels_app/no_channel.html")
    return redirect("channel", public_id=channel.public_id)


@require_safe
@ensure_csrf_cookie
@member_page
def channel(request: HttpRequest, channel: Channel) -> HttpResponse:
    channel_entered.send(Channel, channel=channel)
    channel.refresh_from_db(fields=["look"])
    return render(request, "channels_app/channel.html", channel_context(request, channel))


@require_GET
@member_page
def live(request: HttpRequest, channel: Channel) -> HttpResponse:
    """The changing parts of the channel page alone, for its script to swap in."""
    return render(request, "channels_app/live.html", channel_context(request, channel))


def base_context(request: HttpRequest, channel: Channel) -> dict[str, Any]:
    """What the frame around every page of a channel needs."""
    assert isinstance(request.user, User)
    return {
        "channel": channel,
        "channels": queries.channels_of(request.user),
        "is_owner": request.role == Membership.Role.OWNER,  # type: ignore[attr-defined]
        "settings_pages": SETTINGS_PAGES,
        "may": {str(power): power in request.powers for power in Power},  # type: ignore[attr-defined]
    }


def channel_context(request: HttpRequest, channel: Channel) -> dict[str, Any]:
    """Everything on the channel page."""
    base = base_context(request, channel)
    return base | {
        "page": "channel",
        "state": state.present(channel),
        "state_labels": state.state_labels(),
        "queue_labels": state.queue_labels(),
        "stage_labels": state.stage_labels(),
        "notices": state.notices(channel, is_owner=base["is_owner"]),
        "checklist": steps_of(channel) if base["is_owner"] else [],
        "overlays": state.overlay_rows(channel),
        "keys": queries.living_keys(channel),
        "turns": turn_rows(queries.last_turns(channel, TURNS_SHOWN), base["may"]) if base["may"]["history"] else [],
        "waiting": queries.open_paid_events(channel)[:20],
        "talk": TalkForm(),
        "cards": [card for _, card in owner_cards_asked.send(Channel, channel=channel)] if base["may"]["costs"] else [],
    }


def turn_rows(turns: Iterable[Turn], may: dict[str, bool]) -> list[dict[str, Any]]:
    """Turns for a member, without costs for who may not see them."""
    rows = [turn_row(each) for each in turns]
    return rows if may["costs"] else [row | {"cost": 0} for row in rows]


def turn_row(turn: Turn) -> dict[str, Any]:
    """A turn as the templates show it."""
    bars = state.timing_bars(turn.timings_ms)
    waited = sum(bar["ms"] for bar in bars if bar["stage"] == "wait")
    rule = str(turn.verdict.get("rule", ""))
    return {
        "turn": turn,
        "bars": bars,
        "first_sound_ms": state.first_sound_ms(turn.timings_ms, bars),
        "waited_seconds": round(waited / 1000),
        "rule": rule,
        # The rules of the gate itself, and an endpoint, give reasons in place of words.
        "words": "" if rule.startswith(("gate.", "moderation.")) else turn.evidence,
        "reported": hasattr(turn, "safety_case"),
        "can_report": actions.can_report(turn),
        "cost": turn.cost_micros / 1_000_000,
    }
