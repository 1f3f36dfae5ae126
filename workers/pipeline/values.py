"""The frozen values that travel down the line. They know nothing of where they came from."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from workers.pipeline.character import Character
from workers.pipeline.mode import Mode
from workers.pipeline.recalled import Recalled as Recalled
from workers.pipeline.speakable.pronunciation import Pronunciation
from workers.pipeline.usage import Rate as Rate
from workers.pipeline.usage import Usage as Usage

SAMPLE_RATE = 24_000
"""Samples per second of every clip inside the house (mono, signed 16 bit, little endian)."""


class EventKind(enum.StrEnum):
    """What happened in the channel."""

    MESSAGE = "message"
    CHEER = "cheer"
    SUB = "sub"
    GIFT = "gift"
    RAID = "raid"
    FOLLOW = "follow"
    REDEMPTION = "redemption"
    TIP = "tip"
    """Money given outside of Twitch."""
    SAY = "say"
    """A line the broadcaster or a moderator asks her to say as it stands."""
    NOTICE = "notice"
    """A line of the house, such as what she remembers of a chatter. Made in the run, like the next; neither travels."""
    IDLE = "idle"
    """Nobody said anything for a while; the text is what she may talk about."""


PAID_KINDS = frozenset({EventKind.CHEER, EventKind.SUB, EventKind.GIFT, EventKind.REDEMPTION, EventKind.TIP})
"""Kinds somebody paid for: stored before they travel, done only when spoken or refused with a reason."""


UNNAMED = "someone"
"""Stands for a chatter whose name may not be said. It is a sign, not a word to be spoken."""


@dataclass(frozen=True, slots=True)
class Chatter:
    """Who wrote in chat or caused an event."""

    id: str
    name: str
    is_broadcaster: bool = False
    is_moderator: bool = False
    is_subscriber: bool = False
    is_vip: bool = False
    is_first_time: bool = False


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One thing that happened in a channel. `at` is unix seconds; `amount` is bits, gifted subs, raiders, or
    about the US cents a tip is worth."""

    id: str
    kind: EventKind
    chatter: Chatter
    text: str
    at: float
    amount: int = 0
    title: str = ""
    """Title of the redeemed reward, tier of the sub, a tip as it is written (€4.50)."""
    paid_id: int | None = None
    """Row of the paid event, when one was stored."""
    reply_to_character: bool = False
    to_somebody: bool = False
    """It replies to somebody's message or names somebody with an @: not a word to everybody."""
    emote_only: bool = False
    own_reward: bool = False
    """It was redeemed with the reward that was made for talking to her."""
    first_words: bool = False
    """The chatter's first of this stream. The director knows; it does not travel."""

    @property
    def paid(self) -> bool:
        return self.kind in PAID_KINDS

    def as_message(self) -> dict[str, Any]:
        """The event as plain values for the channel layer."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "chatter": {
                "id": self.chatter.id,
                "name": self.chatter.name,
                "is_broadcaster": self.chatter.is_broadcaster,
                "is_moderator": self.chatter.is_moderator,
                "is_subscriber": self.chatter.is_subscriber,
                "is_first_time": self.chatter.is_first_time,
            },
            # Beside the chatter, whose fields a run that is one release older takes all or fails.
            "is_vip": self.chatter.is_vip,
            "text": self.text,
            "at": self.at,
            "amount": self.amount,
            "title": self.title,
            "paid_id": self.paid_id,
            "reply_to_character": self.reply_to_character,
            "to_somebody": self.to_somebody,
            "emote_only": self.emote_only,
            "own_reward": self.own_reward,
        }

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> StreamEvent:
        """Inverse of `as_message`. Raises KeyError, TypeError or ValueError on a malformed mapping."""
        return cls(
            id=str(message["id"]),
            kind=EventKind(message["kind"]),
            chatter=Chatter(**message["chatter"], is_vip=bool(message.get("is_vip", False))),
            text=str(message["text"]),
            at=float(message["at"]),
            amount=int(message.get("amount", 0)),
            title=str(message.get("title", "")),
            paid_id=message.get("paid_id"),
            reply_to_character=bool(message.get("reply_to_character", False)),
            to_somebody=bool(message.get("to_somebody", False)),
            emote_only=bool(message.get("emote_only", False)),
            own_reward=bool(message.get("own_reward", False)),
        )


class Mood(enum.StrEnum):
    """The moods every avatar can show."""

    NEUTRAL = "neutral"
    HAPPY = "happy"
    SAD = "sad"
    ANGRY = "angry"
    SURPRISED = "surprised"
    SHY = "shy"
    SMUG = "smug"
    THINKING = "thinking"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of a reply that is spoken in one go: clean text, no tags, no markup."""

    text: str
    mood: Mood | None = None
    """Mood that begins with this sentence; None keeps the present one."""
    fixed_line: bool = False
    """One of our own lines, not a model's."""


