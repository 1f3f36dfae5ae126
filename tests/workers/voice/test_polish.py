"""The last touch on a voice: how its sound is cut into parts, whatever way it came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from tests.virtual_time import virtual
from workers.pipeline.ports import VoiceError
from workers.pipeline.values import SAMPLE_RATE, Audio, PhoneTime
from workers.voice.loudness import VoiceLevel
from workers.voice.pcm import seconds, to_float, to_pcm
from workers.voice.polish import LONGEST_PART_SECONDS, SHORTEST_PART_SECONDS, USUAL_PART_SECONDS, polish

TONE = to_pcm((np.sin(np.arange(3 * SAMPLE_RATE) / 7) * 0.16).astype(np.float32))


async def streamed(chunk: float, speed: float, pcm: bytes = TONE) -> AsyncIterator[Audio]:
    """Sound that comes `speed` times as fast as it is heard."""
    size = round(chunk * SAMPLE_RATE) * 2
    for begin in range(0, len(pcm), size):
        at = begin / 2 / SAMPLE_RATE
        yield Audio(pcm[begin : begin + size], phones=(PhoneTime("a", at, at + chunk),))
        await asyncio.sleep(chunk / speed)


async def parts_of(chunk: float, speed: float) -> list[Audio]:
    return [part async for part in polish(streamed(chunk, speed), VoiceLevel(-19.0))]


@virtual
async def test_the_first_parts_come_at_once_and_later_ones_are_worth_their_work() -> None:
    lengths = [seconds(part.pcm) for part in await parts_of(0.040, 4.0)]
    assert lengths[:3] == pytest.approx([0.04] * 3)
    assert min(lengths[20:-2]) >= USUAL_PART_SECONDS
    assert len(lengths) < 40


@virtual
async def test_a_voice_that_is_made_while_it_is_spoken_is_passed_on_as_it_comes() -> None:
    lengths = [seconds(part.pcm) for part in await parts_of(0.040, 1.0)]
    assert lengths[:-2] == pytest.approx([0.04] * len(lengths[:-2]))


@virtual
async def test_what_was_made_before_a_voice_failed_is_heard() -> None:
    async def breaking() -> AsyncIterator[Audio]:
        async for part in streamed(0.040, 20.0):
            yield part
        raise VoiceError("It broke.", code="voice_reset", retryable=True)

    heard = bytearray()

    async def listen() -> None:
        async for part in polish(breaking(), VoiceLevel(-19.0)):
            heard.extend(part.pcm)

    with pytest.raises(VoiceError):
        await listen()
    assert len(heard) == len(TONE)


@virtual
@pytest.mark.parametrize("chunk", [0.001, 0.0333, 0.5])
async def test_the_sound_is_the_same_however_it_came(chunk: float) -> None:
    parts = await parts_of(chunk, 20.0)
    sound = b"".join(part.pcm for part in parts)
    assert np.abs(to_float(sound[: len(TONE)]) - to_float(TONE)).max() < 0.02
    assert all(SHORTEST_PART_SECONDS <= seconds(part.pcm) <= LONGEST_PART_SECONDS + 0.001 for part in parts[:-1])
    assert len([phone for part in parts for phone in part.phones]) == -(-len(TONE) // (round(chunk * SAMPLE_RATE) * 2))
