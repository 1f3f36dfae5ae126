"""The clips the mouth is judged on: voices that tell when each phone is spoken, and that it was never trained with.

English by the built-in neural voice (hibari), Russian by festival's recorded speaker (`apt-get install festival
festvox-ru`). Our own sentences; nothing of the set is kept in the repository.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.mouth_training import engines
from benchmarks.replies import REPLIES
from workers.pipeline.values import SAMPLE_RATE, VoiceSpec
from workers.voice.hibari import HibariVoice
from workers.voice.pcm import Resampler, to_float

ENGLISH = (
    *REPLIES,
    "Pumpkin pie, maple bubbles, and a bumpy bus ride: that was my whole summer.",
    "Whoever brought the bagpipes, please step away from the microphone.",
    "Five of the wolves vanished before we even lit the fire.",
    "Shall we measure the treasure, or just jump into the river with it?",
    "Thank you both for the three thousand thoughtful things you said.",
    "My mother moved the map, so nobody knows where home is.",
    "Hey! Keep your paws off my popcorn, Bob.",
    "The judge gave a huge grin, pushed the big red button, and left.",
    "Why would a unicorn wear yellow yoga pants on a Wednesday?",
    "Look, I can cook; I just cannot cook anything you would want to eat.",
    "Go left at the bakery, past the pub, up the steps, and stop at the blue gate.",
    "Who knew that a quiet evening could end with an angry pelican?",
)
RUSSIAN = (
    "Привет, чат! Сегодня мы будем ловить привидений в старом особняке.",
    "Бабушка испекла большой пирог, а мама помыла всю посуду.",
    "Подожди минуту, я пытаюсь вспомнить пароль от сундука.",
    "Спасибо за подписку, друг мой! Теперь ты официально часть нашей пиратской команды.",
    "Если бы у меня были руки, я бы обязательно похлопала.",
    "Вчера ночью мне приснился медведь, который играл на барабане.",
    "Почему все мои планы начинаются с пельменей и заканчиваются взрывом?",
    "Побеждает не тот, кто быстрее, а тот, кто вовремя выпил чаю.",
    "Ух ты, какой меткий выстрел! Повтори, пожалуйста.",
    "Мы заблудились, и это моя любимая часть вечера.",
    "Пять минут назад здесь был мост.",
    "Кто съел последнее печенье? Я никого не обвиняю, но я всё видела.",
    "Дождь за окном шумит так, будто хлопает целый стадион.",
    "Хорошо, давай попробуем ещё раз, только теперь без паники.",
    "Фиолетовый дракон живёт в шкафу и боится пылесоса.",
    "Мой любимый цвет зависит от погоды, а погода зависит от настроения.",
)
RAW = {"en": "**{}** 😂✨ *waves at chat*", "ru": "**{}** 😅🔥"}
"""A sentence as language models write it; the voice says it without the ornaments."""
TEMPOS = (0.8, 1.25)
WORD_GAP = 0.090
SILENT_DB = 32.0
"""Under the clip's mean level."""
FRAME = 0.010


@dataclass(frozen=True, slots=True)
class Truth:
    """One clip: sound at the house rate, its text, and each sound with its times."""

    engine: str
    language: str
    text: str
    samples: npt.NDArray[np.float32]
    sounds: engines.Timed

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def clips(folder: Path, speed: float = 1.0, *, most: int = 99) -> Iterator[Truth]:
    """Every clip at a speed, made now or read from `folder` where it was made before. At most so many of each."""
    for number, text in enumerate(ENGLISH[:most]):
        yield _kept(folder / f"hibari-{number:02}-{speed}.npz", "hibari", "en", text, speed)
    if shutil.which("festival") is None:
        return
    for number, text in enumerate(RUSSIAN[:most]):
        yield _kept(folder / f"festival-{number:02}-{speed}.npz", "festival", "ru", text, speed)


def _kept(file: Path, engine: str, language: str, text: str, speed: float) -> Truth:
    if not file.exists():
        samples, sounds = _hibari(text, speed) if engine == "hibari" else _festival(text, speed)
        file.parent.mkdir(parents=True, exist_ok=True)
        starts, ends, names = zip(*sounds, strict=True)
        np.savez(file, samples=samples, starts=np.array(starts), ends=np.array(ends), names=np.array(names))
    with np.load(file) as z:
        rows = zip(z["starts"].tolist(), z["ends"].tolist(), z["names"].tolist(), strict=True)
        return Truth(engine, language, text, z["samples"], [(start, end, str(name)) for start, end, name in rows])


def _hibari(text: str, speed: float) -> tuple[npt.NDArray[np.float32], engines.Timed]:
    async def speak() -> tuple[bytes, list[tuple[float, float, list[str] | None]]]:
        parts = [part async for part in HibariVoice().speak(text, VoiceSpec("hibari", speed=speed))]
        phones = [phone for part in parts for phone in part.phones]
        pcm = b"".join(part.pcm for part in parts)
        return pcm, [(phone.start, phone.end, engines.ipa(phone.phone)) for phone in phones]

    pcm, phones = asyncio.run(speak())
    samples = to_float(pcm)
    return samples, list(_plain(engines.laid_out(phones), samples))


def _plain(sounds: engines.Timed, samples: npt.NDArray[np.float32]) -> Iterator[tuple[float, float, str]]:
    """The neural voice's times without what they do not tell.

    A word's end has a unit of its own although it is mostly not silent: not judged. The sound before a pause is given
    part of the pause: what is silent there is silence.
    """
    floor = float(np.sqrt((samples**2).mean())) * 10 ** (-SILENT_DB / 20)
    for index, (start, end, name) in enumerate(sounds):
        if name == "sil" and end - start < WORD_GAP and 0 < index < len(sounds) - 1:
            yield start, end, engines.GAP
            continue
        is_last = index + 1 == len(sounds) or sounds[index + 1][2] == "sil" or sounds[index + 1][0] - end > FRAME
        if name != "sil" and is_last:
            part = samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
            loud = np.flatnonzero(np.abs(part) > floor)
            heard = start + (int(loud[-1]) if len(loud) else 0) / SAMPLE_RATE
            if end - heard > 2 * FRAME:
                yield start, heard, name
                yield heard, end, "sil"
                continue
        yield start, end, name


def _festival(text: str, speed: float) -> tuple[npt.NDArray[np.float32], engines.Timed]:
    spoken = engines.festival(text, "ru", speed)
    resampler = Resampler(spoken.rate)
    return np.concatenate([resampler.feed(spoken.samples), resampler.finish()]), spoken.sounds
