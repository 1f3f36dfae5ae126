"""The demo brain talks like a character one would put on stream: it knows people, varies, and streams like a model."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.variety import distinct_triples
from tests.workers.brain.requests import LUNA, ask, event, said
from workers.brain.scripted import INTERJECTION_WORDS, TOKEN_PAUSE, ScriptedBrain
from workers.pipeline.ports import Brain
from workers.pipeline.repetition import sentences_in
from workers.pipeline.values import Chatter, EventKind, Exchange, ReplyRequest


class Pauses:
    """Takes the pauses down instead of waiting."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def brain(seed: int = 0, hour: int = 20) -> ScriptedBrain:
    return ScriptedBrain(seed=seed, sleep=Pauses(), hour=lambda at: hour)


async def tell(made: Brain, request: ReplyRequest) -> str:
    return "".join([delta async for delta in made.reply(request)])


async def tell_each(made: Brain, requests: Sequence[ReplyRequest]) -> list[str]:
    return [await tell(made, request) for request in requests]


async def test_a_line_is_streamed_in_small_deltas_20_to_40_ms_apart() -> None:
    pauses = Pauses()
    deltas = [delta async for delta in ScriptedBrain(sleep=pauses).reply(ask("hello"))]
    assert len(deltas) >= 8
    assert max(len(delta) for delta in deltas) <= 8
    assert len(pauses.seconds) == len(deltas)
    assert all(TOKEN_PAUSE[0] <= pause <= TOKEN_PAUSE[1] for pause in pauses.seconds)
    assert TOKEN_PAUSE == (0.020, 0.040)


async def test_cancelling_stops_it_and_the_meter() -> None:
    held = asyncio.Event()
    heard: list[str] = []

    async def hold(seconds: float) -> None:
        if len(heard) == 2:
            held.set()
            await asyncio.Event().wait()

    reply = ScriptedBrain(sleep=hold).reply(ask("hello"))

    async def listen() -> None:
        async for delta in reply:
            heard.append(delta)  # noqa: PERF401 (what was heard before cancelling must be kept)

    listener = asyncio.create_task(listen())
    await held.wait()
    listener.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listener
    assert len(heard) == 2
    assert reply.usage.completion_tokens == 2
    assert reply.usage.cost_micros == 0


async def test_it_names_the_chatter_in_the_language_of_the_message() -> None:
    english = await tell_each(brain(), [ask("hello", name="Mia")] * 6)
    russian = await tell_each(brain(), [ask("привет", name="Миа", language="ru")] * 6)
    assert sum("Mia" in line for line in english) >= 5
    assert sum("Миа" in line for line in russian) >= 5
    assert all(any("а" <= letter <= "я" for letter in line) for line in russian)


async def test_a_chatter_whose_name_may_not_be_said_is_a_friend() -> None:
    lines = await tell_each(brain(), [ask("hello", name="someone")] * 8)
    assert any("friend" in line for line in lines)
    assert not any("someone" in line for line in lines)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 99),
    texts=st.lists(
        st.sampled_from(["hello", "how are you?", "my cat is blue", "why?", "🎉"]), min_size=25, max_size=25
    ),
    language=st.sampled_from(["en", "ru"]),
)
def test_no_line_comes_again_within_ten_turns(seed: int, texts: list[str], language: str) -> None:
    lines = asyncio.run(tell_each(brain(seed), [ask(text, language=language) for text in texts]))
    for index, line in enumerate(lines):
        assert line not in lines[max(0, index - 10) : index]


TALK = {
    "en": ("hello", "how are you?", "what is your name?", "tell me a joke", "I love jazz", "my cat is blue", "lol"),
    "ru": ("привет", "как дела?", "как тебя зовут?", "расскажи шутку", "я люблю джаз", "мой кот рыжий", "ахаха"),
}


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_in_fifty_turns_of_talk_no_sentence_comes_twice(language: str) -> None:
    made, history, spoken = brain(), list[Exchange](), list[str]()
    for turn in range(50):
        # Another brain halfway, as after a restart: it knows only what was heard.
        made = brain() if turn == 25 else made
        text, name = TALK[language][turn % 7], f"Mia{turn % 9}"
        line = await tell(made, ask(text, history=history, language=language, name=name))
        spoken.append(re.sub(r"^\[\w+\] ", "", line))
        history.append(said(text, spoken[-1], name=name, chatter_id=name))
    sentences = [part for line in spoken for part in sentences_in(line) if len(part.split()) > INTERJECTION_WORDS]
    assert len(sentences) == len(set(sentences))
    assert distinct_triples(spoken) > 0.8


@pytest.mark.parametrize("kind", [EventKind.FOLLOW, EventKind.RAID, EventKind.SUB, EventKind.CHEER])
async def test_even_a_flood_of_the_same_event_is_thanked_in_fresh_words(kind: EventKind) -> None:
    lines = await tell_each(brain(), [ask(events=[event("", kind, amount=5)])] * 30)
    for index, line in enumerate(lines):
        assert line not in lines[max(0, index - 10) : index]


