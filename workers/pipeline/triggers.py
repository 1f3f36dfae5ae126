"""Whether a message or event calls for an answer, why, and how urgently. Pure; chance comes from an injected RNG."""

from __future__ import annotations

import enum
import random
import re
import unicodedata
from dataclasses import dataclass

from workers.pipeline.modes import POLICIES
from workers.pipeline.names import Misspellings, squeezed
from workers.pipeline.values import EventKind, StreamEvent, Triggers


class Lane(enum.StrEnum):
    """How urgent something is, most urgent first."""

    SAY = "say"
    PAID = "paid"
    MENTION = "mention"
    EVENT = "event"
    QUESTION = "question"
    CHATTER = "chatter"
    COPYPASTA = "copypasta"


@dataclass(frozen=True, slots=True)
class Call:
    """An event that may be answered: in which lane, what triggered it, and its words without the address."""

    lane: Lane
    trigger: str
    text: str


@dataclass(frozen=True, slots=True)
class NoCall:
    """An event that is not answered, and why, in words for the broadcaster."""

    reason: str


REPETITIVE_CHARACTERS = 40
"""A message of this length may be copypasta if its words repeat."""
REPETITIVE_SHARE = 0.4
"""Share of different words below which a long message is copypasta."""

SUB_BITS = 500
"""What a sub counts for beside cheers: about what either costs whoever gives it."""

_ASKING = """
what whats what's who whos who's why how when where which is are do does did can could would will should
что кто почему зачем как когда где куда откуда какой какая какое какие сколько чей можно ли
"""
_ASKING_WORDS = frozenset(_ASKING.split())
_QUESTION_MARK = re.compile(r"\w[\s\"'»”)]*[?？](?![\w/&=])")
"""Behind a word, and not inside an address."""
_OPENING = re.compile(
    r"(?:what|who|how|where|when|why|which)(?:[’']?s| is| are| was| were| do| does| did| can| could| will| would"
    r"| should| has| have| many| much| long| old)\b(?! i\b)"
    r"|(?:what|which|whose) \w+ (?:is|are|was|were|do|does|did|can|will|should)\b"
    r"|(?:почему|зачем|сколько|откуда|куда|где)\b"
    r"|(?:как|какая|какой|какое|какие|что|кто|когда) (?:это|у|дела|тебя|тебе|ты|вы|твой|твоя|твоё|твои|сегодня|будет"
    r"|называется|зовут|игра|думаешь|делать|делаешь|такое|такой|такая)\b",
    re.IGNORECASE,
)
"""How people ask who leave the question mark out."""
OPENING_WORDS = 3
"""Of a question without its mark, at least."""


class Listener:
    """Knows her names and triggers; tells what an event is to her."""

    def __init__(self, name: str, triggers: Triggers, rng: random.Random) -> None:
        self._policy = POLICIES[triggers.mode]
        self._triggers = triggers = self._policy.shaped(triggers)
        self._rng = rng
        self._command = triggers.command.strip().casefold()
        self._name = _word_pattern((name,)) if triggers.mention else None
        self._nicknames = _word_pattern(triggers.nicknames)
        names = (name, *triggers.nicknames) if triggers.mention else triggers.nicknames
        self._misspellings = Misspellings(names) if triggers.misspelt else None
        self._address = _address_pattern((name, *triggers.nicknames))

    def hear(self, event: StreamEvent) -> Call | NoCall:
        """What this event asks of her."""
        if event.kind is EventKind.SAY:
            return Call(Lane.SAY, "say", event.text.strip()) if event.text.strip() else NoCall("nothing to say")
        if event.kind is EventKind.NOTICE:
            return Call(Lane.EVENT, "notice", event.text)
        if {event.chatter.id, event.chatter.name.lower()} & self._triggers.ignored:
            return NoCall("the chatter is on the ignore list")
        if not event.paid and (barred := self._barred(event)):
            return barred
        if event.kind is EventKind.MESSAGE:
            return self._hear_message(event)
        refusal = self._refusal(event)
        if refusal and event.paid and event.text:
            # Too little for a reaction, yet it may address her as any message does.
            call = self._hear_message(event)
            return Call(Lane.PAID, call.trigger, call.text) if isinstance(call, Call) else refusal
        if refusal:
            return refusal
        lane = Lane.PAID if event.paid else Lane.EVENT
        return Call(lane, event.kind.value, self._unaddressed(event.text))

    def _barred(self, event: StreamEvent) -> NoCall | None:
        """Why her mode leaves out something nobody paid for."""
        if self._policy.paid_only:
            return NoCall("she answers only what is paid for")
        if self._policy.subscribers_only and not (event.kind is EventKind.MESSAGE and _is_close(event)):
            return NoCall("she answers only subscribers, VIPs and moderators")
        return None

    def _refusal(self, event: StreamEvent) -> NoCall | None:
        # A tip is to her what a cheer is: money, and maybe words.
        is_money = event.kind in {EventKind.CHEER, EventKind.TIP}
        kind = EventKind.CHEER if is_money else event.kind
        if kind not in self._triggers.events and not event.own_reward:
            return NoCall(f"reactions to {event.kind.value} are switched off")
        if is_money and event.amount < self._triggers.cheer_minimum:
            return NoCall(f"below the minimum of {self._triggers.cheer_minimum} bits")
        return None

    def _hear_message(self, event: StreamEvent) -> Call | NoCall:
        text = " ".join(event.text.split())
        if event.emote_only or not text:
            return NoCall("no words")
        first, _, rest = text.partition(" ")
        if self._command and first.casefold() == self._command:
            return Call(Lane.MENTION, "command", rest.strip() or text)
        if first.startswith("!") and len(first) > 1 and first[1].isalnum():
            return NoCall("a command for somebody else")
        if self._triggers.mention and event.reply_to_character:
            return Call(Lane.MENTION, "reply", self._unaddressed(text))
        if self._name and self._name.search(text):
            return Call(Lane.MENTION, "mention", self._unaddressed(text))
        if self._nicknames and self._nicknames.search(text):
            return Call(Lane.MENTION, "nickname", self._unaddressed(text))
        if self._misspellings and (name := self._misspellings.find(text)):
            return Call(Lane.MENTION, "misspelt name", _without(text, name))
        if self._triggers.question and not _is_to_somebody(event, text) and is_question(text):
            return Call(Lane.QUESTION, "question", text)
        if self._triggers.first_message and (event.first_words or event.chatter.is_first_time):
            return Call(_unaddressed_lane(text), "first message", text)
        if self._triggers.every_message:
            return Call(_unaddressed_lane(text), "every message", text)
        if self._triggers.chance and self._rng.random() < self._triggers.chance:
            return Call(_unaddressed_lane(text), "chance", text)
        return NoCall("nothing in it calls her")

    def _unaddressed(self, text: str) -> str:
        """The words without her name before them; the name alone stays, it is a call too."""
        text = " ".join(text.split())
        bare = self._address.sub("", text, count=1) if self._address else text
        return bare.strip() or text