class Action(enum.StrEnum):
    """What the safety gate decides."""

    ALLOW = "allow"
    REPLACE = "replace"
    DROP = "drop"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one answer of everything that screens text."""

    action: Action
    rule_id: str = ""
    evidence: str = ""
    text: str = ""
    """The text to use instead, for `Action.REPLACE`."""
    judged: str = field(default="", compare=False)
    """What was judged, where it was not allowed: several messages where only together they are anything."""

    @property
    def allowed(self) -> bool:
        return self.action is Action.ALLOW


ALLOW = Verdict(Action.ALLOW)
Profile = Literal["family", "standard", "mature"]
"""How strict the gate is beyond what it never lets pass."""
Surface = Literal["chat", "username", "reward", "title", "sequence", "reply"]


class Viseme(enum.StrEnum):
    """The fifteen mouth shapes of the OVR set."""

    SIL = "sil"
    PP = "PP"
    FF = "FF"
    TH = "TH"
    DD = "DD"
    KK = "kk"
    CH = "CH"
    SS = "SS"
    NN = "nn"
    RR = "RR"
    AA = "aa"
    E = "E"
    I = "I"  # noqa: E741 (the name of the shape in the OVR set)
    O = "O"  # noqa: E741
    U = "U"


@dataclass(frozen=True, slots=True)
class MouthKey:
    """From `at` (ms from the clip's first sample) the mouth has this shape until the next key."""

    at: float
    viseme: Viseme
    weight: float = 1.0


def revised(keys: Sequence[MouthKey], new: Sequence[MouthKey]) -> list[MouthKey]:
    """What is known after new keys came: they replace all at or after the first of them."""
    return [*(key for key in keys if key.at < new[0].at), *new] if new else list(keys)


@dataclass(frozen=True, slots=True)
class PhoneTime:
    """One sounded phone as the engine timed it: IPA symbol, seconds from the clip's first sample."""

    phone: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class WordTime:
    """One spoken word: its characters [begin, end) in the sentence, seconds from the clip's first sample."""

    begin: int
    end: int
    start: float


@dataclass(frozen=True, slots=True)
class Price:
    """What a voice asks for each character, in millionths of a US dollar."""

    micros: float = 0.0
    exact: bool = True
    """False where it is only about so much, or unknown."""
    known: bool = True
    own: bool = False
    """The channel pays it to a provider of its own."""
    rate: Rate | None = None
    """The entry of the price list it comes from."""


FREE = Price()


@dataclass(frozen=True, slots=True)
class Audio:
    """A part of a clip as it arrives from a voice: PCM s16le mono at `SAMPLE_RATE`, and what timings came with it."""

    pcm: bytes
    phones: tuple[PhoneTime, ...] = ()
    """Exact engine timings, absolute in the clip; may cover more than this part."""
    words: tuple[WordTime, ...] = ()
    voice: str = ""
    """Name of the voice that made it, where several may."""
    stands_in: bool = False
    """It is not the voice that was asked for."""
    price: Price = FREE
    """What whoever made it asks for the text."""


@dataclass(frozen=True, slots=True)
class VoiceSpec:
    """How a persona sounds. `engine` is a name of the voice catalogue: openai, piper, hibari, espeak."""

    engine: str = "auto"
    name: str = ""
    language: str = "en"
    speed: float = 1.0
    pitch: float = 1.0
    instructions: str = ""
    fixed_line: bool = False
    """The text is one of our own lines and will come again: its clip may be kept."""


@dataclass(frozen=True, slots=True)
class Triggers:
    """Which messages she answers. Every field may be combined with the others."""

    mode: Mode = Mode.NORMAL
    mention: bool = True
    misspelt: bool = False
    """Her names call her with a slip of the keyboard, in a Russian case and in the other alphabet, too."""
    nicknames: tuple[str, ...] = ()
    command: str = "!ai"
    """Empty: no command."""
    question: bool = False
    """Questions that are asked to nobody."""
    first_message: bool = False
    """A chatter's first message of the stream."""
    every_message: bool = False
    chance: float = 0.0
    """0..1, the share of other messages she answers by herself."""
    events: frozenset[EventKind] = frozenset(
        {EventKind.CHEER, EventKind.SUB, EventKind.GIFT, EventKind.RAID, EventKind.FOLLOW, EventKind.REDEMPTION}
    )
    cheer_minimum: int = 1
    cut_in_bits: int = 1000
    """From this many bits, or subs or tips worth it, she ends what she says with its sentence and thanks. 0: never."""
    cut_in_raiders: int = 20
    """The same for raids with this many viewers. 0: never."""
    cooldown: float = 0.0
    """Seconds of silence after a reply before chat is answered again; paid events do not wait."""
    chatter_cooldown: float = 10.0
    """Seconds before the same chatter is answered again."""
    replies_per_minute: int = 12
    ignored: frozenset[str] = frozenset()
    """Logins or ids never answered (lower case)."""


@dataclass(frozen=True, slots=True)
class PersonaSnapshot:
    """A published persona version, frozen for a run."""

    version_id: int
    name: str
    description: str
    style: str
    language: str
    """Language she speaks by default ("en", "ru"); the message's own language wins when recognised."""
    triggers: Triggers = field(default_factory=Triggers)
    voice: VoiceSpec = field(default_factory=VoiceSpec)
    language_voices: tuple[tuple[str, VoiceSpec], ...] = ()
    """Voices for single languages ("ru"), where she has another one in them."""
    mood: Mood = Mood.NEUTRAL
    """Mood she rests in."""
    safety_profile: Profile = "family"
    character: Character = field(default_factory=Character)
    """What her imported card adds."""
    banned_words: tuple[str, ...] = ()
    allowed_words: tuple[str, ...] = ()
    """What of the milder word lists is left alone on this channel."""
    pronunciation: Pronunciation = field(default_factory=Pronunciation)

    def voice_in(self, language: str) -> VoiceSpec:
        """How she sounds in this language (tag)."""
        base = language.lower().partition("-")[0]
        return replace(dict(self.language_voices).get(base, self.voice), language=language)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One past turn as conversation context: what was asked by whom, and what was audibly said."""

    chatter_id: str
    chatter_name: str
    text: str
    reply: str
    answered: tuple[str, ...] = ()
    """Ids of every event and chatter it answers, so that it can be taken out again when a moderator deletes it."""


@dataclass(frozen=True, slots=True)
class ReplyRequest:
    """All a brain gets to answer one choice. Nothing here is secret."""

    channel_id: str
    broadcaster_name: str
    persona: PersonaSnapshot
    events: tuple[StreamEvent, ...]
    """What is answered. Texts and names have passed the gate; a name that may not be said is `UNNAMED`."""
    history: tuple[Exchange, ...]
    language: str
    memory: Recalled = field(default_factory=Recalled)
    avoid: tuple[str, ...] = ()
    """Sentences the brain has just answered with, and had said before."""
    most_characters: int | None = None
    """Of the reply, where it is to be shorter than usual."""


def new_id() -> str:
    """An id nobody can guess, for events made here."""
    return uuid.uuid4().hex
