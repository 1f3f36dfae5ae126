"""Fixed lines are synthesised once."""

from __future__ import annotations

from tests.workers.voice.listening import clip
from workers.pipeline.values import Audio, PhoneTime, VoiceSpec
from workers.voice.cache import ClipCache
from workers.voice.espeak import EspeakVoice
from workers.voice.espeak_pool import EspeakPool
from workers.voice.fallback import Choice, FallbackVoice

FIXED = VoiceSpec(fixed_line=True)
TEXT = "Let's talk about something else."


def voice_with(clips: ClipCache, pool: EspeakPool) -> FallbackVoice:
    return FallbackVoice([Choice("espeak", EspeakVoice(pool), lambda text, language: True)], clips)


async def test_a_fixed_line_is_the_same_clip_with_the_same_mouth_the_second_time(pool: EspeakPool) -> None:
    clips = ClipCache()
    first = await clip(voice_with(clips, pool), TEXT, FIXED)
    pool.close()
    again = await clip(voice_with(clips, pool), TEXT, FIXED)
    assert again == first
    assert any(part.phones for part in again)
    assert (clips.hits, clips.misses) == (1, 1)


async def test_another_text_or_way_of_speaking_is_another_clip(pool: EspeakPool) -> None:
    clips = ClipCache()
    voice = voice_with(clips, pool)
    await clip(voice, TEXT, FIXED)
    await clip(voice, TEXT, VoiceSpec(fixed_line=True, speed=1.5))
    await clip(voice, "New topic, please.", FIXED)
    assert (clips.hits, clips.misses) == (0, 3)


async def test_what_a_model_wrote_is_not_kept(pool: EspeakPool) -> None:
    clips = ClipCache()
    await clip(voice_with(clips, pool), TEXT)
    assert (clips.bytes, clips.hits, clips.misses) == (0, 0, 0)


def test_the_least_recently_used_clip_makes_room() -> None:
    clips = ClipCache(most_bytes=2000)
    for name in ("a", "b"):
        clips.put((name,), (Audio(bytes(900)),))
    assert clips.get(("a",)) is not None
    clips.put(("c",), (Audio(bytes(900)),))
    assert clips.get(("b",)) is None
    assert clips.get(("a",)) is not None
    assert clips.bytes <= 2000


def test_a_clip_that_is_too_long_is_not_kept_and_timings_count() -> None:
    clips = ClipCache(most_bytes=1000)
    clips.put(("long",), (Audio(bytes(1001)),))
    clips.put(("timed",), (Audio(bytes(10), tuple(PhoneTime("a", 0, 1) for _ in range(20))),))
    assert clips.bytes == 0
    clips.put(("same",), (Audio(bytes(400)),))
    clips.put(("same",), (Audio(bytes(300)),))
    assert clips.bytes == 300