def cuts_in(event: StreamEvent, triggers: Triggers) -> bool:
    """Whether it is large enough that she ends what she says with its sentence."""
    match event.kind:
        case EventKind.RAID:
            size, least = event.amount, triggers.cut_in_raiders
        case EventKind.CHEER | EventKind.TIP:
            size, least = event.amount, triggers.cut_in_bits
        case EventKind.SUB | EventKind.GIFT:
            size, least = SUB_BITS * max(1, event.amount), triggers.cut_in_bits
        case _:
            return False
    return 0 < least <= size


def is_question(text: str) -> bool:
    """Whether somebody wants to know something: a question mark behind a word, or a sentence that opens like one."""
    if _QUESTION_MARK.search(text):
        return True
    told = text.endswith(("!", ".", "…"))
    return not told and len(text.split()) >= OPENING_WORDS and _OPENING.match(text) is not None


def has_words(event: StreamEvent) -> bool:
    """Whether it says something: no emotes alone, and no command."""
    return bool(event.text.strip()) and not event.emote_only and not event.text.lstrip().startswith("!")


def copy_key(text: str) -> str:
    """The same for all copies of a message: letters and digits, small, no stretched letters."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(filter(str.isalnum, plain))
    return squeezed(letters) or plain.strip()


def _is_close(event: StreamEvent) -> bool:
    who = event.chatter
    return who.is_subscriber or who.is_vip or who.is_moderator or who.is_broadcaster


def _is_to_somebody(event: StreamEvent, text: str) -> bool:
    return event.to_somebody or text.startswith("@")


def _without(text: str, name: re.Match[str]) -> str:
    """The words without this name, where they begin with it."""
    return (text if name.start() else text[name.end() :].lstrip(" ,:;!—–-")) or text


def _unaddressed_lane(text: str) -> Lane:
    words = text.casefold().split()
    if len(text) >= REPETITIVE_CHARACTERS and len(set(words)) <= REPETITIVE_SHARE * len(words):
        return Lane.COPYPASTA
    if "?" in text or "？" in text or words[0].strip(",.!") in _ASKING_WORDS:
        return Lane.QUESTION
    return Lane.CHATTER


def _alternatives(names: tuple[str, ...]) -> str:
    """Each name as people type it: joined, or with its last letter stretched."""
    forms = {form for name in names for form in (name.strip(), "".join(name.split())) if form}
    return "|".join(f"{re.escape(form)}{re.escape(form[-1])}*" for form in sorted(forms, key=len, reverse=True))


def _word_pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    names_pattern = _alternatives(names)
    # Not after an apostrophe: "j'ai" does not call "ai". Not inside a host name.
    return re.compile(rf"(?<![\w'’.])@?(?:{names_pattern})(?![\w])(?!\.\w)", re.IGNORECASE) if names_pattern else None


def _address_pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    names_pattern = _alternatives(names)
    return re.compile(rf"^@?(?:{names_pattern})(?!\w)[\s,:;!—–-]*", re.IGNORECASE) if names_pattern else None
