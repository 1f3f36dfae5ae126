"""The demo brain: no keys, no network, a hat full of written lines. Same port and same streaming as a real one."""

from __future__ import annotations

import asyncio
import random
import re
import string
import textwrap
import time
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from types import ModuleType

from workers.brain import idle_lines, scripted_en, scripted_ru
from workers.brain.catalogue import estimate_tokens
from workers.brain.cleaning import clean_name, clean_text
from workers.brain.intents import SUPPORT, TOPICS, Intent, Understanding, speakable, understand, understand_text
from workers.pipeline.lanes import MERGED
from workers.pipeline.repetition import Said, sentences_in, words
from workers.pipeline.values import UNNAMED, EventKind, ReplyRequest, Usage

LABEL = "demo brain"
INTERJECTION_WORDS = 2
UNREPEATED_TURNS = 10
"""Turns within which no line comes again, whatever happens."""
FRESH_TURNS = 50
"""Turns within which none comes again as long as there are others that fit."""
TOKEN_PAUSE = (0.020, 0.040)
"""Seconds between two deltas, as a model would send them."""
CHANNELS_REMEMBERED = 2_000
LONGEST_TOPIC = 130
"""Characters of a fact she brings up by herself; with the words before it a line stays short enough to listen to."""
RECALL_CHANCE = 0.35
"""How often somebody who says nothing in particular is reminded of what they said before."""
NAME_LIMIT = 16
TITLE_LIMIT = 40
_MOOD = re.compile(r"\[\w+\]")
_DELTA = re.compile(r"\s*(?:\w{1,6}|[^\w\s])|\s+")


class ScriptedBrain:
    """Answers any channel. The same seed and the same requests give the same replies."""

    def __init__(
        self,
        *,
        seed: int = 0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        hour: Callable[[float], int] = lambda at: time.localtime(at).tm_hour,
    ) -> None:
        """`hour` tells the hour of the day (0..23) from unix seconds."""
        self._seed = seed
        self._sleep = sleep
        self._hour = hour
        self._channels: OrderedDict[str, _Channel] = OrderedDict()

    @property
    def label(self) -> str:
        return LABEL

    def reply(self, request: ReplyRequest) -> ScriptedReply:
        channel = self._channels.pop(request.channel_id, None)
        if channel is None:
            channel = _Channel(random.Random(f"{self._seed}:{request.channel_id}"))
        self._channels[request.channel_id] = channel
        if len(self._channels) > CHANNELS_REMEMBERED:
            self._channels.popitem(last=False)
        text = channel.line(request, self._hour(request.events[0].at))
        pauses = random.Random(f"{self._seed}:{text}")
        return ScriptedReply(text, _prompt_text(request), pauses, self._sleep)


