"""The audit log as people read it: one sentence for every action there is.

Rooms above enter the sentences of their own actions when Django starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.models import AuditEvent, Channel, User
from channels_app.powers import Power, known

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

GROUPS: dict[str, StrOrPromise] = {
    "channel": gettext_lazy("The channel: start, stop, silence, settings"),
    "turn": gettext_lazy("Her replies: skipped"),
    "queue": gettext_lazy("Who waits"),
    "chat": gettext_lazy("Said in her name"),
    "reply": gettext_lazy("Replies approved or rejected"),
    "safety": gettext_lazy("Safety rules"),
    "overlay": gettext_lazy("Overlays"),
    "panic_url": gettext_lazy("Panic URL"),
    "api_token": gettext_lazy("Tokens of programs"),
    "action_url": gettext_lazy("Action URLs"),
    "operator": gettext_lazy("Visits by the service"),
    "plan": gettext_lazy("Plan"),
    "billing": gettext_lazy("Payment"),
    "budget": gettext_lazy("Ceilings and saving"),
    "provider": gettext_lazy("Providers"),
    "member": gettext_lazy("Members"),
    "memory": gettext_lazy("Memory"),
    "persona": gettext_lazy("Persona"),
    "picture": gettext_lazy("Pictures"),
    "reward": gettext_lazy("Channel points"),
    "twitch": gettext_lazy("Permission on Twitch"),
    "privacy": gettext_lazy("Privacy"),
}
"""What actions are about: what stands before the dot in their names. Others are shown all the same."""
_sentences: dict[str, StrOrPromise] = {}


def know(sentences: Mapping[str, StrOrPromise]) -> None:
    """Enters sentences, by action; in braces stand names of the event's details."""
    _sentences.update(sentences)


def is_known(action: str) -> bool:
    return action in _sentences


def groups() -> list[tuple[str, StrOrPromise]]:
    """What one may choose to see."""
    there = {action.partition(".")[0] for action in _sentences}
    return [(name, label) for name, label in GROUPS.items() if name in there]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    at: datetime
    who: str
    sentence: str
    action: str


def entries(events: Iterable[AuditEvent]) -> list[Entry]:
    """Lines for these events, in the reader's language."""
    events = list(events)
    ids = {event.detail.get("user") for event in events if isinstance(event.detail.get("user"), int)}
    names = {person.pk: str(person) for person in User.objects.filter(pk__in=ids)}
    return [Entry(event.at, _who(event), sentence(event, names), event.action) for event in events]


def _who(event: AuditEvent) -> str:
    if event.actor is not None:
        door = event.detail.get("via")
        return f"{event.actor} ({door})" if door else str(event.actor)
    return str(event.detail.get("by") or _("the service"))


def sentence(event: AuditEvent, names: Mapping[int, str]) -> str:
    """What happened; the bare action where nobody knows a sentence, such as one of an older release."""
    known_one = _sentences.get(event.action)
    return str(known_one).format_map(_Told(event.detail, names)) if known_one is not None else event.action


class _Told(dict[str, str]):
    """The event's details as words; what an older event did not record is a dash."""

    def __init__(self, detail: Mapping[str, Any], names: Mapping[int, str]) -> None:
        super().__init__({name: self._word(name, value, names) for name, value in detail.items()})

    def _word(self, name: str, value: Any, names: Mapping[int, str]) -> str:
        if name == "user":
            return names.get(value, _("somebody who has left"))
        if name == "powers" and isinstance(value, list):
            return "; ".join(str(Power(power).label) for power in known(value)) or _("no powers")
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return str(value)

    def __missing__(self, name: str) -> str:
        return "–"


def find(
    channel: Channel, *, who: str = "", about: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[AuditEvent]:
    """The channel's events, the newest first. `who` is a person's key or "service", `until` counts as a whole day."""
    wanted = Q(channel=channel)
    if who == "service":
        wanted &= Q(actor__isnull=True)
    elif who.isdigit():
        wanted &= Q(actor_id=int(who))
    if about:
        wanted &= Q(action__startswith=f"{about}.")
    if since:
        wanted &= Q(at__gte=_begin(since))
    if until:
        wanted &= Q(at__lt=_begin(until + timedelta(days=1)))
    return AuditEvent.objects.filter(wanted).select_related("actor").order_by("-at", "-pk")


def people(channel: Channel) -> list[tuple[str, str]]:
    """Who did anything in the channel, as choices."""
    ids = AuditEvent.objects.filter(channel=channel, actor__isnull=False).values("actor")
    found = User.objects.filter(pk__in=ids).order_by("display_name")
    return [(str(person.pk), str(person)) for person in found]


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
