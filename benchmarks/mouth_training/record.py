"""Lets the engines speak the texts and keeps sound and truth in a folder, about an hour of it.

python -m benchmarks.mouth_training.record FOLDER
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.mouth_training import engines
from benchmarks.mouth_training.engines import Spoken
from benchmarks.mouth_training.texts import sentences
from workers.mouth.sounds import NUMBER

SEED = 1
SPEEDS = (0.8, 0.95, 1.1, 1.3)
PIPER, FESTIVAL_ENGLISH, FLITE, FESTIVAL_OTHER, ESPEAK = 240, 60, 60, 55, 22
"""Sentences of each voice."""
ESPEAK_LANGUAGES = ("en-us", "ru", "de", "es", "fr")
ESPEAK_VARIANTS = ("annie", "linda", "deep", "bright")

UNKNOWN = 255
"""Class of stretches nothing is learned from."""

Order = Callable[[float], Coroutine[Any, Any, Spoken]]


def main() -> None:
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(_record(target))


async def _record(target: Path) -> None:
    rng = random.Random(SEED)
    for number, order in enumerate(_orders()):
        file = target / f"{number:04}.npz"
        speed = rng.choice(SPEEDS)
        if file.exists():
            continue
        spoken = await order(speed)
        np.savez(
            file,
            engine=spoken.engine,
            samples=(spoken.samples * 32767).astype(np.int16),
            rate=spoken.rate,
            starts=np.array([start for start, _, _ in spoken.sounds], np.float32),
            ends=np.array([end for _, end, _ in spoken.sounds], np.float32),
            classes=np.array([NUMBER.get(name, UNKNOWN) for _, _, name in spoken.sounds], np.uint8),
        )


def _orders() -> list[Order]:
    orders = [_piper(text) for text in sentences("en", PIPER, SEED)]
    for seed, voice in enumerate(engines.FLITE, start=2):
        orders += [_flite(text, voice) for text in sentences("en", FLITE, seed)]
    for seed, language in enumerate(("en-slt", "en-kal"), start=6):
        orders += [_festival(text, language) for text in sentences("en", FESTIVAL_ENGLISH, seed)]
    for language in ("it", "cs", "fi", "ca"):
        orders += [_festival(text, language) for text in sentences(language, FESTIVAL_OTHER, SEED)]
    for seed, variant in enumerate(ESPEAK_VARIANTS, start=10):
        for language in ESPEAK_LANGUAGES:
            orders += [_espeak(text, language, variant) for text in sentences(language[:2], ESPEAK, seed)]
    return orders


def _piper(text: str) -> Order:
    async def order(speed: float) -> Spoken:
        return engines.piper(text, speed)

    return order


def _flite(text: str, voice: str) -> Order:
    async def order(speed: float) -> Spoken:
        return engines.flite(text, voice, speed)

    return order


def _festival(text: str, language: str) -> Order:
    async def order(speed: float) -> Spoken:
        return engines.festival(text, language, speed)

    return order


def _espeak(text: str, language: str, variant: str) -> Order:
    async def order(speed: float) -> Spoken:
        return await engines.espeak(text, language, variant, speed)

    return order


if __name__ == "__main__":
    main()
