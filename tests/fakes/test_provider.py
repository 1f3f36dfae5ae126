"""The provider fake answers the real openai client as a provider would, and never holds the suite up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import openai
import pytest
import pytest_asyncio

from tests.fakes.provider import DEFAULT_REPLY, ProviderServer, malformed, reply, reset, stall, status
from tests.fakes.speech_sound import numbered, numbers, speech

ASK: list[openai.types.chat.ChatCompletionMessageParam] = [{"role": "user", "content": "hello"}]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ProviderServer]:
    with ProviderServer() as running:
        yield running


@pytest_asyncio.fixture
async def client(server: ProviderServer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(api_key="key", base_url=server.base_url, max_retries=0, timeout=5) as made:
        yield made


async def test_a_streamed_reply_arrives_in_pieces_with_usage_last(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="m", messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == DEFAULT_REPLY
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == len(chunks) - 2


async def test_a_whole_reply_is_answered_too(client: openai.AsyncOpenAI, server: ProviderServer) -> None:
    server.chat.queue(reply("Once."))
    whole = await client.chat.completions.create(model="m", messages=ASK)
    assert whole.choices[0].message.content == "Once."


async def test_scripts_are_used_up_in_order(client: openai.AsyncOpenAI, server: ProviderServer) -> None:
    server.chat.queue(status(401), status(429, retry_after=2))
    with pytest.raises(openai.AuthenticationError):
        await client.chat.completions.create(model="m", messages=ASK)
    with pytest.raises(openai.RateLimitError) as limited:
        await client.chat.completions.create(model="m", messages=ASK)
    assert limited.value.response.headers["retry-after"] == "2"
    assert (await client.chat.completions.create(model="m", messages=ASK)).choices


async def test_a_reset_cuts_the_stream_after_its_chunks(client: openai.AsyncOpenAI, server: ProviderServer) -> None:
    server.chat.queue(reset(after=3))
    seen: list[object] = []

    async def read() -> None:
        async for chunk in await client.chat.completions.create(model="m", messages=ASK, stream=True):
            seen.append(chunk)  # noqa: PERF401 (what came before the cut must be kept)

    with pytest.raises(openai.APIConnectionError):
        await read()
    assert len(seen) <= 3


async def test_a_malformed_chunk_is_no_json(client: openai.AsyncOpenAI, server: ProviderServer) -> None:
    server.chat.queue(malformed(after=1))
    with pytest.raises(ValueError, match="Unterminated"):
        async for _ in await client.chat.completions.create(model="m", messages=ASK, stream=True):
            pass


async def test_a_client_that_hangs_up_is_noticed(client: openai.AsyncOpenAI, server: ProviderServer) -> None:
    server.chat.queue(stall(after=2))
    stream = await client.chat.completions.create(model="m", messages=ASK, stream=True)
    await anext(aiter(stream))
    await stream.close()
    await server.until(lambda: server.requests[0].cancelled_at is not None)
    assert server.requests[0].finished_at is None


async def test_a_stalled_request_does_not_hold_the_server_open() -> None:
    with ProviderServer() as server:
        server.chat.queue(stall())
        async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url, max_retries=0) as client:
            waiting = asyncio.create_task(client.chat.completions.create(model="m", messages=ASK))
            await server.until(lambda: len(server.requests) == 1)
            began = time.monotonic()
            await asyncio.to_thread(server.stop)
            assert time.monotonic() - began < 2
            with pytest.raises(openai.APIConnectionError):
                await waiting


async def test_speech_is_audible_and_as_long_as_its_text(client: openai.AsyncOpenAI) -> None:
    text = "Hello there, this is a sentence."
    sound = await client.audio.speech.create(model="m", voice="v", input=text, response_format="pcm")
    assert len(sound.content) / 48_000 == pytest.approx(len(text) / 14, rel=0.01)
    assert max(sound.content) > 0
    assert sound.content == speech(text)


async def test_numbered_speech_tells_every_sample_apart() -> None:
    with ProviderServer(sound=numbered) as server:
        async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url, max_retries=0) as client:
            sound = await client.audio.speech.create(model="m", voice="v", input="hello", response_format="pcm")
    assert numbers(sound.content) == list(range(len(sound.content) // 2))


async def test_speech_comes_as_wav_and_as_events_too(client: openai.AsyncOpenAI) -> None:
    wav = await client.audio.speech.create(model="m", voice="v", input="hello", response_format="wav")
    events = await client.audio.speech.create(
        model="m", voice="v", input="hello", response_format="pcm", stream_format="sse"
    )
    assert wav.content[:4] == b"RIFF"
    assert wav.content[44:] == speech("hello")
    assert b"speech.audio.done" in events.content


async def test_moderation_flags_marked_words_only(client: openai.AsyncOpenAI) -> None:
    judged = await client.moderations.create(input=["a kind line", "a FLAGHATE line"])
    assert [result.flagged for result in judged.results] == [False, True]
    assert judged.results[1].categories.hate


async def test_a_wrong_key_is_refused_everywhere() -> None:
    with ProviderServer(keys=frozenset({"right"})) as server:
        async with openai.AsyncOpenAI(api_key="wrong", base_url=server.base_url, max_retries=0) as client:
            with pytest.raises(openai.AuthenticationError):
                await client.models.list()
            with pytest.raises(openai.AuthenticationError):
                await client.moderations.create(input="x")
