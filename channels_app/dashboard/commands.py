"""The channel page's buttons as plain forms: they work without scripts and lead back to the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels_app import actions, queries, talk
from channels_app.dashboard.access import owner_page, power_page
from channels_app.dashboard.forms import QueueForm, TalkForm
from channels_app.dashboard.pages import channel_context
from channels_app.models import Channel, User
from channels_app.powers import Power
from channels_app.signals import channel_entered


def _start(channel: Channel, *, acting_user: User) -> None:
    channel_entered.send(Channel, channel=channel)
    actions.start(channel, acting_user=acting_user)


COMMANDS: dict[str, Callable[..., None]] = {
    "start": _start,
    "stop": actions.stop,
    "skip": actions.skip,
    "panic": actions.panic,
    "calm": actions.calm,
    "test": actions.play_test,
    "end-test": actions.end_test,
}
PAGES = {"test": "obs", "end-test": "obs"}
"""Where a command's button stands when it is not on the channel's page."""


@require_POST
@power_page(Power.MODERATE)
def hush(request: HttpRequest, channel: Channel, name: str) -> HttpResponse:
    """skip, panic, calm, test or end-test."""
    return _obey(request, channel, name)


@require_POST
@power_page(Power.RUN)
def run(request: HttpRequest, channel: Channel, name: str) -> HttpResponse:
    """start or stop."""
    return _obey(request, channel, name)


def _obey(request: HttpRequest, channel: Channel, name: str) -> HttpResponse:
    assert isinstance(request.user, User)
    try:
        COMMANDS[name](channel, acting_user=request.user)
    except actions.PlanLimit as limit:
        messages.error(request, limit.with_way_up(channel))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect(PAGES.get(name, "channel"), public_id=channel.public_id)


@require_POST
@power_page(Power.MODERATE)
def drop_waiting(request: HttpRequest, channel: Channel) -> HttpResponse:
    return _to_queue(request, channel, actions.drop_waiting)


@require_POST
@power_page(Power.MODERATE)
def answer_next(request: HttpRequest, channel: Channel) -> HttpResponse:
    return _to_queue(request, channel, actions.answer_next)


def _to_queue(request: HttpRequest, channel: Channel, action: Callable[..., None]) -> HttpResponse:
    form = QueueForm(request.POST)
    if form.is_valid():
        try:
            action(channel, acting_user=request.user, event=form.cleaned_data["event"])
        except actions.Refused as refused:
            messages.error(request, str(refused))
    return redirect("channel", public_id=channel.public_id)


@require_POST
@power_page(Power.MODERATE)
def report_wrong(request: HttpRequest, channel: Channel, turn_id: uuid.UUID) -> HttpResponse:
    """The rules should not have blocked this."""
    assert isinstance(request.user, User)
    turn = queries.turn_of(channel, turn_id)
    if turn is None:
        raise Http404
    try:
        actions.report_wrong(channel, acting_user=request.user, turn=turn)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect(reverse("channel", args=[channel.public_id]) + f"#turn-{turn.pk}")


@require_POST
@power_page(Power.TALK)
def say(request: HttpRequest, channel: Channel) -> HttpResponse:
    form = TalkForm(request.POST, channel=channel)
    if not form.is_valid():
        return render(
            request, "channels_app/channel.html", channel_context(request, channel) | {"talk": form}, status=400
        )
    values = form.cleaned_data
    talk.say_as(channel, values["name"], values["text"], values["kind"], values["amount"] or 0)
    messages.success(request, _("Sent as %(name)s.") % {"name": values["name"]})
    return redirect("channel", public_id=channel.public_id)


@require_POST
@owner_page
def new_overlay_url(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Shows the page with the new URL. No redirect: the URL is nowhere but in this answer."""
    assert isinstance(request.user, User)
    url = actions.new_overlay_url(channel, acting_user=request.user)
    return render(request, "channels_app/channel.html", channel_context(request, channel) | {"overlay_url": url})


@require_POST
@owner_page
def revoke_overlay_urls(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    count = actions.revoke_overlay_keys(channel, acting_user=request.user)
    messages.success(request, _("All overlay URLs are closed.") if count else _("There was no open overlay URL."))
    return redirect("channel", public_id=channel.public_id)
