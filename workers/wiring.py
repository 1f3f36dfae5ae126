"""Which adapters a channel's line is made of: its own providers, else the platform's, else what is built in."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar
from weakref import WeakKeyDictionary

import httpx2
from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone

from billing.budget import has_characters_left, money_is_spent
from channels_app.models import Channel
from channels_app.outbound import GuardedTransport, is_near, tls_context
from workers import refusals
from workers.bounds import BoundedBrain, BoundedVoice, minute_of, turnstile_of
from workers.brain.breaker import Breaker
from workers.brain.capabilities import CapabilityBook, Refusal
from workers.brain.catalogue import Price
from workers.brain.embeddings import Embeddings
from workers.brain.endpoint import API, ChatEndpoint, Deadlines
from workers.brain.fallback import FallbackBrain
from workers.brain.faulty import FaultyBrain
from workers.brain.http_client import shared_http_client
from workers.brain.language import detect_language
from workers.brain.meter import Experience
from workers.brain.openai_chat import TRIES, OpenAIBrain
from workers.brain.prompt import rules_text
from workers.brain.scripted import ScriptedBrain
from workers.fleet.runtime import in_db, is_hurried
from workers.mouth.live import LiveMouth
from workers.offers import offered
from workers.pipeline.line import Line
from workers.pipeline.ports import Brain, BrainError, Stage, Voice
from workers.records import ChannelFacts, Provider, profile_from, providers_of
from workers.rehearsal import consistency
from workers.safety.gate import SafetyGate
from workers.safety.judge import Judge
from workers.safety.moderation import Moderation
from workers.voice import piper
from workers.voice.catalogue import VoiceInfo, build_voice, voices
from workers.voice.espeak import phonemes
from workers.voice.fallback import FallbackVoice
from workers.voice.openai_speech import OpenAISpeech, SpeechConfig
from workers.voice.piper import PiperSpeech
from workers.warmth import WarmConnections

A = TypeVar("A")

Prices = tuple[float, float, float, float]
"""As a setting gives them: read, read from the cache, written to it, answered."""
NO_KEY = "none"
"""Sent where a local server needs no key: an empty one would make the client look for another."""


@dataclass(slots=True)
class _Clients:
    """HTTP clients of one event loop: one for addresses of the platform, one for those that members typed in."""

    platform: httpx2.AsyncClient
    members: httpx2.AsyncClient


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()
_writing: set[asyncio.Future[None]] = set()


def _keep(refusal: Refusal) -> None:
    """Writes it down away from the loop; the reply that taught it does not wait."""
    task = asyncio.ensure_future(in_db(refusals.keep, refusal))
    _writing.add(task)
    task.add_done_callback(_writing.discard)


_book = CapabilityBook(_keep)
_experience = Experience()
_breakers: dict[tuple[str, str], Breaker] = {}
"""One for each endpoint and model of the platform: what one channel's reply ran into, the others need not."""


class WallClock:
    """The line's clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now


def line_for(facts: ChannelFacts, stage: Stage, now: Callable[[], float], *, brain: Brain | None = None) -> Line:
    """The channel's line, without memory; `brain` answers in place of its own. Call it on the loop that will run it."""
    spare = ScriptedBrain()
    _book.recall(facts.refusals)
    return Line(
        channel_id=facts.public_id,
        broadcaster_name=facts.broadcaster_name,
        persona=facts.persona,
        brain=brain or _bounded(brain_for(facts.providers, spare), facts, spare),
        spare_brain=spare,
        gate=gate_for(facts),
        voice=_voice(facts.providers, facts.public_id),
        mouth=LiveMouth(phonemes, is_hurried=is_hurried),
        stage=stage,
        clock=WallClock(now),
        language_of=detect_language,
        delay=facts.delay_seconds,
        warm=_warm(facts.providers).open,
    )


