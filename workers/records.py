"""The line's reads and writes in the database: plain functions, called through `in_db`."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from billing.budget import Claim, reserve
from billing.limits import Limits
from billing.models import UsageRecord
from channels_app import audience, forgetting, paid, retention
from channels_app.models import Channel, DesiredState, ProviderAccess, Turn
from channels_app.queries import audience_of, connected_overlays
from personas.snapshot import snapshot
from workers import refusals
from workers.brain.capabilities import Refusal
from workers.brain.catalogue import estimate_tokens
from workers.metering import charge
from workers.pipeline.character import Character, Lorebook, LoreEntry, LoreKey
from workers.pipeline.mode import Mode
from workers.pipeline.speakable.pronunciation import Pronunciation, SayAs
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import (
    EventKind,
    Exchange,
    Mood,
    PersonaSnapshot,
    Profile,
    StreamEvent,
    Triggers,
    VoiceSpec,
)

log = logging.getLogger(__name__)

CONTEXT_TURNS = 50
"""Past turns she knows of: a brain is shown the newest, and none of their sentences comes again."""
JUDGED_LENGTH = 2000
"""Characters kept of what the gate objected to; it judges nothing longer."""
SPENT = "a limit on what she may spend is reached"
KNOWN_TURNS = 5000
"""Of which a new run looks up whom she has met; no turn keeps names and ids for more than a day."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An endpoint of one channel. The key is hidden from `repr`, so from every log and traceback."""

    base_url: str
    model: str
    voice: str
    api_key: str

    def __repr__(self) -> str:
        return f"Provider({self.base_url!r}, {self.model!r})"


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """A channel as a run needs it, frozen."""

    pk: int
    public_id: str
    broadcaster_name: str
    twitch_id: str
    persona: PersonaSnapshot
    persona_number: int
    panic: bool
    providers: dict[str, Provider]
    remembers: bool = True
    idle_seconds: int = 0
    """Seconds of silence after which she talks by herself; 0: never."""
    delay_seconds: int = 0
    """How long a sentence is held back before it is heard."""
    approval_seconds: int = 60
    """How long a written reply waits for a moderator."""
    captions: bool = True
    """Whether overlays show what she says."""
    refusals: tuple[Refusal, ...] = ()
    """What endpoints are known to refuse."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a turn asks of the budget before it begins."""

    claim: Claim
    limits: Limits
    forced: bool
    """It is answered in any case: it was paid for, or a member asked for it."""


class NotRunnable(Exception):
    """The channel may not or cannot run now."""


def load(public_id: str) -> ChannelFacts:
    """Everything a run needs to know. Raises NotRunnable."""
    channel = Channel.objects.filter(public_id=public_id).first()
    if channel is None or channel.is_suspended or channel.desired_state != DesiredState.RUNNING:
        raise NotRunnable("the channel is not wanted")
    values = snapshot(channel)
    if values is None:
        raise NotRunnable("the channel has no published persona")
    return facts_of(channel, values)


def facts_of(channel: Channel, values: dict[str, Any]) -> ChannelFacts:
    """The channel with the plain values of one of its persona's versions."""
    return ChannelFacts(
        pk=channel.pk,
        public_id=channel.public_id,
        broadcaster_name=channel.display_name,
        twitch_id=channel.twitch_id or "",
        persona=persona_from(values),
        persona_number=values["number"],
        panic=channel.panic_since is not None,
        providers=providers_of(channel.pk),
        remembers=channel.remembers,
        idle_seconds=channel.idle_seconds,
        delay_seconds=channel.delay_seconds,
        approval_seconds=channel.approval_seconds,
        captions=channel.captions,
        refusals=tuple(refusals.known()),
    )


def providers_of(channel_pk: int) -> dict[str, Provider]:
    """The channel's own providers, by kind: llm, speech, moderation, judge."""
    return {
        row.kind: Provider(row.base_url, row.model, row.voice, row.api_key)
        for row in ProviderAccess.objects.filter(channel_id=channel_pk)
    }


def persona_from(values: dict[str, Any]) -> PersonaSnapshot:
    """The frozen value of a persona's plain values."""
    triggers = dict(values["triggers"])
    triggers["mode"] = Mode(triggers["mode"])
    triggers["nicknames"] = tuple(triggers["nicknames"])
    triggers["ignored"] = frozenset(triggers["ignored"])
    triggers["events"] = frozenset(EventKind(name) for name in triggers["events"])
    voice = VoiceSpec(**values["voice"])
    return PersonaSnapshot(
        version_id=values["version_id"],
        name=values["name"],
        description=values["description"],
        style=values["style"],
        language=values["language"],
        triggers=Triggers(**triggers),
        voice=voice,
        language_voices=tuple(
            (language, replace(voice, engine=chosen.partition(":")[0], name=chosen.partition(":")[2]))
            for language, chosen in values["language_voices"].items()
        ),
        mood=Mood(values["mood"]),
        safety_profile=profile_from(values["safety_profile"]),
        character=character_from(values["character"]),
        banned_words=tuple(values["banned_words"]),
        allowed_words=tuple(values["allowed_words"]),
        pronunciation=pronunciation_from(values["pronunciation"]),
    )


