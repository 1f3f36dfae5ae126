"""The built-in English voice, with its real model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tests.workers.voice.listening import clip, length, loudness, pitch_of, sound_of
from workers.pipeline.ports import VoiceError
from workers.pipeline.values import SAMPLE_RATE, VoiceSpec
from workers.voice.hibari import DURATION_TENSOR, HibariVoice, with_output

TEXT = "Papa bought maps for my mum today."


async def test_it_speaks_as_long_as_a_person_would_need() -> None:
    sound = sound_of(await clip(HibariVoice(), TEXT))
    assert 1.5 < length(sound) < 4
    assert loudness(sound) > 0.03


async def test_lips_close_where_the_sound_is_quiet() -> None:
    parts = await clip(HibariVoice(), TEXT)
    sound = sound_of(parts)
    phones = [phone for part in parts for phone in part.phones]

    def level(start: float, end: float) -> float:
        return float(np.sqrt((sound[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)] ** 2).mean()))

    stops = [level(phone.start, phone.end) for phone in phones if phone.phone in {"p", "b"}]
    vowels = [level(phone.start, phone.end) for phone in phones if phone.phone in {"ɑ", "æ", "ɔ", "aɪ", "eɪ"}]
    assert len(stops) >= 4
    assert np.median(stops) < np.median(vowels) / 2


@pytest.mark.parametrize("text", ["Hello, who are you?", "Well now, I am Mira, your host."])
async def test_no_sound_lasts_into_the_silence_after_it(text: str) -> None:
    parts = await clip(HibariVoice(), text)
    sound = sound_of(parts)
    loud = np.abs(sound) > 0.02 * np.abs(sound).max()
    for phone in (phone for part in parts for phone in part.phones if phone.phone):
        tail = loud[int(phone.start * SAMPLE_RATE) : int(phone.end * SAMPLE_RATE)]
        if tail.any():
            assert (len(tail) - np.flatnonzero(tail)[-1]) / SAMPLE_RATE < 0.09


async def test_words_point_at_their_letters_across_sentences() -> None:
    text = "Hello there. My mum is happy."
    words = [word for part in await clip(HibariVoice(), text) for word in part.words]
    assert [text[word.begin : word.end] for word in words] == ["Hello", "there.", "My", "mum", "is", "happy."]
    assert sorted(word.start for word in words) == [word.start for word in words]


async def test_numbers_spoken_as_several_words_give_no_false_word_times() -> None:
    parts = await clip(HibariVoice(), "It costs 1234 dollars.")
    assert [word for part in parts for word in part.words] == []


async def test_phones_of_a_second_sentence_follow_those_of_the_first() -> None:
    parts = await clip(HibariVoice(), "Hello there. Bob is here.")
    starts = [phone.start for part in parts for phone in part.phones]
    assert starts == sorted(starts)
    assert max(phone.end for part in parts for phone in part.phones) <= length(sound_of(parts)) + 0.01


async def test_a_higher_voice_is_no_faster() -> None:
    normal, high = [sound_of(await clip(HibariVoice(), TEXT, VoiceSpec(pitch=pitch))) for pitch in (1.0, 1.2)]
    assert length(high) == pytest.approx(length(normal), rel=0.12)
    assert pitch_of(high) > pitch_of(normal) * 1.1


async def test_the_same_text_sounds_the_same() -> None:
    first, second = [sound_of(await clip(HibariVoice(), TEXT)) for _ in range(2)]
    np.testing.assert_array_equal(first, second)


async def test_text_without_words_is_an_error() -> None:
    with pytest.raises(VoiceError) as error:
        await clip(HibariVoice(), "  ")
    assert error.value.code == "nothing_to_say"


def test_an_inner_tensor_is_exposed_by_appending_to_the_model() -> None:
    import hibari.voices

    model = Path(hibari.voices.voice_path("heart")).read_bytes()
    exposed = with_output(model, DURATION_TENSOR)
    session = onnxruntime.InferenceSession(exposed, providers=["CPUExecutionProvider"])
    assert [output.name for output in session.get_outputs()][-1] == DURATION_TENSOR