class ScriptedReply:
    """One line, told in deltas. `usage` counts what was heard so far; it costs nothing."""

    def __init__(
        self, text: str, prompt: str, pauses: random.Random, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._text = text
        self._prompt = prompt
        self._pauses = pauses
        self._sleep = sleep
        self._told = 0
        self.label, self.detour = LABEL, ""

    @property
    def usage(self) -> Usage:
        asked = estimate_tokens(self._prompt) if self._told else 0
        return Usage(prompt_tokens=asked, completion_tokens=self._told, exact=True)

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        for delta in _DELTA.findall(self._text):
            await self._sleep(self._pauses.uniform(*TOKEN_PAUSE))
            self._told += 1
            yield delta


class _Channel:
    """What she said lately in one channel."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._turns = 0
        self._last: dict[str, int] = {}
        """Lines -> the turn in which each was said last."""
        self._recalled: deque[tuple[str, str]] = deque(maxlen=UNREPEATED_TURNS)

    def line(self, request: ReplyRequest, hour: int) -> str:
        if request.events[0].kind is EventKind.IDLE:
            return self._idle(request)
        script = scripted_ru if request.language.lower().startswith("ru") else scripted_en
        understood = understand(request.events[0], request.persona.name, *request.persona.triggers.nicknames)
        earlier = _earlier_topic(request)
        intent = self._intent(understood, earlier, request)
        slots = _slots(script, request, understood, hour, earlier)
        # What was said before a restart, too.
        heard = Said(request.history, [event.chatter.name for event in request.events])
        template = self._choose(script, intent, slots, heard)
        self._turns += 1
        self._last[template] = self._turns
        return template.format_map(slots)

    def _idle(self, request: ReplyRequest) -> str:
        """Our own line for the topic, or a fact about the channel in a sentence of ours."""
        text = clean_text(request.events[0].text)
        language = "ru" if request.language.lower().startswith("ru") else "en"
        own = next((line for line in idle_lines.LINES[language] if line.endswith(text)), None)
        if own:
            return own
        channel = clean_name(request.broadcaster_name)
        topic = textwrap.shorten(text, LONGEST_TOPIC, placeholder="…")
        return self._chance.choice(idle_lines.CHANNEL[language]).format(topic=topic, channel=channel)

    def _intent(self, understood: Understanding, earlier: str, request: ReplyRequest) -> Intent:
        """The intent, or the recall of what the chatter said before: on a greeting, now and then in talk."""
        topic = (request.events[0].chatter.id, earlier)
        if not earlier or topic in self._recalled:
            return understood.intent
        greeted = understood.intent is Intent.GREETING
        if greeted or (understood.intent is Intent.UNKNOWN and self._chance.random() < RECALL_CHANCE):
            self._recalled.append(topic)
            return Intent.RETURNING
        return understood.intent

    def _choose(self, script: ModuleType, intent: Intent, slots: Mapping[str, str], heard: Said) -> str:
        """A line that was not said lately. `heard` tells what was said before a restart too."""
        lines: Mapping[Intent, tuple[str, ...]] = script.LINES
        spare: tuple[str, ...] = script.SUPPORT_AGAIN if intent in SUPPORT else script.AGAIN
        pools = (lines[intent], spare)
        fitting = [[line for line in pool if fields(line) <= slots.keys()] for pool in pools]
        for pool in fitting:
            fresh = [line for line in pool if self._is_fresh(line) and not _repeats(line.format_map(slots), heard)]
            if recalling := [line for line in fresh if "earlier" in fields(line)]:
                fresh = recalling
            if fresh:
                return self._chance.choice(fresh)
        # All that fits was said: then what was said longest ago.
        return min((line for pool in fitting for line in pool), key=lambda line: self._last.get(line, 0))

    def _is_fresh(self, line: str) -> bool:
        return line not in self._last or self._turns - self._last[line] >= FRESH_TURNS


def _repeats(line: str, heard: Said) -> bool:
    """Whether a sentence of it was heard. Interjections may come again."""
    parts = [part for part in sentences_in(_MOOD.sub("", line)) if len(words(part)) > INTERJECTION_WORDS]
    return any(heard.repeats(part) for part in parts)


def fields(template: str) -> set[str]:
    """Names of the slots in a line."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _slots(
    script: ModuleType, request: ReplyRequest, understood: Understanding, hour: int, earlier: str
) -> dict[str, str]:
    """What can be filled in now. A slot without words is left out, and with it the lines that need it."""
    event = request.events[0]
    part = _part_of_day(hour)
    # Of many who did the same one is named, and all of it is counted.
    amount = sum(each.amount for each in request.events if each.kind is event.kind)
    counted = script.counted(amount) if amount > 0 else script.CROWD
    others = len({each.chatter.id for each in request.events}) - 1 if event.kind in MERGED else 0
    name = _spoken_name(event.chatter.name) or script.FRIEND
    title = speakable(event.title, TITLE_LIMIT)
    slots = {
        "name": script.and_others(name, others) if others else name,
        "persona": clean_name(request.persona.name),
        "channel": clean_name(request.broadcaster_name),
        "good_day": script.GOOD_DAY[part],
        "this_day": script.THIS_DAY[part],
        "bits": counted["bits"],
        "gifts": counted["gifts"],
        "raiders": counted["raiders"],
        "reward": title or script.CROWD["reward"],
        # Its sign belongs to an amount, and a comma to none of the words around it.
        "tip": event.title if event.kind is EventKind.TIP else "",
        "quote": understood.quote,
        "said": understood.said,
        "earlier": earlier,
    }
    return {name: words for name, words in slots.items() if words}


def _spoken_name(name: str) -> str:
    clean = clean_name(name)
    return "" if clean == UNNAMED else clean[:NAME_LIMIT].strip()


def _earlier_topic(request: ReplyRequest) -> str:
    """What this chatter last said that is worth coming back to; greetings and thanks are not."""
    person, present = request.events[0].chatter.id, request.events[0].text
    for exchange in reversed(request.history):
        if exchange.chatter_id != person or exchange.text == present:
            continue
        understood = understand_text(re.sub(rf"^\s*@?{re.escape(request.persona.name)}\b[\s,:!.]*", "", exchange.text))
        if understood.intent in TOPICS and len(understood.quote) > 3:
            return understood.quote
    return ""


def _part_of_day(hour: int) -> str:
    if hour < 5 or hour == 23:
        return "night"
    return "morning" if hour < 12 else "day" if hour < 18 else "evening"


def _prompt_text(request: ReplyRequest) -> str:
    return " ".join([event.text for event in request.events] + [exchange.text for exchange in request.history])
