"""When the first model fails or is slow, the second answers; who is broken is left alone and tried again with care."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import pytest

from tests.clock import Clock
from tests.fakes.line import TalkingBrain
from tests.fakes.provider import ProviderServer, Script, Timings, reply, reset, slow, stall, status, stream_error
from tests.workers.brain.conftest import MakeBrain
from tests.workers.brain.requests import ask
from workers.brain.breaker import FIRST_REST, TROUBLE, Breaker
from workers.brain.fallback import FallbackBrain, FallbackReply
from workers.pipeline.ports import BrainError


@pytest.fixture
def other() -> Iterator[ProviderServer]:
    with ProviderServer(answer=lambda body: "I am the other one.") as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def both(make_brain: MakeBrain, other: ProviderServer, clock: Clock) -> FallbackBrain:
    """Two providers as one, and all the time a busy machine may need."""
    first = make_brain(model="first", tries=1)
    second = make_brain(model="second", url=other.base_url, key="other-key", tries=1)
    return FallbackBrain(first, second, Breaker(clock), patience=5, first_token=10)


async def listen(brain: FallbackBrain) -> tuple[str, FallbackReply]:
    made = brain.reply(ask())
    return "".join([delta async for delta in made]), made


async def test_the_first_speaks_while_it_is_well(
    both: FallbackBrain, provider: ProviderServer, other: ProviderServer
) -> None:
    text, made = await listen(both)
    assert "Hello there" in text
    assert (made.label, made.detour) == ("first", "")
    assert other.requests == []


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (status(500), "llm_server_error"),
        (status(401), "llm_unauthorised"),
        (reset(), "llm_reset"),
        (reply(" "), "llm_empty"),
        (stall(), "llm_timeout"),
        (slow(Timings(first_token=30)), "llm_timeout"),
    ],
)
async def test_the_second_steps_in_before_the_first_word_and_the_reason_is_kept(
    both: FallbackBrain, provider: ProviderServer, other: ProviderServer, script: Script, code: str
) -> None:
    provider.chat.default = script
    both.patience = 0.2 if code == "llm_timeout" else 5
    text, made = await listen(both)
    assert text.strip() == "I am the other one."
    assert made.label == "second"
    assert made.detour.startswith(code)
    assert len(other.requests) == 1
    assert other.requests[0].headers["Authorization"] == "Bearer other-key"


async def test_a_first_that_is_only_slow_may_still_win_and_the_other_is_hung_up_on(
    both: FallbackBrain, provider: ProviderServer, other: ProviderServer
) -> None:
    provider.timings, both.patience = Timings(first_token=0.4), 0.1
    other.chat.default = stall()
    text, made = await listen(both)
    assert "Hello there" in text
    assert (made.label, made.detour) == ("first", "")
    await other.until(lambda: other.requests[0].cancelled_at is not None)
    assert made.usage.prompt_tokens > provider.till.prompt, "who was hung up on is paid all the same"


async def test_after_the_first_word_nobody_steps_in(
    both: FallbackBrain, provider: ProviderServer, other: ProviderServer
) -> None:
    provider.chat.queue(stream_error(after=3))
    heard: list[str] = []

    async def hear() -> None:
        async for delta in both.reply(ask()):
            heard.append(delta)  # noqa: PERF401 (what was heard before the fault must be kept)

    with pytest.raises(BrainError, match="gave up"):
        await hear()
    assert heard
    assert other.requests == []


async def test_both_together_have_no_more_time_than_one(
    both: FallbackBrain, provider: ProviderServer, other: ProviderServer
) -> None:
    provider.chat.default = other.chat.default = stall()
    both.patience, both.first_token = 0.1, 0.5
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(BrainError) as failed:
        await listen(both)
    assert failed.value.code == "llm_timeout"
    assert loop.time() - began < 2


async def test_when_both_fail_the_first_ones_reason_is_told(
    both: FallbackBrain, provider: ProviderServer, other: ProviderServer
) -> None:
    provider.chat.default, other.chat.default = status(402), status(500)
    with pytest.raises(BrainError) as failed:
        await listen(both)
    assert failed.value.code == "llm_out_of_credit"


async def test_the_broken_one_is_left_alone_then_tried_with_one_reply(
    both: FallbackBrain, provider: ProviderServer, other: ProviderServer, clock: Clock
) -> None:
    provider.chat.default = status(500)
    for _ in range(TROUBLE):
        await listen(both)
    assert len(provider.requests) == TROUBLE
    _text, made = await listen(both)
    assert len(provider.requests) == TROUBLE, "it is not asked while it rests"
    assert made.detour.startswith("llm_server_error")

    clock.now += FIRST_REST
    await asyncio.gather(listen(both), listen(both), listen(both))
    assert len(provider.requests) == TROUBLE + 1, "one reply tries it, the others go past"
    clock.now += FIRST_REST
    await listen(both)
    assert len(provider.requests) == TROUBLE + 1, "the second rest is longer"

    provider.chat.default = reply("Back again.")
    clock.now += FIRST_REST
    assert (await listen(both))[0] == "Back again."
    assert (await listen(both))[1].label == "first"


async def test_a_listener_who_leaves_hangs_up_on_both(
    both: FallbackBrain, provider: ProviderServer, other: ProviderServer, clock: Clock
) -> None:
    both.patience = 0.1
    provider.chat.default = other.chat.default = stall()
    listener = asyncio.create_task(listen(both))
    await other.until(lambda: len(other.requests) == 1)
    listener.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listener
    for server in (provider, other):
        await server.until(lambda server=server: server.requests[0].cancelled_at is not None)  # type: ignore[misc]
    assert both.breaker.may_ask()


async def test_a_try_that_ends_in_a_fault_of_ours_is_made_again(clock: Clock) -> None:
    first = TalkingBrain(label="first", first=0, error=LookupError("a fault"))
    both = FallbackBrain(first, TalkingBrain(label="second", first=0), Breaker(clock), patience=5)
    both.breaker.failed("llm_unauthorised: no", for_good=True)
    clock.now += FIRST_REST
    with pytest.raises(LookupError):
        await listen(both)
    first.error = None
    assert (await listen(both))[1].label == "first"


def test_a_try_that_nobody_waited_for_is_made_again() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    breaker.failed("llm_unauthorised: no", for_good=True)
    assert not breaker.may_ask()
    clock.now += FIRST_REST
    assert breaker.may_ask()
    assert not breaker.may_ask()
    breaker.left()
    assert breaker.may_ask()
