"""What the next reply may cost: by the price lists before she has spoken, and by her dearest replies afterwards."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from billing.budget import Claim
from channels_app.outbound import is_near
from workers import wiring
from workers.brain.wire import REPLY_TOKENS
from workers.pipeline.thrift import SHORT_CHARACTERS, Step
from workers.pipeline.values import FREE, PersonaSnapshot, Price, Usage
from workers.records import ChannelFacts
from workers.voice.catalogue import cost_of
from workers.voice.prices import UNKNOWN

PROMPT_TOKENS = 4000
"""Of a long persona with lore, memory and a conversation, nothing of it cached."""
REPLY_CHARACTERS = 300
"""She is asked for 220 at most, and the last sentence is let out."""
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


def prices_of(facts: ChannelFacts) -> Prices:
    """By the price lists and the site's settings."""
    endpoint, known = wiring.endpoint_for(facts.providers), None
    if endpoint is not None:
        known = endpoint.known_price
    llm = PROMPT_TOKENS * known.input + REPLY_TOKENS * known.output if known else 0.0
    return Prices(llm, "llm" in facts.providers, _voice_price(facts))


def _voice_price(facts: ChannelFacts) -> Price:
    provider = wiring.provider_for("speech", facts.providers)
    if provider is None or is_near(provider.base_url) or not _asks_a_provider(facts.persona):
        return FREE
    cost = cost_of(provider.base_url, provider.model)
    price = cost.price if cost else UNKNOWN
    return Price(price.micros, known=price.known, own="speech" in facts.providers)


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
        self._llm: deque[float] = deque(maxlen=LOOKED_BACK)

    def note(self, usage: Usage) -> None:
        """What a reply came to."""
        voiced = usage.characters if self._prices.voice.own else usage.provider_characters
        llm = usage.cost_micros - self._prices.voice.micros * voiced
        # A fixed line, or thanks from the script, says nothing of what the model will ask next time.
        if llm > 0:
            self._llm.append(llm)

    def claim(self, step: Step = Step.NOTHING, *, thinks: bool = True, speaks: bool = True) -> Claim:
        """What a reply on this step may cost. Not `thinks`: its words are there already. Not `speaks`: a voice of this
        machine does."""
        guess = self._prices.llm_micros if len(self._llm) < ENOUGH else 0.0
        llm = math.ceil(max(guess, 0.0, *self._llm)) if thinks and step < Step.PAID else 0
        price, length = self._prices.voice, REPLY_CHARACTERS if step < Step.SHORT else 2 * SHORT_CHARACTERS
        voiced = length if speaks and step < Step.BUILT_IN and (price.micros or not price.known) else 0
        voice = math.ceil(price.micros * voiced)
        own = (llm if self._prices.llm_own else 0) + (voice if price.own else 0)
        return Claim(llm + voice, own, replies=1, characters=0 if price.own else voiced)
