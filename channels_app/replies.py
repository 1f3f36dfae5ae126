"""What moderators do with a reply before it is heard: approve it, reject it, take it away.

Which of several came first, and whether it was in time, the run alone knows; it tells all dashboards.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _

from channels_app import push
from channels_app.actions import Refused, record
from channels_app.models import Channel, DesiredState, User


def approve(channel: Channel, *, acting_user: User, turn: uuid.UUID) -> None:
    """The written reply may be heard. Raises Refused where she could not be told."""
    _tell(channel, acting_user, "approve", turn, by=str(acting_user))


def reject(channel: Channel, *, acting_user: User, turn: uuid.UUID) -> None:
    """The written reply is not heard. Raises Refused where she could not be told."""
    _tell(channel, acting_user, "reject", turn, by=str(acting_user))


def kill(channel: Channel, *, acting_user: User, turn: uuid.UUID, first: int) -> None:
    """Nothing of the reply from its sentence number `first` on is heard. Raises Refused where she could not be told."""
    _tell(channel, acting_user, "kill", turn, first=first)


def _tell(channel: Channel, acting_user: User, name: str, turn: uuid.UUID, **more: Any) -> None:
    if channel.desired_state != DesiredState.RUNNING:
        raise Refused(_("She is not live, so there is no reply."))
    if not push.inbox_now(channel, {"t": "command", "name": name, "turn": str(turn), **more}):
        raise Refused(_("She could not be told just now. Try again in a moment."))
    record(channel, acting_user, f"reply.{name}", turn=str(turn))
