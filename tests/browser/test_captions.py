"""Captions against the sound: the word that lights up is the one that is heard, and OBS's own CSS has the last word."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page

from tests.browser.hearing import Browser, Engine
from tests.browser.lips import heard_at
from tests.browser.theatre import HOUSE, Review, Theatre, hear_one, sound_of
from tests.fakes.coded_sound import phoneme_timestamps, word_timestamps, words
from tests.fakes.provider import Script
from tests.fakes.speech_sound import RATE

pytestmark = HOUSE

ANSWERS = (
    "Somewhere behind the harbour a very old lighthouse keeper counts the gulls, one after the other, until it rains. "
    "Then he makes tea for everybody.",
    "Every single evening the baker of our little town throws seven loaves into the river, for luck, as he says. "
    "The ducks agree with him.",
)
WATCH = """
window.__lit = [];
const look = () => {
  const shown = document.querySelector('.captions.is-shown');
  const now = shown && [...shown.querySelectorAll('.now')].find((word) => !word.hidden);
  window.__lit.push([performance.now() / 1000, now ? now.textContent.trim() : '']);
  const text = shown?.firstElementChild;
  if (text) {
    const lines = new Set([...text.children].filter((word) => !word.hidden).map((word) => word.offsetTop));
    window.__most = Math.max(window.__most ?? 0, lines.size);
  }
  setTimeout(() => requestAnimationFrame(look), 0);
};
requestAnimationFrame(look);
"""
"""Notes with each animation frame which word is lit."""
SLACK = 0.060
"""Seconds: two frames of a busy machine, and the steps in which sound and mouth are sent."""
OBS_ADDS_CSS = """
css => {
  const obsCSS = document.createElement('style');
  obsCSS.appendChild(document.createTextNode(css));
  document.querySelector('head').appendChild(obsCSS);
}
"""
"""As obs-browser does it with the text of its box once the page is loaded."""


@pytest.fixture
def told(house: Theatre) -> Iterator[Theatre]:
    """A house with answers of its own, whose voice may tell when its words are said."""
    before, speech = house.provider.answer, house.provider.speech.default
    answers = itertools.cycle(ANSWERS)
    house.provider.answer = lambda _body: next(answers)
    yield house
    house.provider.answer, house.provider.speech.default = before, speech


def with_words(text: str) -> dict[str, Any]:
    return phoneme_timestamps(text) | word_timestamps(text)


async def lit_words(page: Page) -> list[tuple[float, str]]:
    """(page time, word) of each frame since the last call."""
    return [(float(at), str(word)) for at, word in await page.evaluate("window.__lit.splice(0)")]


def errors(review: Review, lit: list[tuple[float, str]], sentences: list[str], slack: float) -> tuple[int, int]:
    """(frames, wrong ones): frames in which a word sounded, and those that did not light a word that may sound then."""
    spoken: list[tuple[float, str]] = []
    begin = 0.0
    for sentence in sentences:
        spoken += [(begin + start, word) for word, start, _end in words(sentence)]
        begin += seconds_of(sentence)
    frames = wrong = 0
    drawn = review.heard.frames
    # Where the page was drawn last: a busy machine's sound stops for a moment, and what is heard is later from then on.
    sounded = np.interp([at for at, _shown in lit], [frame.at for frame in drawn], heard_at(drawn))
    for clock, (_at, shown) in zip(sounded, lit, strict=True):
        position = review.course.position(float(clock) - review.heard.begin)
        if position is None or not spoken[0][0] + slack < position < review.seconds:
            continue
        frames += 1
        may = [word for (start, word), (end, _) in zip(spoken, [*spoken[1:], (review.seconds, "")], strict=True)
               if start - slack <= position < end + slack]  # fmt: skip
        wrong += not any(bare(word) == bare(shown) for word in may)
    return frames, wrong


def seconds_of(sentence: str) -> float:
    return len(sound_of([sentence])) / RATE


def bare(word: str) -> str:
    return re.sub(r"\W", "", word).lower()


async def lit_review(house: Theatre, chromium: Browser) -> tuple[Review, list[tuple[float, str]]]:
    page = await chromium.open(house.url, WATCH)
    await page.state("idle")
    await lit_words(page.page)
    heard = await hear_one(house, page)
    assert page.complaints == []
    return house.review(heard), await lit_words(page.page)


async def test_the_word_that_lights_up_is_the_one_that_is_heard(told: Theatre, chromium: Browser) -> None:
    told.provider.speech.default = Script(events=True, beside=with_words)
    review, lit = await lit_review(told, chromium)
    frames, wrong = errors(review, lit, told.spoken, SLACK)
    assert frames > 100
    assert wrong / frames < 0.05
    late_frames, late = errors(review, [(at - 0.4, word) for at, word in lit], told.spoken, SLACK)
    assert late / late_frames > 0.5, "a light that comes too late would be seen"
    assert len({word for _at, word in lit if word}) > 20


async def test_words_are_found_by_the_mouth_where_the_voice_tells_no_times(told: Theatre, chromium: Browser) -> None:
    review, lit = await lit_review(told, chromium)
    frames, wrong = errors(review, lit, told.spoken, 0.150)
    assert frames > 100
    assert wrong / frames < 0.15


async def test_a_long_sentence_is_shown_page_by_page_and_each_word_lights_up(told: Theatre, engine: Engine) -> None:
    told.provider.speech.default = Script(events=True, beside=with_words)
    async with (
        engine.window(width=300, height=300, painted=False, thirty=True) as square,
        engine.window(width=300, height=100, painted=False, thirty=True) as strip,
    ):
        pages = [await each.open(told.url, WATCH) for each in (square, strip)]
        for page in pages:
            await page.state("idle")
        await hear_one(told, pages[0])
        lit = [{bare(word) for _at, word in await lit_words(page.page)} for page in pages]
        lines = [await page.page.evaluate("window.__most") for page in pages]
    assert 1 <= lines[0] <= 3
    assert 1 <= lines[1] <= 2
    said = {bare(word) for sentence in told.spoken for word, _start, _end in words(sentence)}
    for seen in lit:
        assert len(said - seen) <= 2, "a word may be too short for a frame"


async def test_the_css_of_a_source_in_obs_wins_over_the_chosen_style(house: Theatre, engine: Engine) -> None:
    """With the policy of the page in force, as it is in OBS."""
    house.shell(
        "from channels_app.dashboard.settings_actions import set_captions\n"
        "from channels_app.overlay.caption_style import DEFAULTS\n"
        "set_captions(channel, acting_user=channel.broadcaster, style=DEFAULTS | {'color': '#00ffee', 'size': 'huge'})"
    )
    async with engine.window(width=800, height=800, ear=False, painted=False, thirty=True) as plain:
        page = await plain.open(house.url)
        await page.state("idle")
        chosen = await look(page.page)
        await page.page.evaluate(
            OBS_ADDS_CSS, ":root { --aigirl-caption-color: #ff8800; --aigirl-caption-size: 20px; }"
        )
        own = await look(page.page)
    house.shell("Channel.objects.update(captions=True, caption_style={})")
    assert chosen["color"] == "rgb(0, 255, 238)"
    assert float(chosen["size"].removesuffix("px")) > 50
    assert own == {"color": "rgb(255, 136, 0)", "size": "20px"}
    assert page.complaints == []


async def look(page: Page) -> dict[str, str]:
    found: dict[str, str] = await page.evaluate(
        """() => {
          const { color, fontSize } = getComputedStyle(document.querySelector('.captions'));
          return { color, size: fontSize };
        }"""
    )
    return found
