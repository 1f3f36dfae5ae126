"""Which voices there are, for the dashboard's list, and the one voice of a channel built from them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from urllib.parse import urlsplit

import httpx2

from workers.pipeline.ports import Voice
from workers.pipeline.values import VoiceSpec
from workers.voice import espeak, hibari, piper, prices
from workers.voice.espeak import VARIANTS, EspeakVoice
from workers.voice.espeak_pool import shared_pool
from workers.voice.fallback import Breaker, Choice, FallbackVoice, Speaks
from workers.voice.language import script_of, spoken_language
from workers.voice.loudness import Levels
from workers.voice.openai_speech import OpenAISpeech, SpeechConfig
from workers.voice.pitch import PACES, Pitched
from workers.voice.prices import FREE as FREE
from workers.voice.prices import UNKNOWN, Cost

ENGINES = ("auto", "openai", "piper", "hibari", "espeak")
PUBLISHED_VOICES = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse",
)  # fmt: skip
"""Names of the original endpoint and of servers that take its models' names; others tell their own."""


PITCHES = (0.5, 2.0)
"""What a persona may ask for."""
FIRST_MAKER = "api.openai.com"
"""Its voices' names are published, and servers that take its models' names have them too."""
ESPEAK_LUFS = {"": -19.0, "annie": -19.0, "bright": -19.8, "soft": -20.2, "linda": -17.3, "deep": -20.2}
HIBARI_LUFS = {"": -26.2, "heart": -26.2}
"""How loud the built-in voices speak by themselves, measured with `loudness.integrated`."""


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """One line of the dashboard's list."""

    engine: str
    name: str
    languages: tuple[str, ...]
    """Language tags; ("*",) speaks every language."""
    label: str
    cost: Cost | None
    """None where unknown."""
    placeholder: bool = False
    """A voice to try things with; say so beside it."""
    pitches: tuple[float, float] = PITCHES
    """The lowest and the highest pitch it reaches."""
    paces: tuple[float, float] | None = PACES
    """How slowly and how fast its engine speaks. A pitch is made by speaking slower or faster, so at pitch p its speeds
    are these times p; None where the pitch leaves the speed alone."""


def voices(speech: SpeechConfig | None = None, offered: Sequence[str] = ()) -> list[VoiceInfo]:
    """Everything a persona can choose with this configuration, the best first. `offered`: what its server lists."""
    found = [VoiceInfo("auto", "", ("*",), "Automatic: the best voice for each language", None)]
    if speech is not None and speech.model == piper.MODEL:
        language = _language_of(speech.voice)
        found.append(VoiceInfo("piper", "", (language or "*",), f"{speech.voice or 'Piper'} (your own server)", FREE))
        others = [name for name in offered if name != speech.voice]
        languages = {name: (_language_of(name) or "*",) for name in others}
        found += [VoiceInfo("piper", name, languages[name], f"{name} (your own server)", FREE) for name in others]
    elif speech is not None:
        cost = cost_of(speech)
        is_original = speech.model in prices.models() or urlsplit(speech.base_url).hostname == FIRST_MAKER
        names = dict.fromkeys((speech.voice, *(offered or (PUBLISHED_VOICES if is_original else ()))))
        found += [VoiceInfo("openai", name, ("*",), f"{name} ({speech.model})", cost) for name in names]
    if hibari.available():
        label = "Heart (built in, English)"
        found.append(VoiceInfo("hibari", "heart", ("en",), label, FREE, pitches=hibari.PITCHES, paces=hibari.PACES))
    found += [
        VoiceInfo(
            "espeak",
            name,
            ("*",),
            f"{name.capitalize()} (built in, robot, placeholder)",
            FREE,
            placeholder=True,
            pitches=espeak.PITCHES,
            paces=None,
        )
        for name in VARIANTS
    ]
    return found