def profile_from(name: str) -> Profile:
    """The profile of this name; the strictest where there is none."""
    return next((profile for profile in get_args(Profile) if profile == name), "family")


def character_from(values: dict[str, Any]) -> Character:
    """What a card adds, as the line uses it."""
    return Character(**(values | {"books": tuple(book_from(book) for book in values["books"])}))


def book_from(values: dict[str, Any]) -> Lorebook:
    """One lorebook of a persona, as the line uses it."""
    return Lorebook(**(values | {"entries": tuple(_entry(row) for row in values["entries"])}))


def _entry(row: dict[str, Any]) -> LoreEntry:
    keys = {name: tuple(LoreKey(**key) for key in row[name]) for name in ("keys", "secondary", "excluded")}
    told = {name: value for name, value in row.items() if name != "name"}
    return LoreEntry(**(told | keys), tokens=estimate_tokens(row["content"]))


def pronunciation_from(rows: list[dict[str, str]]) -> Pronunciation:
    """The persona's dictionary as the line uses it."""
    return Pronunciation(tuple(SayAs(row["word"], row["say"], row["language"]) for row in rows))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run looks up again and again, since word of it may be lost on its way."""

    audience: int
    """Connected overlay pages."""
    panic: bool
    has_paid: bool = False
    """Whether something that was paid for may wait to be answered."""


def surroundings(channel_pk: int) -> Surroundings:
    panic = Channel.objects.filter(pk=channel_pk, panic_since__isnull=False).exists()
    return Surroundings(audience=connected_overlays(Channel(pk=channel_pk)).count(), panic=panic)


def look_around(runs: Collection[tuple[int, int]]) -> dict[tuple[int, int], Surroundings]:
    """The surroundings of many runs, by channel and fence: three queries, however many they are."""
    channels = {pk for pk, _fence in runs}
    audience = audience_of(channels)
    panic = set(Channel.objects.filter(pk__in=channels, panic_since__isnull=False).values_list("pk", flat=True))
    has_paid = paid.channels_with_open(channels)
    return {run: Surroundings(audience.get(run[0], 0), run[0] in panic, run[0] in has_paid) for run in runs}


def past_exchanges(channel_pk: int) -> list[Exchange]:
    """The conversation so far, oldest first, from what was audible: a new run goes on where the last one was cut.

    What moderators took out of the chat is no part of it.
    """
    turns = (
        Turn.objects.filter(
            channel_id=channel_pk, heard_at__isnull=False, created_at__gt=timezone.now() - retention.CHAT_LIFE
        )
        .exclude(heard="")
        .exclude(taken_back=True)
        .order_by("-created_at")[:CONTEXT_TURNS]
    )
    return [
        Exchange(
            turn.chatter_id, turn.chatter_name, turn.asked, turn.heard, tuple(turn.answered.strip("|").split("||"))
        )
        for turn in reversed(turns)
    ]


def answered_chatters(channel_pk: int) -> set[str]:
    """Ids of those the channel still knows from its turns, whichever run answered, among ids of what they wrote."""
    turns = Turn.objects.filter(channel_id=channel_pk).exclude(answered="").order_by("-created_at")
    answered = turns.values_list("answered", flat=True)[:KNOWN_TURNS]
    return {name for ids in answered for name in ids.strip("|").split("||")}


def waiting_paid_events(channel_pk: int, fence: int) -> list[StreamEvent]:
    """Paid events a run must still answer, oldest first."""
    waiting = paid.pending(Channel.objects.get(pk=channel_pk), fence)
    return [event for row in waiting if (event := event_in(row.payload | {"paid_id": row.pk})) is not None]


def event_in(message: Mapping[str, Any]) -> StreamEvent | None:
    """The event in plain values; None where this release cannot read it. One event must not end a run, least of all one
    that waits in a row for each run that follows: a newer release, already here, may know more kinds."""
    try:
        return StreamEvent.from_message(message)
    except (KeyError, TypeError, ValueError) as error:
        log.error("an event is passed over: %s", error)
        return None


@transaction.atomic
def open_turn(facts: ChannelFacts, fence: int, log: TurnLog, asking: Asking) -> bool:
    """The turn's row, this run's claim on what was paid, and what it may cost taken off the budget. False when another
    run has answered it already, or nothing is left to answer it with."""
    event = log.lead
    values = {
        "fence": fence,
        "persona_name": facts.persona.name,
        "persona_version": facts.persona_number,
        "trigger": log.choice.trigger,
        "event_id": event.id,
        "chatter_id": event.chatter.id,
        "chatter_name": event.chatter.name[:80],
        "person": audience.number_of(facts.pk, event.chatter.id, timezone.now()),
        "answered": Turn.barred(*(name for part in log.events for name in (part.id, part.chatter.id))),
        "asked": "" if log.taken_back else _asked(log),
        "taken_back": log.taken_back,
    }
    # Repeatable: a connection may break after the commit and before its answer.
    turn, _made = Turn.objects.update_or_create(id=log.id, channel_id=facts.pk, defaults=values)
    claims = [paid.claim(part.paid_id, fence, turn) for part in log.events if part.paid_id is not None]
    if claims and not all(claims):
        # What this run did get is let go again: what it waits for is thanked for by itself.
        for part, mine in zip((part for part in log.events if part.paid_id is not None), claims, strict=True):
            if mine and part.paid_id is not None:
                paid.release(part.paid_id, fence)
        Turn.objects.filter(pk=turn.pk).update(
            outcome=Turn.Outcome.REFUSED, reason="already answered by another run", ended_at=timezone.now()
        )
        return False
    # Last, since all channels share one row of it.
    if reserve(
        Channel(pk=facts.pk),
        key=_ledger_key(log),
        claim=asking.claim,
        limits=asking.limits,
        now=timezone.now(),
        forced=asking.forced,
    ):
        log.refusal = SPENT
        return False
    return True


def _ledger_key(log: TurnLog) -> str:
    return f"turn:{log.id}"


def _asked(log: TurnLog) -> str:
    """What she answers; where nothing passed the gate, what she does not answer. No conversation builds on the latter,
    since nothing is heard."""
    if log.lead.kind is EventKind.IDLE:
        return ""
    return log.admitted.text or "\n".join(event.text for event in log.events if event.text)


@transaction.atomic
def close_turn(facts: ChannelFacts, fence: int, log: TurnLog, again: bool) -> None:
    """What became of the turn: said, heard, verdict, timings, cost; and what was paid is spoken, refused, or with
    `again` waits to be answered once more."""
    usage = log.usage
    # A moderator may have taken it back while its row was still being written.
    forgotten: dict[str, Any] = {"asked": "", "taken_back": True} if log.taken_back else {}
    evidence = "" if log.taken_back else log.verdict.evidence[:200]
    judged = "" if log.taken_back else log.verdict.judged[:JUDGED_LENGTH]
    if log.forgotten:
        forgotten = forgetting.FORGOTTEN
    rows = Turn.objects.filter(pk=log.id, channel_id=facts.pk)
    rows.update(
        **{
            "said": _unless_forgotten(" ".join(log.said)),
            "heard": _unless_forgotten(log.heard),
            # What was taken out in the database alone must not come back with this.
            "evidence": Case(When(taken_back=True, then=Value("")), default=Value(evidence)),
            "judged": Case(When(taken_back=True, then=Value("")), default=Value(judged)),
        }
        | forgotten,
        outcome=log.outcome,
        reason=log.reason[:200],
        verdict={"action": log.verdict.action, "rule": log.verdict.rule_id},
        timings_ms=log.timings_ms,
        brain=log.brain[:120],
        voice=log.voice[:120],
        voice_stood_in=log.voice_stood_in,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        characters=usage.characters,
        cost_micros=usage.cost_micros,
        cost_exact=usage.exact,
        ended_at=timezone.now(),
    )
    for event in log.events:
        if event.paid_id is not None:
            if log.heard:
                paid.mark_spoken(event.paid_id)
            elif again:
                paid.release(event.paid_id, fence)
            elif not log.abandoned:
                paid.refuse(event.paid_id, fence, log.reason or log.outcome)
    charge(facts.pk, UsageRecord.Kind.REPLY, _ledger_key(log), usage, replies=1 if log.heard else 0)


def _unless_forgotten(text: str) -> Case:
    return Case(When(forgotten=True, then=Value("")), default=Value(text))


def close_orphans(channel_pk: int, fence: int) -> int:
    """Turns a dead run left open, closed with the reason. Returns how many."""
    return Turn.objects.filter(channel_id=channel_pk, fence__lt=fence, outcome__in=Turn.OPEN).update(
        outcome=Turn.Outcome.INTERRUPTED, reason=Turn.RUN_ENDED, ended_at=timezone.now()
    )


def refuse_paid(paid_id: int, fence: int, reason: str) -> None:
    paid.refuse(paid_id, fence, reason)
