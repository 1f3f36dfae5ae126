"""One chatter of a channel, for a copy or an erasure: found by Twitch id or name, over every room."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils import timezone

from channels_app import forgetting, privacy, push
from channels_app.actions import record
from channels_app.models import (
    AuditEvent,
    Channel,
    MemoryFact,
    MemoryOptOut,
    PaidEvent,
    SafetyCase,
    StreamSummary,
    Turn,
    User,
)
from channels_app.privacy import Chatter
from channels_app.twitch.people import Sought

IN_CHAT = "in chat"
"""What the log says behind the name of who silenced her with the word in chat."""
SOMEBODY = f"somebody {IN_CHAT}"
MOST_FOUND = 20
"""Chatters one name may lead to: names change hands."""


def find(channel: Channel, words: str) -> list[Chatter]:
    """Who is meant by a Twitch id or a name. An id is believed though no row has it: wishes stand under digests."""
    words = words.strip().removeprefix("@")
    if not words:
        return []
    ids = set(Turn.objects.filter(channel=channel, chatter_name__iexact=words).values_list("chatter_id", flat=True))
    ids |= set(
        MemoryFact.objects.filter(channel=channel, chatter_name__iexact=words).values_list("chatter_id", flat=True)
    )
    paid = PaidEvent.objects.filter(channel=channel, payload__chatter__name__iexact=words)
    # From the payload itself: SQLite makes a number of an id that a look-up takes out of it.
    ids |= {str(event.payload["chatter"]["id"]) for event in paid}
    if words.isdigit() or words.startswith(("typed-", "tip-")):
        ids.add(words)
    named = "" if words in ids else words
    return [Chatter(one, _names(channel, one, named)) for one in sorted(filter(None, ids))[:MOST_FOUND]]


def by_login(channel: Channel, sought: Sought) -> list[Chatter]:
    """Who has a login by Twitch's word, with that for one more name."""
    return [also_called(channel, each, sought.login) for each in find(channel, sought.id)]


def also_called(channel: Channel, chatter: Chatter, name: str) -> Chatter:
    """The chatter with one more name, unless somebody else here goes by it."""
    name = name.strip().removeprefix("@").lower()
    if not name or any(other.id != chatter.id for other in find(channel, name)):
        return chatter
    return replace(chatter, names=chatter.names | {name})


def _names(channel: Channel, chatter_id: str, named: str) -> frozenset[str]:
    turns = Turn.objects.filter(channel=channel, chatter_id=chatter_id).values_list("chatter_name", flat=True)
    facts = MemoryFact.objects.filter(channel=channel, chatter_id=chatter_id).values_list("chatter_name", flat=True)
    return frozenset(name.lower() for name in (*turns.distinct(), *facts.distinct(), named) if name)


def copy_of(channel: Channel, chatter: Chatter, *, acting_user: User | None) -> dict[str, Any]:
    """Plain values for a JSON file: everything there is of the chatter here."""
    record(channel, acting_user, "privacy.chatter_copied")
    return {
        "channel": channel.login,
        "chatter": {"id": chatter.id, "names": sorted(chatter.names)},
        "made_at": timezone.now(),
        "data": privacy.chatter_copy(channel, chatter),
    }


def erase(channel: Channel, chatter: Chatter, *, acting_user: User | None) -> None:
    """The chatter is gone from every room; a live run forgets too. Repeatable."""
    privacy.erase_chatter(channel, chatter)
    record(channel, acting_user, "privacy.chatter_erased")


def erase_here(channel: Channel, chatter: Chatter) -> None:
    """From the rows of this room."""
    forgetting.forget_chatter(channel, chatter.id, *sorted(chatter.names))
    for event in silencings(channel, chatter):
        event.detail = event.detail | {"by": SOMEBODY}
        event.save(update_fields=["detail"])
    push.inbox_now(channel, {"t": "forgotten", "chatter_id": chatter.id})


# How rows of this room belong to chatters, for the register.


def turns(channel: Channel, chatter: Chatter) -> Any:
    answered = Q(answered__contains=Turn.barred(chatter.id)) | Q(chatter_id=chatter.id)
    return Turn.objects.filter(answered, channel=channel).order_by("created_at")


def turn_told(turn: Turn, chatter: Chatter) -> dict[str, Any]:
    told = {"at": turn.created_at, "why": turn.trigger, "said": turn.said, "heard": turn.heard, "outcome": turn.outcome}
    # One answer may be to several, and what the others wrote is theirs.
    if turn.chatter_id == chatter.id:
        told |= {"name": turn.chatter_name, "asked": turn.asked, "judged": turn.judged, "evidence": turn.evidence}
    return told


def paid_events(channel: Channel, chatter: Chatter) -> Any:
    return PaidEvent.objects.filter(channel=channel, payload__chatter__id=chatter.id).order_by("received_at")


def paid_told(event: PaidEvent, _chatter: Chatter) -> dict[str, Any]:
    payload = event.payload
    return {
        "at": event.received_at,
        "kind": event.kind,
        "amount": payload.get("amount"),
        **({"tip": payload["tip"]} if "tip" in payload else {}),
        "name": (payload.get("chatter") or {}).get("name"),
        "text": payload.get("text"),
        "state": event.state,
    }


def facts(channel: Channel, chatter: Chatter) -> Any:
    return MemoryFact.objects.filter(channel=channel, chatter_id=chatter.id)


def fact_told(fact: MemoryFact, _chatter: Chatter) -> dict[str, Any]:
    return {"fact": fact.text, "name": fact.chatter_name, "learned_at": fact.learned_at, "until": fact.expires_at}


def cases(channel: Channel, chatter: Chatter) -> Any:
    mark = Turn.barred(forgetting.digest(channel, chatter.id))
    return SafetyCase.objects.filter(Q(whose__contains=mark) | Q(turn__in=turns(channel, chatter)), channel=channel)


def case_told(case: SafetyCase, _chatter: Chatter) -> dict[str, Any]:
    return {"line": case.line, "rule": case.rule, "reported_at": case.reported_at}


def summaries(channel: Channel, chatter: Chatter) -> Any:
    return StreamSummary.objects.filter(channel=channel, covers__contains=Turn.barred(chatter.id))


def summary_told(summary: StreamSummary, _chatter: Chatter) -> dict[str, Any]:
    """It names nobody and is about all who wrote, so only that the chatter's words went into it."""
    return {"made_at": summary.made_at}


def wishes(channel: Channel, chatter: Chatter) -> Any:
    return MemoryOptOut.objects.filter(channel=channel, digest=forgetting.digest(channel, chatter.id))


def wish_told(wish: MemoryOptOut, _chatter: Chatter) -> dict[str, Any]:
    return {"no_memory_since": wish.since, "taken_back_at": wish.ended_at}


def silencings(channel: Channel, chatter: Chatter) -> list[AuditEvent]:
    """What the chatter did as a moderator in chat, which the log has under the name."""
    named = {f"{name} {IN_CHAT}" for name in chatter.names}
    events = AuditEvent.objects.filter(channel=channel, action="channel.panic", detail__has_key="by") if named else []
    return [event for event in events if str(event.detail["by"]).lower() in named]


def silencing_told(event: AuditEvent, _chatter: Chatter) -> dict[str, Any]:
    return {"at": event.at, "silenced_her": True}


def ignored(channel: Channel, chatter: Chatter) -> list[Channel]:
    listed = {str(name).lower() for name in channel.ignored_chatters}
    return [channel] if listed & chatter.names else []


def ignored_told(_channel: Channel, _chatter: Chatter) -> dict[str, Any]:
    return {"ignored": True}
