"""The keyless demo: one channel with a character, ready to talk."""

from __future__ import annotations

from django.conf import settings

from channels_app import actions
from channels_app.demo_people import demo_broadcaster
from channels_app.models import Channel
from channels_app.overlay import auth
from personas.actions import create_default_persona
from personas.snapshot import persona_of


def prepare() -> str:
    """Opens the demo channel, gives it a persona, starts it. Returns its overlay URL.

    The URL's key is kept in the data directory, readable by its owner only, so that a second start prints the same
    URL and the source in OBS goes on working.
    """
    channel = demo_broadcaster()
    if persona_of(channel) is None:
        create_default_persona(channel, "en")
    actions.start(channel, acting_user=None)
    return _kept_url(channel)


def _kept_url(channel: Channel) -> str:
    path = settings.ENV.DATA_DIR / "secrets" / "demo_overlay_key"
    if path.exists():
        key = path.read_text().strip()
        if auth.key_for(channel, key) is not None:
            return auth.overlay_url(channel, key)
    # A start must not take away the URL that its owner has pasted into OBS meanwhile.
    url = actions.new_overlay_url(channel, acting_user=None, beside=True)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(url.rpartition("#k=")[2])
    return url
