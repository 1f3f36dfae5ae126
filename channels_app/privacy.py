"""The register of personal data: for every model whose data it holds, how it is taken along, and how it is erased.

Each room registers its own models when Django starts (`AppConfig.ready`), so that this room knows none above it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet

from channels_app.models import Channel

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Whose(enum.StrEnum):
    """People a row may tell of."""

    BROADCASTER = "broadcaster"
    MEMBER = "member"
    CHATTER = "chatter"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Chatter:
    """A chatter of a channel: the Twitch id, and the names there have been, small letters."""

    id: str
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OfChatters:
    """How a model's rows belong to chatters."""

    rows: Callable[[Channel, Chatter], Iterable[Any]]
    """Those in which anything of this chatter is left."""
    told: Callable[[Any, Chatter], dict[str, Any]]
    """What a row says of the chatter, for a copy; nothing of others."""
    kept_because: StrOrPromise = ""
    """Why the rows stay when the chatter is erased; empty where they are erased."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the law wants kept when a channel goes, without anything that tells whose it was."""

    content: Callable[[Channel], Any]
    """Plain values for JSON; empty: nothing has to be kept."""
    because: str
    life: timedelta


@dataclass(frozen=True, slots=True)
class Holding:
    """One model in the register. Every field of it is in `columns` or, with the reason, in `withheld`."""

    model: type[Model]
    what: StrOrPromise
    """In words, for the privacy page and the export's explanations."""
    whose: frozenset[Whose]
    columns: tuple[str, ...] = ()
    """Look-ups that a broadcaster takes along."""
    withheld: Mapping[str, StrOrPromise] = field(default_factory=dict)
    """Field -> why it is in no export. Keys of the house are understood without a word, see `INNER`."""
    channel: str = "channel"
    """Look-up from a row to its channel."""
    rows: Callable[[Channel], QuerySet[Any]] | None = None
    """Rows of a channel, where the look-up does not tell."""
    of_chatters: OfChatters | None = None
    keeping: Keeping | None = None
    files: Callable[[Channel], Iterable[tuple[str, Path]]] | None = None
    """(name in the export, place on disk) of what belongs to the rows."""

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    def of_channel(self, channel: Channel) -> QuerySet[Any]:
        if self.rows is not None:
            return self.rows(channel)
        return self.model._base_manager.filter(**{self.channel: channel})


INNER = frozenset({"id", "channel", "channel_id"})
"""Fields that say nothing outside the database."""

Eraser = Callable[[Channel, Chatter], None]
_holdings: dict[str, Holding] = {}
_erasers: list[Eraser] = []


def register(holding: Holding) -> None:
    """Enters a model. Entering it again changes its entry."""
    _holdings[holding.label] = holding


def erase_chatters_with(eraser: Eraser) -> None:
    """Enters what erases a chatter from a room's rows; it must be repeatable."""
    if eraser not in _erasers:
        _erasers.append(eraser)


def holdings() -> list[Holding]:
    return list(_holdings.values())


def holding_of(model: type[Model]) -> Holding | None:
    return _holdings.get(model._meta.label_lower)


def chatter_copy(channel: Channel, chatter: Chatter) -> dict[str, list[dict[str, Any]]]:
    """Everything there is of a chatter in this channel, by model."""
    found = {}
    for holding, rows in _of_chatter(channel, chatter):
        assert holding.of_chatters is not None
        found[holding.label] = [holding.of_chatters.told(row, chatter) for row in rows]
    return found


def chatter_counts(channel: Channel, chatter: Chatter) -> list[tuple[Holding, int]]:
    """How many rows there are of a chatter, by model."""
    return [(holding, len(rows)) for holding, rows in _of_chatter(channel, chatter)]


def erase_chatter(channel: Channel, chatter: Chatter) -> None:
    """The chatter is gone from every room, but for what is kept with a reason. Repeatable."""
    for eraser in _erasers:
        eraser(channel, chatter)


def _of_chatter(channel: Channel, chatter: Chatter) -> Iterator[tuple[Holding, list[Any]]]:
    for holding in holdings():
        if holding.of_chatters is not None and (rows := list(holding.of_chatters.rows(channel, chatter))):
            yield holding, rows
