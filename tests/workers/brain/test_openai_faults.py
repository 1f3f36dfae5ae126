"""Every fault of a provider ends a reply in time, with a reason a person can act on and no secret in it."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.fakes.provider import (
    DEFAULT_REPLY,
    ProviderServer,
    Script,
    Timings,
    empty,
    malformed,
    reply,
    reset,
    slow,
    stall,
    status,
    stream_error,
)
from tests.workers.brain.conftest import CALM, QUICK, MakeBrain
from tests.workers.brain.requests import ask
from workers.brain import wire
from workers.brain.capabilities import CapabilityBook, Refusal
from workers.brain.endpoint import Deadlines
from workers.brain.openai_chat import OpenAIBrain
from workers.pipeline.ports import BrainError


async def listen(brain: OpenAIBrain) -> str:
    return "".join([delta async for delta in brain.reply(ask())])


async def fault_of(brain: OpenAIBrain) -> BrainError:
    with pytest.raises(BrainError) as caught:
        await listen(brain)
    return caught.value


@pytest.mark.parametrize(
    ("script", "code", "retryable", "asked"),
    [
        (status(401), "llm_unauthorised", False, 1),
        (status(403), "llm_unauthorised", False, 1),
        (status(402), "llm_out_of_credit", False, 1),
        (status(404), "llm_unknown_model", False, 1),
        (status(400, message="The roof is on fire"), "llm_bad_request", False, 1),
        (status(429, retry_after=2), "llm_rate_limited", True, 1),
        (status(429, retry_after=0.1), "llm_rate_limited", True, 2),
        (status(500), "llm_server_error", True, 2),
        (status(503, retry_after=30), "llm_server_error", True, 1),
        (reset(), "llm_reset", True, 2),
        (reset(after=3), "llm_reset", True, 1),
        (malformed(), "llm_malformed", True, 2),
        (malformed(after=3), "llm_malformed", True, 1),
        (stream_error(), "llm_server_error", True, 2),
        (stream_error(after=3), "llm_server_error", True, 1),
        (empty(), "llm_empty", True, 2),
        (reply("  \n "), "llm_empty", True, 1),
        (stall(), "llm_timeout", True, 1),
        (stall(after=3), "llm_stalled", True, 1),
    ],
)
async def test_a_fault_has_its_code_and_is_retried_only_where_it_may_help(
    make_brain: MakeBrain, provider: ProviderServer, script: Script, code: str, retryable: bool, asked: int
) -> None:
    provider.chat.default = script
    waits = code in {"llm_timeout", "llm_stalled"}
    # A busy machine must not turn another fault into a late answer.
    deadlines = QUICK if waits else CALM
    began = asyncio.get_running_loop().time()
    error = await fault_of(make_brain(deadlines=deadlines))
    assert (error.code, error.retryable) == (code, retryable)
    assert len(provider.requests) == asked
    assert asyncio.get_running_loop().time() - began < deadlines.first_token + deadlines.between_tokens + 0.5
    assert "sk-tenant" not in str(error)


@pytest.mark.parametrize("script", [status(500), status(429, retry_after=0.1), reset(), malformed(), empty()])
async def test_a_passing_fault_before_the_first_word_is_not_heard(
    make_brain: MakeBrain, provider: ProviderServer, script: Script
) -> None:
    provider.chat.queue(script)
    assert await listen(make_brain()) == DEFAULT_REPLY


async def test_retry_after_is_handed_on(make_brain: MakeBrain, provider: ProviderServer) -> None:
    provider.chat.queue(status(429, retry_after=7))
    assert (await fault_of(make_brain())).retry_after == 7


async def test_a_reply_that_drags_on_ends_at_its_total_deadline(
    make_brain: MakeBrain, provider: ProviderServer
) -> None:
    provider.timings = Timings(tokens_per_second=20)
    error = await fault_of(make_brain(deadlines=Deadlines(first_token=0.5, between_tokens=0.3, total=0.6)))
    assert error.code == "llm_timeout"
    assert "finish within 0.6 s" in str(error)


async def test_a_late_first_word_gives_up_in_time(make_brain: MakeBrain, provider: ProviderServer) -> None:
    provider.chat.queue(slow(Timings(first_token=30)))
    assert "begin within 0.5 s" in str(await fault_of(make_brain(deadlines=QUICK)))
    await provider.until(lambda: provider.requests[0].cancelled_at is not None)


async def test_an_address_where_nobody_listens_is_named(make_brain: MakeBrain) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await fault_of(make_brain(url=f"http://127.0.0.1:{taken.getsockname()[1]}/v1"))
    assert error.code == "llm_unreachable"
    assert "127.0.0.1" in str(error)


async def test_the_providers_words_are_quoted_without_keys(make_brain: MakeBrain, provider: ProviderServer) -> None:
    provider.chat.queue(status(400, message="bad sk-proj-abc123 and sk-tenant-secret here"))
    message = str(await fault_of(make_brain()))
    assert "here" in message
    assert "abc123" not in message
    assert "tenant" not in message


async def test_a_refused_field_is_dropped_once_and_remembered(make_brain: MakeBrain, provider: ProviderServer) -> None:
    provider.rejected_parameters = frozenset({"temperature", "max_tokens", "stream_options"})
    book = CapabilityBook()
    assert await listen(make_brain(book=book)) == DEFAULT_REPLY
    assert len(provider.requests) == 4
    assert await listen(make_brain(book=book)) == DEFAULT_REPLY
    assert len(provider.requests) == 5
    last = provider.requests[-1].body
    assert "max_completion_tokens" in last
    assert not {"temperature", "max_tokens", "stream_options"} & last.keys()


async def test_what_was_learned_is_known_to_the_next_process(make_brain: MakeBrain, provider: ProviderServer) -> None:
    provider.rejected_parameters = frozenset({"temperature", "max_tokens"})
    kept: list[Refusal] = []
    await listen(make_brain(book=CapabilityBook(kept.append)))
    assert [refusal.field for refusal in kept] == ["max_tokens", "temperature"]
    assert provider.base_url not in str(kept)
    later = CapabilityBook(kept.append)
    later.recall(kept)
    asked = len(provider.requests)
    await listen(make_brain(book=later))
    assert len(provider.requests) == asked + 1
    assert len(kept) == 2


async def test_what_one_model_refuses_another_still_gets(make_brain: MakeBrain, provider: ProviderServer) -> None:
    book = CapabilityBook()
    provider.rejected_parameters = frozenset({"temperature"})
    await listen(make_brain(book=book, model="strict"))
    provider.rejected_parameters = frozenset()
    await listen(make_brain(book=book, model="lax"))
    assert "temperature" in provider.requests[-1].body


async def test_a_refusal_that_names_none_of_our_fields_is_not_repeated(
    make_brain: MakeBrain, provider: ProviderServer
) -> None:
    provider.chat.default = status(400, parameter="messages", message="Invalid messages")
    assert (await fault_of(make_brain())).code == "llm_bad_request"
    assert len(provider.requests) == 1


async def test_a_failed_reply_costs_nothing_when_it_was_refused(
    make_brain: MakeBrain, provider: ProviderServer
) -> None:
    provider.chat.default = status(401)
    made = make_brain().reply(ask())
    with pytest.raises(BrainError):
        await anext(aiter(made))
    assert made.usage.prompt_tokens == 0


@pytest.mark.parametrize("choice", ["a word", None, 7, []])
def test_a_choice_that_is_no_object_says_nothing(choice: object) -> None:
    assert wire.read_chat({"choices": [choice]}) == wire.Piece()
