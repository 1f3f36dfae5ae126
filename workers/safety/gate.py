"""The safety gate: rules before anything sounds, the endpoint beside the voice, closed when in doubt."""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from workers.pipeline.usage import Meter
from workers.pipeline.values import ALLOW, UNNAMED, Action, Profile, Surface, Verdict
from workers.safety import patterns
from workers.safety.judge import Judge
from workers.safety.leaks import Instructions
from workers.safety.lexicon import Found, Lexicon, hard_tier, is_piece, lexicon
from workers.safety.moderation import Moderation
from workers.safety.normalise import Reading, filled, masked, plain, readings, words_of
from workers.safety.windows import Windows

log = logging.getLogger(__name__)

LONGEST = 2000
"""Characters of a text that is judged at all; no chat message and no sentence is longer."""
NAME_LENGTH = 16
_ORDINARY = re.compile(r"[\w\s'’-]*[^\W_][\w\s'’-]*")
"""A banned word that is found however it is hidden."""
_DEFLECTIONS = {
    "en": (
        "Let's talk about something else.",
        "My lips are sealed on that one.",
        "I will let that one float past.",
        "New topic, please, and make it a cosy one.",
        "Nope, next question.",
        "That is not a road I go down.",
    ),
    "ru": (
        "Давайте лучше о чём-нибудь другом.",
        "Об этом я молчу.",
        "Пусть это проплывёт мимо.",
        "Новая тема, пожалуйста, и поуютнее.",
        "Нет-нет, следующий вопрос.",
        "Туда я не сворачиваю.",
    ),
}


class SafetyGate:
    """One channel's gate. Implements the `Gate` port; nothing it does raises."""

    def __init__(
        self,
        *,
        profile: Profile = "family",
        banned_words: Sequence[str] = (),
        allowed_words: Sequence[str] = (),
        moderation: Moderation | None = None,
        judge: Judge | None = None,
        instructions: Iterable[str] = (),
    ) -> None:
        """`instructions`: texts she keeps to and never reads out."""
        self._instructions = Instructions(instructions)
        self._lexicon = lexicon(profile).allowing(allowed_words)
        self._banned = _word_pattern(banned_words)
        self._asked = [endpoint for endpoint in (moderation, judge) if endpoint is not None]
        self._windows = Windows()
        self._lines = {language: itertools.cycle(lines) for language, lines in _DEFLECTIONS.items()}

    def screen(self, text: str, *, surface: Surface, chatter_id: str = "") -> Verdict:
        """The rules alone. A text that cannot be judged is dropped."""
        try:
            verdict = self._judge(text, surface)
            if verdict.allowed and chatter_id and surface == "chat":
                verdict = self._judge_windows(text, chatter_id)
            return verdict if verdict.allowed or verdict.judged else replace(verdict, judged=text)
        except Exception as error:
            log.exception("the safety rules failed, the text is dropped")
            return Verdict(Action.DROP, "gate.failed", type(error).__name__)

    async def moderate(self, text: str, meter: Meter) -> Verdict:
        """The word of every configured endpoint, asked at the same time: the first objection, or allow."""
        verdicts = await asyncio.gather(*(endpoint.judge(text, meter) for endpoint in self._asked))
        return next((verdict for verdict in verdicts if not verdict.allowed), ALLOW)

    def spoken_name(self, name: str) -> str:
        """The name without digits and padding, at most 16 characters; UNNAMED where it may not be said."""
        words = re.sub(r"[\W\d_]+", " ", re.sub(r"(?i)^x{2,}|x{2,}$", "", name)).split()
        spoken = " ".join(words)[:NAME_LENGTH].strip()
        candidates = (name, spoken, spoken.replace(" ", ""))
        if not spoken or not all(self.screen(text, surface="username").allowed for text in candidates):
            return UNNAMED
        return spoken

    def deflection(self, language: str) -> str:
        """A fixed line that ends a blocked reply; never the same twice in a row."""
        return next(self._lines["ru" if language.startswith("ru") else "en"])

    def _judge(self, text: str, surface: Surface) -> Verdict:
        if len(text) > LONGEST:
            return Verdict(Action.DROP, "gate.too_long", f"{len(text)} characters")
        base = plain(text)
        if len(base) > 2 * LONGEST:
            # Some single characters stand for whole sentences.
            return Verdict(Action.DROP, "gate.too_long", f"{len(base)} characters when folded")
        ways = readings(_worded(text), plain(_worded(text))) if surface == "username" else readings(text, base)
        if found := self._lexicon.find(ways, masked(base), filled(base)) or self._banned_word(base, ways):
            return Verdict(Action.DROP, *found)
        if surface != "username" and (shape := patterns.find(base)):
            return Verdict(Action.DROP, *shape)
        if surface == "reply" and (leak := self._instructions.read_out_in(text)):
            return Verdict(Action.DROP, "leak.instructions", leak)
        if surface != "reply" and (injection := patterns.injection(base)):
            return Verdict(Action.DROP, "injection.phrase", injection)
        return ALLOW

    def _banned_word(self, base: str, ways: Sequence[Reading]) -> Found | None:
        if self._banned is None:
            return None
        words = (self._banned.search(text) for text in (base, *(way.words for way in ways)))
        return next((Found("channel.banned_word", word[0]) for word in words if word), None)

    def _judge_windows(self, text: str, chatter_id: str) -> Verdict:
        """The message together with those before it: of the same chatter in full, of everybody for tier 1 alone."""
        found: tuple[str, str] | None = None
        together = ""
        if self._windows.goes_on(chatter_id, text) and is_piece(words_of(plain(text))):
            return Verdict(Action.DROP, "window.goes_on", text.strip())
        if own := self._windows.own(chatter_id, text):
            base, together = plain(own), own
            found = self._lexicon.find(readings(own, base)) or patterns.find(base)
        if not found and (shared := self._windows.shared(text)):
            # What others wrote is theirs to have forgotten: this message alone is kept.
            ways, together = readings(shared, plain(shared)), text
            found = Lexicon((hard_tier(),)).find(ways[:1])
        if found:
            self._windows.stop(chatter_id)
            return Verdict(Action.DROP, f"window.{found[0]}", found[1], judged=together)
        self._windows.keep(chatter_id, text)
        return ALLOW


def _word_pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    """Finds the words in readings, and those with signs of their own ("c++") in plain text."""
    cleaned = {re.escape(plain(word).strip()) for word in words if word.strip()}
    cleaned |= {words_of(plain(word)) for word in words if _ORDINARY.fullmatch(word.strip())}
    return re.compile(r"(?<!\w)(?:" + "|".join(sorted(cleaned)) + r")(?!\w)") if cleaned else None


def _worded(name: str) -> str:
    """A name with its words apart: `BadWordFan` holds three."""
    return re.sub(r"(?<=[^\W\d_A-ZА-Я])(?=[A-ZА-Я])|_+", " ", name) + " " + name
