"""Writes into a channel's chat on Twitch. Only ever because somebody in chat asked."""

from __future__ import annotations

from django.conf import settings

from channels_app.models import Channel, TwitchCredential
from channels_app.twitch import helix
from channels_app.twitch.scopes import WRITE

LONGEST = 500
"""Characters of one chat line."""


def may_write(channel: Channel) -> bool:
    """Whether the broadcaster has allowed it, and the channel is on Twitch at all."""
    if not settings.ENV.has_twitch or not channel.twitch_id or channel.is_demo or channel.reauthorise_since:
        return False
    credential = TwitchCredential.objects.filter(
        user_id=channel.broadcaster_id, state=TwitchCredential.State.OK
    ).first()
    return credential is not None and set(WRITE) <= set(credential.scopes)


def write(channel: Channel, text: str) -> bool:
    """One line under the broadcaster's name, marked by Twitch as sent by an application. False where Twitch did not
    let it through. Raises TwitchError."""
    assert channel.twitch_id is not None
    return helix.client().write_chat(channel.twitch_id, channel.twitch_id, text[:LONGEST])
