"""The safety gate: rules before anything sounds, the endpoint beside the voice, closed when in doubt."""

from __future__ import annotations

import itertools
import logging
import re
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Literal

from workers.pipeline.values import ALLOW, UNNAMED, Action, Surface, Verdict
from workers.safety import lexicon, patterns
from workers.safety.moderation import Moderation
from workers.safety.normalise import plain, readings

log = logging.getLogger(__name__)

Profile = Literal["family", "standard"]
LONGEST = 2000
"""Characters of a text that is judged at all; no chat message and no sentence is longer."""
WINDOW_MESSAGES = 4
WINDOW_CHARACTERS = 12
"""Messages as short as this are read together with the same chatter's last ones: words are split over them."""
KNOWN_CHATTERS = 500
NAME_LENGTH = 16
_INJECTION = re.compile(
    r"ignore (?:all |any |the )?(?:previous|prior|above) (?:instructions|rules|prompts?)"
    r"|(?:reveal|print|show) (?:me )?(?:your |the )?(?:system )?prompt"
    r"|забудь (?:все |свои )?(?:предыдущие )?(?:инструкции|правила)"
    r"|покажи (?:мне )?(?:свой )?(?:системный )?промпт"
)
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
        moderation: Moderation | None = None,
    ) -> None:
        self._family = profile == "family"
        self._banned = _word_pattern(banned_words)
        self._moderation = moderation
        self._recent: OrderedDict[str, deque[str]] = OrderedDict()
        self._lines = {language: itertools.cycle(lines) for language, lines in _DEFLECTIONS.items()}

    def screen(self, text: str, *, surface: Surface, chatter_id: str = "") -> Verdict:
        """The rules alone. A text that cannot be judged is dropped."""
        try:
            verdict = self._judge(text, surface)
            if verdict.allowed and chatter_id and surface == "chat":
                verdict = self._judge_window(text, chatter_id)
            return verdict
        except Exception as error:
            log.exception("the safety rules failed, the text is dropped")
            return Verdict(Action.DROP, "gate.failed", type(error).__name__)

    async def moderate(self, text: str) -> Verdict:
        """The configured endpoint's word; allow where none is configured."""
        return await self._moderation.judge(text) if self._moderation else ALLOW

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
        for reading in readings(text):
            if found := lexicon.find(reading, family=self._family):
                return Verdict(Action.DROP, *found)
            if self._banned and (word := self._banned.search(reading)):
                return Verdict(Action.DROP, "channel.banned_word", word[0])
        base = plain(text)
        if surface != "username" and (found := patterns.find(base)):
            return Verdict(Action.DROP, *found)
        if surface != "reply" and (injection := _INJECTION.search(base)):
            return Verdict(Action.DROP, "injection.phrase", injection[0])
        return ALLOW

    def _judge_window(self, text: str, chatter_id: str) -> Verdict:
        """Short messages of one chatter joined without spaces: a word spelled over several lines."""
        window = self._recent.setdefault(chatter_id, deque(maxlen=WINDOW_MESSAGES))
        self._recent.move_to_end(chatter_id)
        while len(self._recent) > KNOWN_CHATTERS:
            self._recent.popitem(last=False)
        if len(text) > WINDOW_CHARACTERS:
            window.clear()
            return ALLOW
        window.append(text.strip())
        joined = "".join(window)
        for reading in readings(joined):
            if len(window) > 1 and (found := lexicon.find(reading, family=self._family)):
                return Verdict(Action.DROP, "window." + found[0], found[1])
        return ALLOW


def _word_pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    cleaned = [re.escape(plain(word).strip()) for word in words if word.strip()]
    return re.compile(r"(?<!\w)(?:" + "|".join(cleaned) + r")(?!\w)") if cleaned else None