def _bounded(brain: Brain, facts: ChannelFacts, spare: Brain) -> Brain:
    """The brain behind its provider's turnstile; our own script has none."""
    endpoint = endpoint_for(facts.providers)
    if endpoint is None or brain is spare:
        return brain
    env = settings.ENV
    turnstile = turnstile_of("brain", endpoint.place, 0 if endpoint.of_member else env.LLM_CONCURRENCY)
    minute = minute_of(facts.public_id, env.CHANNEL_TOKENS_PER_MINUTE)
    return BoundedBrain(brain, facts.public_id, turnstile, minute)


def gate_for(facts: ChannelFacts) -> SafetyGate:
    """The channel's gate. Call it on the loop that will use it."""
    return SafetyGate(
        profile=facts.persona.safety_profile,
        banned_words=facts.persona.banned_words,
        allowed_words=facts.persona.allowed_words,
        moderation=moderation_for(facts.providers),
        judge=judge_for(facts.providers),
        instructions=(rules_text(), facts.persona.character.system_prompt, facts.persona.character.post_history),
    )


def _warm(providers: dict[str, Provider]) -> WarmConnections:
    """The providers of a channel, to be knocked at before they are asked."""
    connections = WarmConnections()
    for kind in ("llm", "speech", "moderation", "judge"):
        if (provider := provider_for(kind, providers)) is not None:
            connections.add(_client(kind in providers), provider.base_url)
    return connections


def voice_of(channel: Channel) -> Callable[[], FallbackVoice]:
    """Makes the channel's voice; call the result on the loop that will speak."""
    providers = providers_of(channel.pk)
    return lambda: _voice(providers)


def voice_within_limits(channel: Channel) -> Callable[[], FallbackVoice]:
    """Makes the channel's voice, or a built-in one where its plan or a ceiling allows no other."""
    providers = providers_of(channel.pk)
    now = timezone.now()
    if money_is_spent(channel, now, own="speech" in providers):
        return build_voice
    if "speech" not in providers and not has_characters_left(channel, now):
        return build_voice
    return lambda: _voice(providers)


def is_spent(channel: Channel, providers: dict[str, Provider]) -> bool:
    """Whether a channel with these providers of its own may ask its model nothing but replies: a ceiling is used up."""
    # What the site's judge says of the words of the channel's own model, the site pays.
    asked = [kind for kind in ("llm", "judge") if provider_for(kind, providers)]
    return money_is_spent(channel, timezone.now(), own=all(kind in providers for kind in asked))


@dataclass(frozen=True, slots=True)
class ChoiceOfVoices:
    """What a persona can choose from."""

    voices: list[VoiceInfo]
    is_silent: bool
    """The channel has a speech server that does not tell its voices: there may be more than these."""


async def voices_of(channel: Channel) -> ChoiceOfVoices:
    """All voices the channel can choose; its speech server is asked for its own."""
    providers = await sync_to_async(providers_of)(channel.pk)
    config = speech_config(providers)
    if config is None:
        return ChoiceOfVoices(voices(), is_silent=False)
    names = await offered(config, _client("speech" in providers))
    return ChoiceOfVoices(voices(config, names or ()), is_silent=names == ())


def rules_of(channel: Channel) -> SafetyGate:
    """The channel's rules alone, for text that belongs to no run."""
    return SafetyGate(
        profile=profile_from(channel.safety_profile),
        banned_words=channel.banned_words,
        allowed_words=channel.allowed_words,
    )


def provider_for(kind: str, own: dict[str, Provider]) -> Provider | None:
    """The channel's own provider of this kind (llm, speech, moderation, judge), else the platform's, or None."""
    if kind in own:
        return own[kind]
    env = settings.ENV
    if kind == "llm" and env.has_llm:
        return Provider(env.LLM_BASE_URL, env.LLM_MODEL, "", env.LLM_API_KEY.get_secret_value())
    if kind == "speech" and env.has_speech:
        key = env.SPEECH_API_KEY.get_secret_value()
        return Provider(env.SPEECH_BASE_URL, env.SPEECH_MODEL, env.SPEECH_VOICE, key)
    if kind == "moderation" and env.has_moderation:
        key = env.MODERATION_API_KEY.get_secret_value()
        return Provider(env.MODERATION_BASE_URL, env.MODERATION_MODEL, "", key)
    if kind == "judge" and env.has_judge:
        return Provider(env.JUDGE_BASE_URL, env.JUDGE_MODEL, "", env.JUDGE_API_KEY.get_secret_value())
    return None


