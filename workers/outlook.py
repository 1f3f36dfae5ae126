"""What the next reply may cost: by the price lists before she has spoken, and by her dearest replies afterwards."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from billing.budget import Claim
from workers import wiring
from workers.brain.endpoint import ChatEndpoint
from workers.brain.wire import REPLY_TOKENS
from workers.pipeline.thrift import SHORT_CHARACTERS, Step
from workers.pipeline.values import FREE, PersonaSnapshot, Price, Usage
from workers.records import ChannelFacts
from workers.safety.judge import VERDICT_TOKENS
from workers.voice.catalogue import cost_of
from workers.voice.prices import UNKNOWN

PROMPT_TOKENS = 4000
"""Of a long persona with lore, memory and a conversation, nothing of it cached."""
REPLY_CHARACTERS = 300
"""She is asked for 220 at most, and the last sentence is let out."""
JUDGED_SENTENCES = 4
JUDGED_TOKENS = 350
"""Of a sentence with what a judge is asked of it, nothing of it cached."""
LOOKED_BACK = 20
"""Replies of which the dearest tells what the next may cost."""
ENOUGH = 5
"""Replies after which what they came to is a better guess than the price lists."""
PAID_ENGINES = frozenset({"auto", "openai"})
"""Voices a persona may ask for that lead to a provider."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a channel's replies are made with."""

    llm_micros: float
    """For one reply without an answer in the cache; 0 where it is free or nobody knows."""
    llm_own: bool
    voice: Price
    """`FREE` where no provider speaks."""
    judge_micros: float = 0.0
    """For the sentences of one reply; 0 where nobody judges them, or free, or nobody knows."""
    judge_own: bool = False


def prices_of(facts: ChannelFacts) -> Prices:
    """By the price lists and the site's settings."""
    own = facts.providers
    llm = _cost(wiring.endpoint_for(own), PROMPT_TOKENS, REPLY_TOKENS)
    verdicts = _cost(wiring.judging_endpoint("judge", own), JUDGED_TOKENS, VERDICT_TOKENS)
    return Prices(llm, "llm" in own, _voice_price(facts), JUDGED_SENTENCES * verdicts, "judge" in own)


def _cost(endpoint: ChatEndpoint | None, read: int, answered: int) -> float:
    """Micros for so many tokens."""
    known = endpoint.known_price if endpoint is not None else None
    return read * known.input + answered * known.output if known else 0.0


def _voice_price(facts: ChannelFacts) -> Price:
    speech = wiring.speech_config(facts.providers)
    if speech is None or not _asks_a_provider(facts.persona):
        return FREE
    cost = cost_of(speech)
    price = cost.price if cost else UNKNOWN
    return Price(price.micros, known=price.known, own=speech.of_member)


def _asks_a_provider(persona: PersonaSnapshot) -> bool:
    specs = (persona.voice, *(spec for _language, spec in persona.language_voices))
    return any(spec.engine in PAID_ENGINES for spec in specs)


class Outlook:
    """One live channel's. It learns from what her replies came to."""

    def __init__(self, prices: Prices) -> None:
        self.use(prices)

    def use(self, prices: Prices) -> None:
        """Other providers from now on."""
        self._prices = prices
        self._llm: list[float] = []
        self._judge: list[float] = []

    def note(self, usage: Usage, judging: Usage) -> None:
        """What a reply came to, and how much of that its judging was."""
        voiced = usage.characters if self._prices.voice.own else usage.provider_characters
        llm = usage.cost_micros - judging.cost_micros - self._prices.voice.micros * voiced
        # A fixed line, or thanks from the script, says nothing of what the model will ask next time.
        if llm > 0:
            self._llm = [*self._llm[1 - LOOKED_BACK :], llm]
        if judging.cost_micros:
            self._judge = [*self._judge[1 - LOOKED_BACK :], judging.cost_micros]

    def claim(self, step: Step = Step.NOTHING, *, thinks: bool = True, speaks: bool = True) -> Claim:
        """What a reply on this step may cost. Not `thinks`: its words are there already. Not `speaks`: a voice of this
        machine does."""
        llm = _dearest(self._llm, self._prices.llm_micros) if thinks and step < Step.PAID else 0
        judge = _dearest(self._judge, self._prices.judge_micros)
        price, length = self._prices.voice, REPLY_CHARACTERS if step < Step.SHORT else 2 * SHORT_CHARACTERS
        voiced = length if speaks and step < Step.BUILT_IN and (price.micros or not price.known) else 0
        voice = math.ceil(price.micros * voiced)
        paid_by_channel = ((llm, self._prices.llm_own), (judge, self._prices.judge_own), (voice, price.own))
        own = sum(micros for micros, is_own in paid_by_channel if is_own)
        return Claim(llm + judge + voice, own, replies=1, characters=0 if price.own else voiced)


def _dearest(seen: Collection[float], listed: float) -> int:
    """Micros: by the price list until enough was seen."""
    return math.ceil(max(listed if len(seen) < ENOUGH else 0.0, 0.0, *seen))
