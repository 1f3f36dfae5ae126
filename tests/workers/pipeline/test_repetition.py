"""Nobody hears the same sentence twice within fifty turns, whatever the model comes up with."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.variety import distinct_triples
from tests.workers.brain.requests import ask, said
from workers.pipeline.ports import BrainError
from workers.pipeline.repetition import (
    RESTING_TURNS,
    Repetition,
    Said,
    Sieve,
    habits,
    sentences_in,
    words,
)
from workers.pipeline.sentences import SentenceReader
from workers.pipeline.values import Exchange, ReplyRequest, Sentence

JOKE = "Why did the crab never share its lunch? Because it was a little shellfish, obviously."


class Model:
    """Answers with one reply after the other, and keeps what it was asked."""

    def __init__(self, replies: Sequence[str | BrainError]) -> None:
        self.replies = list(replies)
        self.asked: list[ReplyRequest] = []

    async def __call__(self, request: ReplyRequest) -> AsyncGenerator[Sentence, None]:
        self.asked.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, BrainError):
            raise reply
        reader = SentenceReader("Luna")
        for letter in reply:
            for sentence in reader.feed(letter):
                yield sentence
        for sentence in reader.finish():
            yield sentence


async def speak(
    model: Model, history: Sequence[Exchange] = (), *, repetition: Repetition | None = None, name: str = "Mia"
) -> str:
    """What is spoken of the reply."""
    made = (repetition or Repetition()).without(ask("hi", history=history, name=name), model)
    return " ".join([sentence.text async for sentence in made])


@pytest.mark.parametrize(
    ("past", "new", "repeats"),
    [
        ("I love the old train station.", "I love the old train station!", True),
        ("I love the old train station.", "i LOVE the old, train station", True),
        ("Welcome in, Mia, grab a seat!", "Welcome in, Bob, grab a seat!", True),
        ("Ёлка стоит в углу.", "Елка стоит в углу!", True),
        (JOKE, "Because it was a little shellfish, obviously!", True),
        (JOKE, "Why did the crab never ever share its lunch?", False),
        (JOKE, "So why did the crab never share its lunch with anybody?", True),
        ("I love the old train station.", "I love the new bus stop.", False),
        ("Thank you!", "Thank you so much!", False),
        ("Hello.", "...", False),
    ],
)
def test_the_same_and_nearly_the_same_are_known_again(past: str, new: str, repeats: bool) -> None:
    known = Said([said("x", past, name="Mia")], ["Bob"])
    assert known.repeats(new) is repeats


async def test_a_repeated_sentence_is_left_out_and_the_rest_is_spoken() -> None:
    model = Model(["Honestly, I like rain. The roof sings along tonight."])
    assert await speak(model, [said("x", "Honestly, I like rain.")]) == "The roof sings along tonight."
    assert len(model.asked) == 1


async def test_a_new_sentence_that_begins_like_an_old_one_is_spoken_whole() -> None:
    model = Model(["Honestly, I like snow better."])
    assert await speak(model, [said("x", "Honestly, I like rain.")]) == "Honestly, I like snow better."


def test_a_new_beginning_does_not_wait_for_its_end() -> None:
    sieve = Sieve(Said([said("x", "Honestly, I like rain.")]))
    assert [piece.text for piece in sieve.feed(Sentence("Well, well,"))] == ["Well, well,"]
    assert sieve.feed(Sentence("what have we here?")) != []
    assert sieve.feed(Sentence("Honestly,")) == [], "this one may become what she has said"
    assert [piece.text for piece in sieve.feed(Sentence("no."))] == ["Honestly,", "no."]


async def test_within_one_reply_nothing_comes_twice_either() -> None:
    assert await speak(Model(["On we go. On we go. On we go."])) == "On we go."


async def test_a_reply_of_nothing_new_is_asked_for_again_with_the_word_why() -> None:
    model = Model(["I like rain.", "I like thunder."])
    assert await speak(model, [said("x", "I like rain.")]) == "I like thunder."
    assert model.asked[1].avoid == ("I like rain.",)


async def test_a_model_that_knows_one_line_is_heard_all_the_same_and_not_asked_twice_each_time() -> None:
    repetition, history = Repetition(), [said("x", "I like rain.")]
    model = Model(["I like rain."] * 40)
    assert await speak(model, history, repetition=repetition) == "I like rain."
    assert len(model.asked) == 2
    for _ in range(RESTING_TURNS):
        assert await speak(model, history, repetition=repetition) == "I like rain."
    assert len(model.asked) == 2 + RESTING_TURNS
    await speak(model, history, repetition=repetition)
    assert len(model.asked) == 2 + RESTING_TURNS + 2


async def test_when_the_second_question_fails_the_first_answer_is_spoken() -> None:
    failure = BrainError("down", code="llm_reset", retryable=True)
    assert await speak(Model(["I like rain.", failure]), [said("x", "I like rain.")]) == "I like rain."


async def test_a_failure_is_told_as_before() -> None:
    with pytest.raises(BrainError):
        await speak(Model([BrainError("down", code="llm_reset", retryable=True)]))


@given(st.lists(st.sampled_from(["I like rain. ", "Well, no! ", "Hm, maybe so: ", "yes ", "And you? "]), max_size=8))
def test_nothing_new_is_lost_and_nothing_known_is_spoken(parts: list[str]) -> None:
    text = "".join(parts)
    spoken = sentences_in(asyncio.run(speak(Model([text, text]))))
    plain = [words(sentence) for sentence in spoken]
    assert len(plain) == len(set(plain))
    heard = Said([said("x", " ".join(spoken))])
    assert all(heard.repeats(sentence) for sentence in sentences_in(text) if sentence)


async def test_fifty_turns_of_a_model_that_loves_its_own_lines() -> None:
    """It draws sentences with repetition, as a small model does; asked again, it takes others."""
    chance = random.Random(7)
    subjects = ["the harbour", "my lamp", "a comet", "that boss", "this soup", "your cat", "the moon", "old radio"]
    verbs = ["hums like", "looks better than", "reminds me of", "would beat", "owes money to", "dreams about"]
    pool = [f"{a.capitalize()} {verb} {b}." for a in subjects for verb in verbs for b in subjects if a != b]
    chance.shuffle(pool)
    favourites, others = [f"Oh wow, {sentence[0].lower()}{sentence[1:]}" for sentence in pool[:25]], pool[25:]
    history: list[Exchange] = []
    repetition = Repetition()
    offered, spoken = list[str](), list[str]()
    model = Model([])
    for turn in range(50):
        offered.append(" ".join(chance.choices(favourites, k=2)))
        model.replies = [offered[-1], f"{others.pop()} {others.pop()}"]
        name = f"Viewer{turn % 9}"
        text = await speak(model, history, repetition=repetition, name=name)
        spoken.append(text)
        history.append(said("hi", text, chatter_id=name, name=name))
    sentences = [part for text in spoken for part in text.replace("!", ".").split(". ") if part]
    plain = [sentence.strip(". ").casefold() for sentence in sentences]
    assert all(spoken), "she answers every time"
    assert len(plain) == len(set(plain)), "no sentence comes twice"
    assert distinct_triples(spoken) > 1.5 * distinct_triples(offered)
    found = habits(history)
    assert "oh wow" in found.openings


def test_worn_out_openings_and_phrases_are_found_without_names() -> None:
    history = [
        said("x", f"Oh wow, {name}, that is what I call a plan number {turn}.", name=name)
        for turn, name in enumerate(["Mia", "Bob", "Ann"])
    ]
    found = habits(history)
    assert found.openings == ("oh wow",)
    assert any("that is what i call a plan" in phrase for phrase in found.phrases)
    assert "mia" not in str(found)
    assert habits(history[:1]) == habits([])
