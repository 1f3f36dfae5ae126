"""A broadcaster's permission: taken back, given again, and given back by us."""

from __future__ import annotations

import logging
from functools import partial

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from channels_app import push, queries
from channels_app.actions import after_commit, record
from channels_app.models import Channel, EventSubSubscription, TwitchCredential, User
from channels_app.twitch import helix
from channels_app.twitch.helix import TwitchError
from channels_app.twitch.scopes import CHAT

log = logging.getLogger(__name__)


@transaction.atomic
def needed_again(user: User, problem: str) -> None:
    """The person's tokens are of no more use: credential, own channels and dashboard say so, and the person is signed
    out, as Twitch demands. Safe to repeat."""
    credential = TwitchCredential.objects.filter(user=user)
    known = credential.filter(state=TwitchCredential.State.RECONNECT).exists()
    credential.update(state=TwitchCredential.State.RECONNECT, problem=problem[:200])
    for channel in Channel.objects.filter(broadcaster=user, is_demo=False):
        channel_needs_consent(channel, problem)
    if not known:
        # Once is enough: Twitch tells it for each subscription, and each time all sessions there are would be read.
        end_sessions(user)


@transaction.atomic
def channel_needs_consent(channel: Channel, problem: str) -> None:
    """Twitch no longer lets us into this channel until its broadcaster signs in again."""
    unmarked = Channel.objects.filter(pk=channel.pk, reauthorise_since__isnull=True)
    if not unmarked.update(reauthorise_since=timezone.now()):
        return
    record(channel, None, "twitch.consent_needed", problem=problem[:200])
    after_commit(lambda: push.dashboard_now(channel, {"t": "state", "reauthorise": True}))


@transaction.atomic
def given(channel: Channel, scopes: list[str]) -> None:
    """The broadcaster signed in (again): what was refused may be asked for once more."""
    EventSubSubscription.objects.filter(channel=channel, state=EventSubSubscription.State.REFUSED).update(
        state=EventSubSubscription.State.WANTED, problem="", twitch_id=""
    )
    if not set(CHAT) <= set(scopes):
        return
    if Channel.objects.filter(pk=channel.pk, reauthorise_since__isnull=False).update(reauthorise_since=None):
        record(channel, channel.broadcaster, "twitch.consent_given")
        after_commit(lambda: push.dashboard_now(channel, {"t": "state", "reauthorise": False}))


def give_back(user: User) -> None:
    """Call before the person is forgotten here: once that is done, Twitch is told that the token is not used again."""
    row = TwitchCredential.objects.filter(user=user, state=TwitchCredential.State.OK).first()
    if row is not None and settings.ENV.has_twitch:
        token = row.access_token
        after_commit(lambda: _revoke(token))


def _revoke(token: str) -> None:
    try:
        helix.client().revoke(token)
    except TwitchError as error:
        log.warning("a token was not given back: %s", error)


def end_sessions(user: User) -> None:
    """Signs the person out everywhere; open dashboards close. In the transaction that says why: nobody would see to it
    later."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()
    for channel in queries.channels_of(user):
        after_commit(partial(push.dashboard_now, channel, {"t": "signed_out", "user": user.pk}))
