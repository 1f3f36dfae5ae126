"""Voices that know no pitch, made higher and lower: as long as before, in tune, without a seam."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import httpx2
import numpy as np
import pytest

from tests.fakes.piper import SECONDS_A_LETTER, PiperServer
from tests.fakes.provider import ProviderServer
from tests.workers.voice.listening import clip, length, sound_of
from workers.pipeline.values import SAMPLE_RATE, Audio, PhoneTime, VoiceSpec, WordTime
from workers.voice.catalogue import build_voice
from workers.voice.openai_speech import SpeechConfig
from workers.voice.pcm import Samples, split, to_pcm
from workers.voice.pitch import Pitched

TEXT = "mama mia"


class Tone:
    """A voice that hums `hertz` for a second at speed 1, in parts of odd size, and remembers what it was asked."""

    label = "tone"

    def __init__(self, hertz: float) -> None:
        self._hertz, self.asked = hertz, list[VoiceSpec]()

    async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        self.asked.append(voice)
        over = 1 / voice.speed
        time = np.arange(round(SAMPLE_RATE * over)) / SAMPLE_RATE
        pcm = to_pcm((0.4 * np.sin(2 * np.pi * self._hertz * time)).astype(np.float32))
        phones: tuple[PhoneTime, ...] = (PhoneTime("m", 0.25 * over, 0.5 * over),)
        words: tuple[WordTime, ...] = (WordTime(0, 4, 0.25 * over),)
        for part in split(pcm, 0.0371):
            yield Audio(part[:333], phones, words)
            yield Audio(part[333:])
            phones, words = (), ()


def hertz_of(sound: Samples) -> float:
    """Frequency of a pure tone, by its zero crossings."""
    crossings = np.flatnonzero((sound[:-1] < 0) & (sound[1:] >= 0))
    return float((len(crossings) - 1) * SAMPLE_RATE / (crossings[-1] - crossings[0]))


@pytest.mark.parametrize("pitch", [0.5, 0.77, 0.95, 1.05, 1.3, 2.0])
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
async def test_the_pitch_changes_and_the_length_is_what_the_speed_asks_for(pitch: float, speed: float) -> None:
    voice = Tone(400)
    parts = await clip(Pitched(voice), TEXT, VoiceSpec(speed=speed, pitch=pitch))
    sound = sound_of(parts)
    made = round(SAMPLE_RATE / voice.asked[0].speed)
    assert len(sound) == round(made * 100 / round(pitch * 100))
    assert length(sound) == pytest.approx(1 / speed, abs=1 / SAMPLE_RATE)
    assert hertz_of(sound[50:-50]) == pytest.approx(400 * pitch, rel=0.001)
    (phone,) = [phone for part in parts for phone in part.phones]
    (word,) = [word for part in parts for word in part.words]
    assert (phone.start, phone.end, word.start) == pytest.approx((0.25 / speed, 0.5 / speed, 0.25 / speed))


async def test_nothing_clicks_where_parts_meet() -> None:
    sound = sound_of(await clip(Pitched(Tone(400)), TEXT, VoiceSpec(pitch=1.3)))
    time = np.arange(len(sound)) / SAMPLE_RATE
    assert np.abs(sound - 0.4 * np.sin(2 * np.pi * 520 * time))[50:-50].max() < 0.004


async def test_what_rises_above_the_ear_is_gone_and_not_folded_back() -> None:
    sound = sound_of(await clip(Pitched(Tone(9000)), TEXT, VoiceSpec(pitch=2.0)))
    assert np.abs(sound[500:-500]).max() < 0.01


async def test_an_engine_at_its_limit_keeps_the_pitch_and_lets_the_speed_go() -> None:
    voice = Tone(400)
    sound = sound_of(await clip(Pitched(voice), TEXT, VoiceSpec(speed=2.0, pitch=0.25)))
    assert voice.asked[0].speed == 4.0
    assert hertz_of(sound[50:-50]) == pytest.approx(100, rel=0.01)
    assert length(sound) == pytest.approx(1.0, abs=0.001)


async def test_at_its_own_pitch_a_voice_is_left_alone() -> None:
    voice, spec = Tone(400), VoiceSpec(speed=1.25)
    assert await clip(Pitched(voice), TEXT, spec) == await clip(voice, TEXT, spec)
    assert voice.asked == [spec, spec]


async def test_a_piper_server_sings_higher_with_its_phones_in_time(http_client: httpx2.AsyncClient) -> None:
    with PiperServer() as server:
        voice = build_voice(SpeechConfig(server.base_url, "none", "piper", "en_US-lessac-medium"), http_client)
        spec = VoiceSpec(engine="piper", speed=0.8, pitch=1.25)
        parts = await clip(voice, TEXT, spec)
    assert server.requests[0]["length_scale"] == pytest.approx(1.25 / 0.8, abs=0.001)
    each = SECONDS_A_LETTER / 0.8
    spoken = sound_of(parts)[round(2 * each * SAMPLE_RATE) : round(8 * each * SAMPLE_RATE)]
    assert hertz_of(spoken) == pytest.approx(220 * 1.25, rel=0.01)
    phones = [phone for part in parts for phone in part.phones if phone.phone]
    assert [phone.phone for phone in phones] == list("mamamia")
    assert phones[-1].end - phones[0].start == pytest.approx(8 * each, abs=0.005)


async def test_a_compatible_server_is_asked_for_the_speed_that_the_pitch_needs(
    http_client: httpx2.AsyncClient,
) -> None:
    with ProviderServer() as provider:
        voice = build_voice(SpeechConfig(provider.base_url, "k", "local-voice", "luna"), http_client)
        for pitch in (1.0, 0.8):
            await clip(voice, TEXT, VoiceSpec(engine="openai", pitch=pitch))
    assert [request.body.get("speed") for request in provider.requests_to("/audio/speech")] == [None, 1.25]
