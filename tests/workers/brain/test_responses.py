"""The Responses API behind the same port: text as it comes, nothing kept at the provider, honest figures."""

from __future__ import annotations

import contextlib

import httpx2
import pytest

from tests.fakes.provider import DEFAULT_REPLY, ProviderServer, empty, status, stream_error
from tests.workers.brain.conftest import MakeBrain
from tests.workers.brain.requests import ask
from workers.brain import wire
from workers.brain.capabilities import CapabilityBook
from workers.brain.endpoint import ChatEndpoint
from workers.brain.openai_chat import OpenAIBrain
from workers.pipeline.ports import BrainError


async def test_a_reply_arrives_delta_by_delta_and_is_metered(make_brain: MakeBrain, provider: ProviderServer) -> None:
    made = make_brain(api="responses").reply(ask("what is up?"))
    deltas = [delta async for delta in made]
    assert "".join(deltas) == DEFAULT_REPLY
    assert len(deltas) > 5
    [request] = provider.requests
    assert request.path == "/v1/responses"
    assert request.body["store"] is False
    assert request.body["stream"] is True
    assert request.body["max_output_tokens"] == wire.REPLY_TOKENS
    assert "what is up?" in str(request.body["input"])
    assert (made.usage.prompt_tokens, made.usage.completion_tokens) == (provider.till.prompt, len(deltas))


async def test_openais_own_fields_go_to_openai_alone() -> None:
    sent: list[httpx2.Request] = []

    async def keep(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=b"data: [DONE]\n\n")

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(keep)) as client:
        for url in ("https://api.openai.com/v1", "https://models.example/v1"):
            brain = OpenAIBrain(ChatEndpoint(url, "key", "gpt-6-luna", api="responses"), client, identifier_salt=b"s")
            with contextlib.suppress(BrainError):
                await anext(aiter(brain.reply(ask())))
    ours, other = sent[0].content.decode(), sent[-1].content.decode()
    for field in (
        '"reasoning":{"effort":"none"}', '"prompt_cache_breakpoint":{"mode":"explicit"}', '"prompt_cache_key":"c1:7"',
        '"role":"developer"', '"safety_identifier"',
    ):  # fmt: skip
        assert field in ours
    for openai_only in ("prompt_cache", '"reasoning"', '"developer"', "safety_identifier"):
        assert openai_only not in other


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (status(401), "llm_unauthorised"),
        (status(404), "llm_unknown_model"),
        (empty(), "llm_empty"),
        (stream_error(after=2), "llm_server_error"),
    ],
)
async def test_faults_have_the_codes_of_the_other_api(
    make_brain: MakeBrain, provider: ProviderServer, script: object, code: str
) -> None:
    provider.chat.default = script  # type: ignore[assignment]
    with pytest.raises(BrainError) as failed:
        async for _ in make_brain(api="responses").reply(ask()):
            pass
    assert failed.value.code == code


async def test_a_refused_field_is_left_out(make_brain: MakeBrain, provider: ProviderServer) -> None:
    provider.rejected_parameters = frozenset({"store", "temperature", "max_output_tokens"})
    book = CapabilityBook()
    assert "".join([delta async for delta in make_brain(api="responses", book=book).reply(ask())]) == DEFAULT_REPLY
    assert not provider.rejected_parameters & provider.requests[-1].body.keys()


@pytest.mark.parametrize(
    ("event", "piece"),
    [
        ({"type": "response.created"}, wire.Piece()),
        (
            {"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}},
            wire.Piece(ending="length"),
        ),
        ({"type": "response.failed", "response": {"error": {"message": "no"}}}, wire.Piece(failure="no")),
        ({"type": "error", "message": "gone"}, wire.Piece(failure="gone")),
    ],
)
def test_the_end_of_a_stream_says_why(event: dict[str, object], piece: wire.Piece) -> None:
    assert wire.read_responses(event) == piece


@pytest.mark.parametrize("event", [{}, {"type": 5}, {"type": "response.output_text.delta", "delta": {"a": 1}}])
def test_an_event_of_another_shape_is_told_apart(event: dict[str, object]) -> None:
    with pytest.raises(wire.ShapeError):
        wire.read_responses(event)