def brain_for(own: dict[str, Provider], spare: Brain | None = None) -> Brain:
    """The brain of a channel with these providers of its own, else the spare. Call it on the loop that will use it."""
    first = endpoint_for(own)
    if first is None:
        return spare or ScriptedBrain()
    env = settings.ENV
    if "llm" in own or not env.has_spare_llm:
        return _model(first, of_member="llm" in own)
    # A key goes to the address it was entered for and to no other.
    address = env.LLM_SPARE_BASE_URL or first.base_url
    key = env.LLM_SPARE_API_KEY.get_secret_value() if env.LLM_SPARE_BASE_URL else first.key
    second = _endpoint(Provider(address, env.LLM_SPARE_MODEL, "", key), "chat", env.LLM_SPARE_PRICES)
    breaker = _breakers.setdefault((first.place, first.model), Breaker(time.monotonic))
    # Asking the same one again would only use up the time in which the other can answer.
    return FallbackBrain(_model(first, tries=1), _model(second, tries=1), breaker, patience=env.LLM_PATIENCE)


def model_for(own: dict[str, Provider]) -> OpenAIBrain | None:
    """The language model alone, for what is asked in the background; None where there is only the demo brain, or where
    its key or address is of no use. Call it on the loop that will use it."""
    endpoint = endpoint_for(own)
    try:
        return _openai(endpoint, of_member="llm" in own) if endpoint is not None else None
    except BrainError:
        return None


def first_brain_for(own: dict[str, Provider]) -> Brain | None:
    """The brain a channel is asked first, with none behind it and nothing learned for others from its trouble; None
    where there is only the demo brain. Call it on the loop that will use it."""
    first = endpoint_for(own)
    return _model(first, of_member="llm" in own) if first is not None else None


def endpoint_for(own: dict[str, Provider]) -> ChatEndpoint | None:
    """Where a channel with these providers of its own asks first; None where there is only the demo brain."""
    provider = provider_for("llm", own)
    if provider is None or "llm" in own:
        return replace(_endpoint(provider), of_member=True) if provider is not None else None
    return _endpoint(provider, settings.ENV.LLM_API, settings.ENV.LLM_PRICES)


def _endpoint(provider: Provider, api: API = "chat", prices: Prices | None = None) -> ChatEndpoint:
    url, key = provider.base_url, provider.api_key or NO_KEY
    price = Price(*prices) if prices else None
    return ChatEndpoint(url, key, provider.model, is_own=is_near(url), api=api, price=price)


def _model(endpoint: ChatEndpoint, *, of_member: bool = False, tries: int = TRIES) -> Brain:
    try:
        return _openai(endpoint, of_member=of_member, tries=tries)
    except BrainError as error:
        # A key or an address of no use ends replies, with the reason, and not the channel's run.
        return FaultyBrain(endpoint.model, error)


def _openai(endpoint: ChatEndpoint, *, of_member: bool, tries: int = TRIES) -> OpenAIBrain:
    return OpenAIBrain(
        endpoint,
        _client(of_member),
        book=_book,
        experience=_experience,
        deadlines=Deadlines(),
        tries=tries,
        identifier_salt=_salt(),
    )


def speech_for(own: dict[str, Provider]) -> OpenAISpeech | PiperSpeech | None:
    """The speech provider alone, without the built-in voices behind it. Call it on the loop that will use it."""
    config = speech_config(own)
    if config is None:
        return None
    kind = PiperSpeech if config.model == piper.MODEL else OpenAISpeech
    return kind(config, _client("speech" in own))


