"""Which channels run now, as each gateway needs to know them, and what changed since it looked before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from channels_app.models import Channel, DesiredState, TwitchCredential
from workers.twitch import subscriptions

Row = tuple[int, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Reached:
    """A running channel as the gateway needs it."""

    pk: int
    public_id: str
    panic_command: str = ""
    """Word with which moderators silence her, small letters; empty: none."""
    allowed: int = 0
    """Kinds of subscriptions its broadcaster allowed (see `subscriptions`)."""


class Running:
    """All channels that run, by broadcaster id. A look costs the database the whole list and us what changed."""

    def __init__(self) -> None:
        self.channels: dict[str, Reached] = {}
        self._rows: list[Row] = []

    def look(self) -> dict[str, tuple[Reached | None, Reached | None]]:
        """Broadcaster id -> the channel before and now, for each that changed. Asks the database."""
        # In one order: two lists that are the same are compared at once.
        rows = list(_rows().order_by("pk"))
        if rows == self._rows:
            return {}
        gone, come = set(self._rows).difference(rows), set(rows).difference(self._rows)
        changed: dict[str, tuple[Reached | None, Reached | None]] = {}
        channels = dict(self.channels)
        for row in gone:
            changed[row[3]] = (channels.pop(row[3], None), None)
        for row in come:
            before, _ = changed.get(row[3], (None, None))
            channels[row[3]] = now = _reached(row)
            changed[row[3]] = (before, now)
        self._rows, self.channels = rows, channels
        return changed


def look_up(broadcaster_id: str) -> Reached | None:
    """This broadcaster's channel, if it runs: it may have been started since the last look. Asks the database."""
    row = _rows().filter(twitch_id=broadcaster_id).first()
    return _reached(row) if row else None


def _rows() -> QuerySet[Channel, Row]:
    """Whose chat may be read: started, let in by Twitch, not suspended."""
    found = Channel.objects.filter(
        desired_state=DesiredState.RUNNING,
        suspended_at__isnull=True,
        reauthorise_since__isnull=True,
        twitch_id__isnull=False,
        broadcaster__twitch_credential__state=TwitchCredential.State.OK,
    )
    # As text: read as JSON, the permissions of ten thousand broadcasters would be half of the work.
    scopes = Cast("broadcaster__twitch_credential__scopes", TextField())
    return found.values_list("pk", "public_id", "panic_command", "twitch_id", scopes)


def _reached(row: Row) -> Reached:
    return Reached(row[0], row[1], row[2].casefold(), _allowed(row[4]))


@lru_cache(maxsize=1024)
def _allowed(scopes: str) -> int:
    return subscriptions.allowed(json.loads(scopes))