async def test_a_greeting_from_someone_known_recalls_what_they_said_last() -> None:
    history = [said("I love dark souls"), said("thanks"), said("my dog is red", chatter_id="2", name="Bo")]
    line = await tell(brain(), ask("hello", history=history))
    assert "I love dark souls" in line
    assert "dog" not in line


async def test_asked_whether_she_remembers_she_quotes() -> None:
    line = await tell(brain(), ask("помнишь меня?", history=[said("мой кот рыжий", "Ого!")], language="ru"))
    assert "мой кот рыжий" in line


async def test_asked_by_a_stranger_whether_she_remembers_she_invents_nothing() -> None:
    line = await tell(brain(), ask("do you remember me?", history=[said("my dog is red", chatter_id="2")]))
    assert "dog" not in line


async def test_after_a_restart_she_does_not_say_again_what_was_just_heard() -> None:
    heard: list[str] = []
    for _ in range(4):  # each time a brain that knows nothing but the conversation
        history = [said("hello", re.sub(r"\[\w+\]\s*", "", reply)) for reply in heard]
        heard.append(await tell(brain(), ask("hello", history=history)))
    assert len(set(heard)) == 4


async def test_the_same_thing_is_not_recalled_at_every_turn() -> None:
    history = [said("I love dark souls")]
    lines = await tell_each(brain(), [ask("hello", history=history)] * 5)
    assert sum("dark souls" in line for line in lines) == 1


async def test_it_quotes_the_words_it_cannot_place() -> None:
    lines = await tell_each(brain(), [ask("purple elephants dance")] * 12)
    assert any("purple elephants dance" in line for line in lines)


@pytest.mark.parametrize(
    ("asked", "heard"),
    [
        (event("", EventKind.CHEER, amount=500), "500 bits"),
        (event("", EventKind.GIFT, amount=5), "5 gifted subs"),
        (event("", EventKind.RAID, amount=42), "42 raiders"),
        (event("", EventKind.REDEMPTION, title="Hydrate!"), "Hydrate"),
        (event("", EventKind.TIP, amount=500, title="$5"), "$5"),
    ],
)
async def test_an_event_is_answered_with_its_own_figures(asked: object, heard: str) -> None:
    lines = await tell_each(brain(), [ask(events=[asked])] * 4)  # type: ignore[list-item]
    assert sum(heard in line for line in lines) >= 2
    assert all("Mia" in line or "raiders" in line for line in lines)


async def test_say_x_says_a_clean_x() -> None:
    line = await tell(brain(), ask("Luna, say bananas are blue!! http://evil.example"))
    assert "bananas are blue" in line.lower()
    assert "evil" not in line


@pytest.mark.parametrize(("hour", "words"), [(7, "Good morning"), (14, "Good afternoon"), (20, "Good evening")])
async def test_she_knows_the_time_of_day(hour: int, words: str) -> None:
    lines = await tell_each(brain(hour=hour), [ask("hello", name=f"Mia{turn}") for turn in range(8)])
    assert any(words in line for line in lines)


async def test_the_same_seed_gives_the_same_talk_and_another_seed_another() -> None:
    talk = [ask("hello"), ask("how are you?"), ask("tell me a joke"), ask("hm")] * 3
    first, second, other = [await tell_each(brain(seed), talk) for seed in (1, 1, 2)]
    assert first == second
    assert first != other


async def test_channels_do_not_use_up_each_others_lines() -> None:
    alone = await tell_each(brain(), [ask("hello", channel="a")] * 5)
    made = brain()
    mixed = []
    for _ in range(5):
        mixed.append(await tell(made, ask("hello", channel="a")))
        await tell(made, ask("hello", channel="b"))
    assert mixed == alone


async def test_it_is_labelled_and_counts_what_it_used() -> None:
    made = brain()
    reply = made.reply(ask("hello there"))
    assert made.label == "demo brain"
    deltas = [delta async for delta in reply]
    assert reply.usage.completion_tokens == len(deltas)
    assert reply.usage.prompt_tokens == 3


async def test_a_fact_she_brings_up_by_herself_is_one_short_line() -> None:
    fact = "The lighthouse stream runs every Friday\n" + "and the crew sings along with it " * 5
    line = await tell(brain(), ask(events=[event(fact, EventKind.IDLE)], persona=LUNA))
    assert "The lighthouse stream runs every Friday and the crew" in line
    assert "\n" not in line
    assert len(line.partition("] ")[2]) <= 220


@settings(max_examples=60)
@given(
    text=st.text(max_size=200), name=st.text(max_size=40), title=st.text(max_size=60), kind=st.sampled_from(EventKind)
)
def test_whatever_comes_she_has_one_short_tagged_line(text: str, name: str, title: str, kind: EventKind) -> None:
    chatter = Chatter(id="9", name=name)
    request = ask(events=[event(text, kind, chatter=chatter, title=title, amount=3)], persona=LUNA)
    line = asyncio.run(tell(brain(), request))
    assert line.startswith("[")
    assert len(line.partition("] ")[2]) <= 220
    assert "\n" not in line
