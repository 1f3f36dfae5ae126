"""Of her own accord: how long a silence lasts, what she talks about, and what ends it. On virtual time."""

from __future__ import annotations

import asyncio
import itertools
import random
from statistics import quantiles

import pytest

from tests.fakes.line import TalkingBrain
from tests.virtual_time import VirtualClock, run, virtual
from tests.workers.brain.requests import ask
from tests.workers.pipeline.chat import director, message
from tests.workers.pipeline.test_turn import Setting
from workers.brain.idle_lines import LINES
from workers.brain.idle_topics import own_topics, topics_of
from workers.brain.prompt import build_messages
from workers.brain.scripted import ScriptedBrain
from workers.own_words import give_way
from workers.pipeline.bell import Bell
from workers.pipeline.director import Choice, Director
from workers.pipeline.idle import ALONE_SECONDS, NOBODY, TOPIC_REST, IdleTalk, topic, topic_of
from workers.pipeline.turn import begin, take_turn
from workers.pipeline.values import EventKind, StreamEvent

SILENCE, SPEECH = 30, 7.0


def idle(seconds: int = SILENCE, *, language: str = "en", description: str = "", now: float = 0.0) -> IdleTalk:
    made = IdleTalk(rng=random.Random(1))
    made.use(seconds, topics_of(language, description, ["Streams every Friday."], ""))
    made.stir(now)
    made.company(now)
    return made


def chosen() -> Choice:
    choice = idle().choice(SILENCE)
    assert choice is not None
    return choice


def hours(talk: IdleTalk, room: Director, seconds: float, *, company: float = 600.0) -> list[tuple[float, Choice]]:
    """What she says within so many seconds, asked again whenever she wants to be; somebody writes now and then."""
    now, said, seen = 0.0, [], 0.0
    while now < seconds:
        if now - seen >= company:
            talk.company(now)
            seen = now
        choice = talk.choice(now) if room.may_talk(now) else None
        if choice is not None:
            room.count(choice, now)
            said.append((now, choice))
            now += SPEECH
            room.answered(choice, now)
            talk.stir(now)
        wait = talk.next_wake(now)
        now += min(wait if wait is not None else company, company)
    return said


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_silence_is_long_and_no_topic_comes_twice_in_twenty_minutes(language: str) -> None:
    said = hours(idle(language=language), director(), 3 * 3600)
    silences = [later - earlier - SPEECH for (earlier, _a), (later, _b) in itertools.pairwise(said)]
    assert len(said) > 250
    assert quantiles(silences, n=20)[-1] <= 45
    told: dict[str, float] = {}
    for at, choice in said:
        key = choice.events[0].title
        assert at - told.get(key, -TOPIC_REST) >= TOPIC_REST
        told[key] = at
    assert len({choice.text for _at, choice in said}) > 40


def test_off_is_off_and_an_empty_house_is_left_in_peace() -> None:
    assert hours(idle(0), director(), 3600) == []
    alone = hours(idle(), director(), 4 * 3600, company=5 * 3600)
    assert alone[-1][0] <= ALONE_SECONDS
    assert len(alone) > 80


def test_it_counts_as_a_reply_and_waits_behind_whoever_waits() -> None:
    room = director(replies_per_minute=1)
    said = hours(idle(20), room, 600)
    assert all(later - earlier >= 60 for (earlier, _a), (later, _b) in itertools.pairwise(said))
    waiting = director()
    waiting.offer(message("@Mika hello"), 0)
    assert not waiting.may_talk(0)


def test_the_next_run_knows_what_was_told() -> None:
    first = hours(idle(), director(), TOPIC_REST / 2)
    second = idle()
    second.recall([(topic_of(choice.events[0].id), at) for at, choice in first])
    keys = {choice.events[0].title for at, choice in hours(second, director(), TOPIC_REST / 2)}
    assert not keys & {choice.events[0].title for _at, choice in first}


def test_topics_are_who_she_is_the_channel_the_stream_and_ours() -> None:
    found = topics_of("en", "Mika runs a radio in a lighthouse. Short.", ["Streams on Fridays"], "It was about cats.")
    kinds = {each.kind for each in found}
    assert kinds == {"own", "persona", "channel", "stream"}
    assert {each.text for each in found if each.kind == "persona"} == {"Mika runs a radio in a lighthouse."}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_our_lines_are_enough_differ_and_can_be_spoken(language: str) -> None:
    lines = [each.text for each in own_topics(language)]
    assert len(set(lines)) == len(LINES[language]) >= TOPIC_REST / (20 + SPEECH)
    assert max(map(len, lines)) <= 120


async def said_by(brain: ScriptedBrain, text: str, language: str) -> str:
    event = StreamEvent("i", EventKind.IDLE, NOBODY, text, 0.0)
    return "".join([delta async for delta in brain.reply(ask(events=[event], language=language))])


@virtual
async def test_the_demo_brain_says_our_line_or_brings_up_the_fact() -> None:
    brain = ScriptedBrain()
    for language in ("en", "ru"):
        own = own_topics(language)[3].text
        assert (await said_by(brain, own, language)).endswith(own)
        fact = "Streams on Fridays."
        assert fact in await said_by(brain, fact, language)


def test_a_model_is_told_that_nobody_called_and_what_to_talk_about() -> None:
    choice = chosen()
    last = build_messages(ask(events=list(choice.events)))[-1].content
    assert "nobody has called you" in last
    assert choice.text in last
    assert '"from"' not in last


@pytest.mark.parametrize("sent", [1, 2])
def test_somebody_calls_and_she_stops_with_the_sentence(sent: int) -> None:
    """However many sentences the overlay has been sent already."""

    async def talk() -> None:
        setting = Setting(brain=TalkingBrain("[happy] One is the first. Two is the second. Three is the last of them."))
        line = setting.line(VirtualClock)
        log = begin(line, chosen())
        floor, opened = Bell(), asyncio.get_running_loop().create_future()
        floor.set()
        opened.set_result(True)
        task = asyncio.create_task(take_turn(line, log, (), opened=opened, floor=floor))
        while len(log.starts) < sent:
            await asyncio.sleep(0.05)
        await give_way(log, task)
        await asyncio.gather(task, return_exceptions=True)
        assert log.heard == "One is the first."
        assert (log.outcome, log.reason) == ("interrupted", "somebody called her")

    run(talk())


def test_a_topic_has_the_same_key_in_every_run() -> None:
    assert topic("own", "Tea.") == topic("own", "Tea.") != topic("own", "Coffee.")


def test_company_wakes_her_where_she_was_alone_and_at_no_other_time() -> None:
    idle = IdleTalk(rng=random.Random(1))
    idle.use(60, [topic("own", "the weather")])
    assert idle.company(0.0)
    assert not idle.company(1.0)
    assert idle.company(2.0 + ALONE_SECONDS)
    idle.use(0, ())
    assert not idle.company(10 * ALONE_SECONDS)