def cost_of(speech: SpeechConfig) -> Cost | None:
    """What a speech model costs at its address, None when unknown."""
    if speech.model == piper.MODEL:
        return FREE
    if speech.price is not None:
        return Cost(speech.price, prices.SET_HERE, "")
    return FREE if speech.is_own else prices.cost(urlsplit(speech.base_url).hostname or "", speech.model)


def build_voice(
    speech: SpeechConfig | None = None,
    http_client: httpx2.AsyncClient | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
    bound: Callable[[Voice], Voice] | None = None,
) -> FallbackVoice:
    """The voice of one channel: the provider where configured, hibari for English, espeak-ng for everything.

    `http_client` is shared by all channels, follows no redirects, and is needed with `speech`. `bound` keeps the
    provider's voice within what it may be asked at once. Raises VoiceError or
    ValueError on an unusable configuration.
    """
    choices: list[Choice] = []
    if speech is not None:
        if http_client is None:
            raise ValueError("A speech provider needs the shared HTTP client.")
        choices.append(_provider(speech, http_client, Breaker(clock), bound or _unbounded))
    local = _built_in()
    if hibari.available():
        choices.append(Choice("hibari", local.hibari, _english, Breaker(clock), local.hibari_levels))
    choices.append(Choice("espeak", local.espeak, _anything, Breaker(clock), local.espeak_levels))
    return FallbackVoice(choices)


def warm() -> None:
    """Starts the built-in voices in the background (0.1 to 1 s), so that the first sentence of a run need not wait."""
    shared_pool().warm()
    if hibari.available():
        hibari.warm()


class _BuiltIn:
    """The voices of this machine: stateless but for their levels, so all channels share them."""

    def __init__(self) -> None:
        self.espeak, self.hibari = EspeakVoice(), hibari.HibariVoice()
        self.espeak_levels, self.hibari_levels = Levels(ESPEAK_LUFS), Levels(HIBARI_LUFS)


@lru_cache(maxsize=256)
def _levels_of(source: str) -> Levels:
    """What was learned of a provider's voices outlives a reloaded persona."""
    return Levels()


@cache
def _built_in() -> _BuiltIn:
    return _BuiltIn()


def _unbounded(voice: Voice) -> Voice:
    return voice


def _provider(
    speech: SpeechConfig, http_client: httpx2.AsyncClient, breaker: Breaker, bound: Callable[[Voice], Voice]
) -> Choice:
    """The provider's place in the order. Its levels outlive this voice, since a reloaded persona makes a new one."""
    source = f"{speech.base_url} {speech.model} {speech.voice}"
    levels = _levels_of(source)
    if speech.model == piper.MODEL:
        own, speaks = Pitched(bound(piper.PiperSpeech(speech, http_client))), _named_language(speech.voice)
        return Choice(piper.MODEL, own, speaks, breaker, levels, source=source, model=speech.model)
    cost = cost_of(speech)
    price = replace(cost.price if cost else UNKNOWN, own=speech.of_member)
    return Choice(
        "openai",
        Pitched(bound(OpenAISpeech(speech, http_client))),
        _anything,
        breaker,
        levels,
        costs=True,
        price=price,
        source=source,
        configured=speech.voice,
        model=speech.model,
    )


def _language_of(voice: str) -> str:
    """The language a piper voice is named for: ru_RU-irina-medium speaks "ru". Empty where the name tells nothing."""
    language, sign, _ = voice.partition("_")
    return language.lower() if sign and len(language) in (2, 3) else ""


def _named_language(configured: str) -> Speaks:
    """A piper voice speaks the language it is named for: the persona's voice, else the configured one."""

    def speaks(text: str, voice: VoiceSpec) -> bool:
        language = _language_of(voice.name or configured)
        return not language or spoken_language(voice.language, text) == language

    return speaks


def _anything(text: str, voice: VoiceSpec) -> bool:
    return True


def _english(text: str, voice: VoiceSpec) -> bool:
    return spoken_language(voice.language, text) == "en" and script_of(text) in {"LATIN", ""}
