"""What leads a new owner from signing in to the first spoken line."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from channels_app.models import AuditEvent, Channel, DesiredState, OverlayKey, Turn


@dataclass(frozen=True, slots=True)
class Step:
    """`url` leads to where it is done."""

    title: str
    how: str
    url: str
    is_done: bool
    needed: bool = True
    """Whether nobody can have heard her without it."""


def steps_of(channel: Channel) -> list[Step]:
    """In their order. Empty once an overlay has played a line of hers: whoever got there needs no list any more."""
    in_obs = OverlayKey.objects.filter(channel=channel, last_seen_at__isnull=False).exists()
    was_heard = Turn.objects.filter(channel=channel, heard_at__isnull=False).exists()
    if was_heard and in_obs:
        return []
    actions = set(
        AuditEvent.objects.filter(
            channel=channel, action__in=["persona.published", "channel.started"], actor__isnull=False
        ).values_list("action", flat=True)
    )
    page = reverse("channel", args=[channel.public_id])
    return [
        Step(
            _("Make her yours"),
            _("A name, a character and a voice. Publish, and she has them."),
            reverse("persona", args=[channel.public_id]),
            "persona.published" in actions,
            needed=False,
        ),
        Step(
            _("Paste her URL into OBS"),
            _("A browser source, 800 by 800. The steps with pictures take two minutes."),
            reverse("obs", args=[channel.public_id]),
            in_obs,
        ),
        Step(
            _("Start her"),
            _("The button at the top of this page. She then reads your chat."),
            f"{page}#part-bar",
            "channel.started" in actions or channel.desired_state == DesiredState.RUNNING,
        ),
        Step(
            _("Hear her first line"),
            _("Write something under “Talk to her”, or call her name in chat."),
            f"{page}#talk-title",
            was_heard,
        ),
    ]