def moderation_for(own: dict[str, Provider]) -> Moderation | None:
    """The moderation endpoint, where one is configured. Call it on the loop that will use it."""
    return _asking("moderation", own, Moderation)


def judge_for(own: dict[str, Provider]) -> Judge | None:
    """The judge, where one is configured. Call it on the loop that will use it."""
    return _asking("judge", own, Judge)


def consistency_judge_for(own: dict[str, Provider]) -> Judge | None:
    """The same endpoint, asked whether answers agree. Call it on the loop that will use it."""
    return _asking("judge", own, partial(Judge, budget=consistency.BUDGET_SECONDS, inquiry=consistency.INQUIRY))


def judging_endpoint(kind: str, own: dict[str, Provider]) -> ChatEndpoint | None:
    """Where moderation or judge of a channel with these providers is asked; None where none is configured."""
    provider = provider_for(kind, own)
    if provider is None:
        return None
    prices = settings.ENV.JUDGE_PRICES if kind == "judge" and kind not in own else None
    return replace(_endpoint(provider, prices=prices), of_member=kind in own)


def _asking(kind: str, own: dict[str, Provider], make: Callable[[ChatEndpoint, httpx2.AsyncClient], A]) -> A | None:
    endpoint = judging_endpoint(kind, own)
    return make(endpoint, _client(kind in own)) if endpoint is not None else None


def embeddings() -> Embeddings | None:
    """The platform's embeddings endpoint, where one is set. Call it on the loop that will use it."""
    env = settings.ENV
    if not env.EMBEDDINGS_BASE_URL:
        return None
    key, url = env.EMBEDDINGS_API_KEY.get_secret_value() or NO_KEY, env.EMBEDDINGS_BASE_URL
    return Embeddings(ChatEndpoint(url, key, env.EMBEDDINGS_MODEL, is_own=is_near(url)), _client(False))


async def close_clients() -> None:
    """Closes the HTTP clients of this loop, for loops that end before their process does."""
    clients = _clients.pop(asyncio.get_running_loop(), None)
    if clients is not None:
        await clients.platform.aclose()
        await clients.members.aclose()


def speech_config(own: dict[str, Provider]) -> SpeechConfig | None:
    """Where a channel with these providers of its own speaks; None where only the built-in voices do."""
    provider = provider_for("speech", own)
    if provider is None:
        return None
    key, url = provider.api_key or NO_KEY, provider.base_url
    of_member = "speech" in own
    return SpeechConfig(
        url,
        key,
        provider.model,
        provider.voice,
        is_own=is_near(url),
        of_member=of_member,
        price=None if of_member else settings.ENV.SPEECH_PRICE,
    )


def _voice(providers: dict[str, Provider], channel: str = "") -> FallbackVoice:
    """`channel`: public id of the one whose run it speaks for. Call it on the loop that will speak."""
    config = speech_config(providers)
    bound = partial(_bounded_voice, config, channel) if config is not None and channel else None
    return build_voice(config, _client("speech" in providers), bound=bound)


def _bounded_voice(config: SpeechConfig, channel: str, voice: Voice) -> Voice:
    most = 0 if config.of_member else settings.ENV.SPEECH_CONCURRENCY
    return BoundedVoice(voice, channel, turnstile_of("voice", config.base_url, most))


def _client(of_member: bool) -> httpx2.AsyncClient:
    """The shared client of this loop: the platform's own, or the one for addresses that members typed in."""
    loop = asyncio.get_running_loop()
    clients = _clients.get(loop)
    if clients is None:
        guarded = GuardedTransport(at_home=settings.ENV.is_loopback)
        clients = _clients[loop] = _Clients(
            shared_http_client(trusted=tls_context()), shared_http_client(transport=guarded)
        )
    return clients.members if of_member else clients.platform


def _salt() -> bytes:
    """Makes chatters recognisable to a provider's abuse checks and to nobody else."""
    return hashlib.sha256(f"identifier:{settings.SECRET_KEY}".encode()).digest()
