"""Addresses that do one thing each: for a Stream Deck, a phone's shortcut, or a chat program's command.

Whoever has the URL may do what was chosen when it was made, and nothing else. It acts for the member who made it: with
the membership it ends, and it can do no more than that member.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from channels_app import acting, talk, tips
from channels_app.actions import Refused, record
from channels_app.api.tokens import random_letters, seen_by
from channels_app.dashboard.commands import COMMANDS
from channels_app.limits import MINUTE, within
from channels_app.membership import powers_by
from channels_app.models import ActionURL, Channel, Membership, User
from channels_app.powers import OWN, Power

PREFIX = "aigu_"
LENGTH = 40
"""Letters after the prefix: 238 bits."""
MOST_URLS = 20
"""Living ones of one member."""
USES_A_MINUTE = 30
"""Of one URL. Panic is always let through."""
TIPS_A_MINUTE = 120
"""The same of tips: they come in crowds, and each is somebody's money."""
LONGEST_TEXT = 500

ACTIONS = {
    "skip": pgettext_lazy("what a URL does", "Skip"),
    "panic": pgettext_lazy("what a URL does", "Silence her"),
    "calm": pgettext_lazy("what a URL does", "Lift the silence"),
    "start": pgettext_lazy("what a URL does", "Start her"),
    "stop": pgettext_lazy("what a URL does", "Stop her"),
    "say": pgettext_lazy("what a URL does", "Say a text"),
    "tip": pgettext_lazy("what a URL does", "Tell her of a tip"),
}
NEEDS = {
    "skip": Power.MODERATE,
    "panic": Power.MODERATE,
    "calm": Power.MODERATE,
    "start": Power.RUN,
    "stop": Power.RUN,
    "say": Power.TALK,
    # It stands beside the income, so it is the broadcaster's to tell.
    "tip": OWN,
}
"""What its maker has to be able to do, now and whenever it is called."""
DONE = {
    "skip": gettext_lazy("Skipped."),
    "panic": gettext_lazy("She is silenced."),
    "calm": gettext_lazy("She may speak again."),
    "start": gettext_lazy("She is starting."),
    "stop": gettext_lazy("She is stopping."),
    "say": gettext_lazy("She will say it."),
    "tip": gettext_lazy("She was told of the tip."),
}
"""The short answer, by action."""


class UnknownURLError(Exception):
    """No living URL has this key, or it does not do this."""


class TooOftenError(Exception):
    """The URL was used too often within a minute."""


def offered_to(powers: Collection[str]) -> list[str]:
    """Actions a member with these powers may put behind a URL."""
    return [name for name in ACTIONS if NEEDS[name] in powers]


@transaction.atomic
def new_action_url(
    channel: Channel, *, acting_user: User, name: str, wanted: Sequence[str], text: str = "", by_get: bool = False
) -> tuple[ActionURL, str]:
    """A URL for these actions, returned this once: `<URL>/<action>` does it. Raises Refused for too many of them."""
    membership = Membership.objects.select_for_update().get(channel=channel, user=acting_user)
    kept = [action for action in offered_to(powers_by(membership)) if action in wanted]
    if not kept:
        raise Refused(_("Choose at least one thing the URL does."))
    if _living(channel).filter(membership=membership).count() >= MOST_URLS:
        raise Refused(_("You have %(most)s such URLs already. Close one first.") % {"most": MOST_URLS})
    key = PREFIX + random_letters(LENGTH)
    row = ActionURL.objects.create(
        membership=membership,
        name=name,
        actions=kept,
        text=text if "say" in kept else "",
        by_get=by_get,
        digest=_digest(key),
        hint=key[-4:],
    )
    record(channel, acting_user, "action_url.made", hint=row.hint, name=name, actions=kept, by_get=by_get)
    return row, f"{settings.SITE_URL}/do/{key}"


@transaction.atomic
def revoke_action_url(channel: Channel, *, acting_user: User, url_id: int) -> bool:
    """Closes a URL at once: one of one's own, or any of the channel for its owner. False where there is none."""
    row = seen_by(_living(channel), channel, acting_user).filter(pk=url_id).first()
    if row is None:
        return False
    ActionURL.objects.filter(pk=row.pk).update(revoked_at=timezone.now())
    record(channel, acting_user, "action_url.revoked", hint=row.hint, name=row.name)
    return True


def shown_to(channel: Channel, user: User) -> QuerySet[ActionURL]:
    """The living URLs a member sees: all of the channel for its owner, one's own for a moderator."""
    return seen_by(_living(channel), channel, user).select_related("membership__user")


def found(key: str, action: str) -> ActionURL:
    """The living URL with this key, if it does this and its member still may. Raises UnknownURLError."""
    if not key.startswith(PREFIX) or len(key) != len(PREFIX) + LENGTH:
        raise UnknownURLError
    rows = ActionURL.objects.filter(digest=_digest(key), revoked_at__isnull=True, membership__user__is_active=True)
    row = rows.select_related("membership__user", "membership__channel").first()
    if row is None or action not in row.actions or action not in offered_to(powers_by(row.membership)):
        raise UnknownURLError
    return row


def use(row: ActionURL, action: str, given: Mapping[str, Any]) -> str:
    """Does it with what was sent along, and says so in a few words. Raises TooOftenError, and Refused with the reason
    why it cannot be now."""
    most = TIPS_A_MINUTE if action == "tip" else USES_A_MINUTE
    if not within("action-url-tip" if action == "tip" else "action-url", row.pk, most, MINUTE) and action != "panic":
        raise TooOftenError
    channel, person = row.membership.channel, row.membership.user
    with acting.through(f"action URL …{row.hint}"):
        done = _do(channel, person, action, given, row.text)
    ActionURL.objects.filter(pk=row.pk).update(used_at=timezone.now())
    return done


def _do(channel: Channel, person: User, action: str, given: Mapping[str, Any], text: str) -> str:
    if action == "tip":
        return _tell_of_tip(channel, person, given)
    if action == "say":
        say(channel, acting_user=person, text=(text or tips.plain(given, "text")).strip())
    else:
        COMMANDS[action](channel, acting_user=person)
    return str(DONE[action])


def _tell_of_tip(channel: Channel, person: User, given: Mapping[str, Any]) -> str:
    """It is stored whether or not she is live: it counts as income, and she may still come to it."""
    try:
        tips.take(channel, tips.read(given), acting_user=person)
    except tips.NoTipError:
        return _("This is no tip, so she is not told of it.")
    why = talk.why_nobody(channel)
    return _("The tip is noted.") + " " + why if why else str(DONE["tip"])


def say(channel: Channel, *, acting_user: User, text: str) -> str:
    """Has her say this text word for word; the safety rules judge it first. Returns the event's id. Raises Refused."""
    if not text:
        raise Refused(_("There is no text to say."))
    if len(text) > LONGEST_TEXT:
        raise Refused(_("She says at most %(most)s characters at once.") % {"most": LONGEST_TEXT})
    if "\0" in text:
        raise Refused(_("There is no text to say."))
    if why := talk.why_nobody(channel):
        raise Refused(why)
    event = talk.say_as(channel, str(acting_user), text, "say")
    record(channel, acting_user, "chat.said", event=event)
    return event


def _living(channel: Channel) -> QuerySet[ActionURL]:
    return ActionURL.objects.filter(membership__channel=channel, revoked_at__isnull=True)


def _digest(key: str) -> str:
    """What the database keeps."""
    return hmac.new(f"action-url:{settings.SECRET_KEY}".encode(), key.encode(), hashlib.sha256).hexdigest()
