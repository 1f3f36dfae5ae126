"""The page of the reward with which viewers talk to her: its form, and what became of what was redeemed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from channels_app import actions
from channels_app.dashboard.access import owner_page
from channels_app.dashboard.pages import base_context
from channels_app.models import Channel, ChannelReward, TwitchCredential, User
from channels_app.twitch import rewards, scopes
from channels_app.twitch.login import REWARDS_COOKIE
from channels_app.twitch.points import NEEDS_CONSENT

REMEMBERED = 365 * 86_400
"""Seconds."""
SHOWN = 20
"""Redemptions on the page."""


class RewardForm(forms.Form):
    """The reward as viewers see it. Lengths are Twitch's."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=45)
    cost = forms.IntegerField(label=gettext_lazy("Channel points"), min_value=1, max_value=1_000_000, initial=500)
    prompt = forms.CharField(
        label=gettext_lazy("What viewers read"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Twitch shows it where they write their message to her."),
    )
    cooldown_seconds = forms.IntegerField(
        label=gettext_lazy("Pause after each redemption, seconds"),
        min_value=0,
        max_value=86_400,
        initial=0,
        help_text=gettext_lazy("For the whole channel; 0 for none."),
    )


@require_safe
@owner_page
def reward(request: HttpRequest, channel: Channel) -> HttpResponse:
    return _page(request, channel)


@require_POST
@owner_page
def save_reward(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    form = RewardForm(request.POST)
    if (why := _why_not(channel)) or not form.is_valid():
        if why:
            form.add_error(None, why)
        return _page(request, channel, form=form)
    try:
        rewards.save(channel, acting_user=request.user, **form.cleaned_data)
    except actions.Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, channel, form=form)
    messages.success(request, _("Saved. Viewers find the reward on your channel while she is live."))
    return redirect("reward", public_id=channel.public_id)


@require_POST
@owner_page
def remove_reward(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    try:
        rewards.remove(channel, acting_user=request.user)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The reward is gone."))
    return redirect("reward", public_id=channel.public_id)


def _why_not(channel: Channel) -> str:
    """Why Twitch cannot be asked for a reward at all; empty where it can."""
    if not settings.ENV.has_twitch or not channel.twitch_id:
        return _("Channel points need Twitch: this channel is not connected to it.")
    credential = TwitchCredential.objects.filter(user=channel.broadcaster, state=TwitchCredential.State.OK).first()
    if credential is None or scopes.REWARDS not in credential.scopes:
        return str(NEEDS_CONSENT)
    return ""


def _page(request: HttpRequest, channel: Channel, *, form: RewardForm | None = None) -> HttpResponse:
    row = ChannelReward.objects.filter(channel=channel).first()
    name = channel.look.get("name")
    title = _("Talk to {name}").format(name=name) if name else _("Talk to her")
    initial: dict[str, Any] = {"title": title[:45]}
    if row is not None:
        initial = {field: getattr(row, field) for field in RewardForm.base_fields}
    why = _why_not(channel)
    context = base_context(request, channel) | {
        "page": "settings",
        "reward": row,
        "form": form or RewardForm(initial=initial),
        "why": why,
        "sign_in_helps": bool(why) and settings.ENV.has_twitch and bool(channel.twitch_id),
        "redemptions": rewards.latest(channel, SHOWN),
        "counts": rewards.counts(channel),
    }
    response = render(request, "channels_app/reward.html", context, status=400 if form is not None else 200)
    if row is not None and not why:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(REWARDS_COOKIE, "1", max_age=REMEMBERED, httponly=True, samesite="Lax", secure=secure)
    return response
