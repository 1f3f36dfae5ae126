"""What a reply of an OpenAI-compatible model is: streamed text, a cancelled connection, an honest meter."""

from __future__ import annotations

import asyncio
import contextlib

import httpx2
import pytest

from tests.fakes.provider import DEFAULT_REPLY, ProviderServer, reply, reset, stall
from tests.workers.brain.conftest import MakeBrain
from tests.workers.brain.requests import ask
from workers.brain import catalogue
from workers.brain.catalogue import TokenCount, metered, price
from workers.brain.endpoint import ChatEndpoint, Deadlines
from workers.brain.openai_chat import REPLY_CHARACTERS, OpenAIBrain
from workers.pipeline.ports import Brain


async def test_a_reply_arrives_delta_by_delta(make_brain: MakeBrain) -> None:
    deltas = [delta async for delta in make_brain().reply(ask())]
    assert "".join(deltas) == DEFAULT_REPLY
    assert len(deltas) > 5


async def test_nothing_is_sent_before_somebody_listens(make_brain: MakeBrain, provider: ProviderServer) -> None:
    brain: Brain = make_brain()
    assert brain.reply(ask()).usage.prompt_tokens == 0
    assert provider.requests == []
    assert brain.label == "any-model"


async def test_usage_is_the_providers_own_figure(make_brain: MakeBrain, provider: ProviderServer) -> None:
    made = make_brain().reply(ask())
    count = len([delta async for delta in made])
    assert made.usage.completion_tokens == count
    assert made.usage.prompt_tokens > 100
    assert provider.requests[0].body["stream_options"] == {"include_usage": True}


async def test_usage_is_estimated_where_the_provider_sends_none(
    make_brain: MakeBrain, provider: ProviderServer
) -> None:
    provider.chat.queue(reply("Hello there, my friend.", usage=False))
    made = make_brain().reply(ask())
    assert [delta async for delta in made]
    assert made.usage.completion_tokens == 6
    assert made.usage.prompt_tokens > 100
    assert not made.usage.exact


async def test_an_attempt_that_broke_off_is_counted_with_the_one_that_worked(
    make_brain: MakeBrain, provider: ProviderServer
) -> None:
    alone = make_brain().reply(ask())
    assert [delta async for delta in alone]
    provider.chat.queue(reset(after=0))
    twice = make_brain().reply(ask())
    assert [delta async for delta in twice]
    assert twice.usage.prompt_tokens > 1.5 * alone.usage.prompt_tokens
    assert not twice.usage.exact


async def test_an_unknown_model_costs_nothing_and_says_so(make_brain: MakeBrain) -> None:
    made = make_brain().reply(ask())
    assert [delta async for delta in made]
    assert made.usage.cost_micros == 0
    assert not made.usage.exact


def test_a_known_model_costs_its_price() -> None:
    luna = price("api.openai.com", "gpt-6-luna")
    usage = metered(TokenCount(prompt=3000, completion=60, cached=1000, written=1000), luna, exact=True)
    assert usage.cost_micros == round(1000 * 0.10 + 1000 * 0.01 + 1000 * 0.125 + 60 * 0.50)
    assert usage.exact


def test_a_models_name_at_another_provider_has_no_price_of_openai() -> None:
    assert price("models.example", "gpt-6-luna") is None


def test_endings_of_models_are_known() -> None:
    ends = catalogue.last_day("api.openai.com", "gpt-4o-mini")
    assert ends is not None
    assert ends.isoformat() == "2027-01-14"
    assert catalogue.last_day("api.openai.com", "gpt-6-luna") is None


async def test_cancelling_closes_the_connection_and_keeps_the_meter(
    make_brain: MakeBrain, provider: ProviderServer
) -> None:
    provider.chat.queue(stall(after=3))
    made = make_brain(deadlines=Deadlines(10, 10, 10)).reply(ask())
    third = asyncio.Event()

    async def listen() -> None:
        seen = 0
        async for _ in made:
            seen += 1
            if seen == 3:
                third.set()

    listener = asyncio.create_task(listen())
    await asyncio.wait_for(third.wait(), 5)
    listener.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listener
    await provider.until(lambda: provider.requests[0].cancelled_at is not None)
    assert made.usage.completion_tokens >= 1
    assert not made.usage.exact
    assert made.usage.prompt_tokens > 100


async def test_a_listener_who_leaves_early_closes_the_connection(
    make_brain: MakeBrain, provider: ProviderServer
) -> None:
    provider.chat.queue(stall(after=3))
    async with contextlib.aclosing(aiter(make_brain().reply(ask()))) as deltas:
        await anext(deltas)
    await provider.until(lambda: provider.requests[0].cancelled_at is not None)
    assert len(provider.requests) == 1


async def test_a_slow_listener_is_not_taken_for_a_silent_provider(make_brain: MakeBrain) -> None:
    loop = asyncio.get_running_loop()
    made = make_brain(deadlines=Deadlines(first_token=2, between_tokens=0.02, total=0.5)).reply(ask())
    text = ""
    async for delta in made:
        text += delta
        if len(text) < 20:
            until, woken = loop.time() + 0.05, asyncio.Event()
            loop.call_at(until, woken.set)
            await woken.wait()
    assert text == DEFAULT_REPLY


async def test_a_model_that_never_stops_is_stopped(make_brain: MakeBrain, provider: ProviderServer) -> None:
    provider.chat.queue(reply("on and on " * 1000))
    text = "".join([delta async for delta in make_brain(deadlines=Deadlines()).reply(ask())])
    assert REPLY_CHARACTERS <= len(text) < REPLY_CHARACTERS + 20


async def test_the_persona_is_marked_for_the_cache_only_where_it_is_understood(http: httpx2.AsyncClient) -> None:
    sent: list[httpx2.Request] = []

    async def keep(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=b"data: [DONE]\n\n")

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(keep)) as client:
        for url in ("https://api.openai.com/v1", "https://models.example/v1"):
            brain = OpenAIBrain(ChatEndpoint(url, "key", "gpt-6-luna"), client, identifier_salt=b"salt")
            with contextlib.suppress(Exception):
                await anext(aiter(brain.reply(ask())))
    ours, other = (request.content.decode() for request in (sent[0], sent[-1]))
    assert '"prompt_cache_breakpoint":{"mode":"explicit"}' in ours
    assert '"prompt_cache_key":"c1:7"' in ours
    assert '"reasoning_effort":"none"' in ours
    assert '"max_completion_tokens"' in ours
    assert '"safety_identifier"' in ours
    assert '"temperature"' not in ours
    for openai_only in ("prompt_cache", "reasoning_effort", "safety_identifier", "max_completion_tokens"):
        assert openai_only not in other
    assert '"max_tokens"' in other
