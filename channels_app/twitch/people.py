"""Who is behind a Twitch login: asked of Twitch, since rows keep names as they are shown, and those for a day alone."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from django.conf import settings

from channels_app.twitch.helix import TwitchError, client

log = logging.getLogger(__name__)

LOGIN = re.compile(r"[a-z0-9_]{1,25}")


@dataclass(frozen=True, slots=True)
class Sought:
    """What Twitch says of a login."""

    login: str
    id: str = ""
    """Empty where nobody has it."""
    answered: bool = True
    """False where Twitch could not be asked."""


def seek(words: str) -> Sought | None:
    """None where the site has no application at Twitch, or an id was given. It waits for the network: call it in no
    transaction."""
    login = words.strip().removeprefix("@").lower()
    if login.isdigit() or not settings.ENV.has_twitch:
        return None
    if not LOGIN.fullmatch(login):
        return Sought(login)
    try:
        people = client().people(logins=[login])
    except TwitchError as error:
        log.warning("nobody could be looked up at Twitch (%s)", error)
        return Sought(login, answered=False)
    return Sought(login, id=next((person.id for person in people), ""))
