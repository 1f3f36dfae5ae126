"""One process serves many tenants: nobody's key, organisation, address or connection reaches another."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from tests.fakes.provider import DEFAULT_REPLY, ProviderServer, redirect
from tests.workers.brain.conftest import MakeBrain
from tests.workers.brain.requests import ask
from workers.brain.endpoint import ChatEndpoint
from workers.brain.http_client import shared_http_client
from workers.brain.openai_chat import OpenAIBrain
from workers.pipeline.ports import BrainError


@pytest.mark.parametrize("key", ["", "   ", "ключ", "two\nlines"])
async def test_a_tenant_without_a_usable_key_never_spends_the_platforms(
    make_brain: MakeBrain, provider: ProviderServer, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-platform")
    with pytest.raises(BrainError, match="No usable API key") as refused:
        make_brain(key=key)
    assert refused.value.code == "llm_no_key"
    assert provider.requests == []


async def test_the_platforms_environment_is_not_sent_to_a_tenants_server(
    make_brain: MakeBrain, provider: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-platform")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-platform")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Inside: platform")
    assert [delta async for delta in make_brain().reply(ask())]
    headers = provider.requests[0].headers
    assert headers["Authorization"] == "Bearer sk-tenant-secret"
    assert "platform" not in str(headers)
    assert not any(name.lower().startswith("x-stainless") for name in headers)


async def test_a_redirect_is_refused_not_followed(make_brain: MakeBrain, provider: ProviderServer) -> None:
    provider.chat.default = redirect(provider.base_url + "/elsewhere")
    with pytest.raises(BrainError) as refused:
        await anext(aiter(make_brain().reply(ask())))
    assert refused.value.code == "llm_redirected"
    assert [request.path for request in provider.requests] == ["/v1/chat/completions"]


def test_the_shared_client_says_clearly_that_it_belongs_to_another_loop(provider: ProviderServer) -> None:
    client = shared_http_client()
    brain = OpenAIBrain(ChatEndpoint(provider.base_url, "key", "m"), client)

    async def listen() -> str:
        return "".join([delta async for delta in brain.reply(ask())])

    assert asyncio.run(listen()) == DEFAULT_REPLY
    with pytest.raises(RuntimeError, match="another event loop"):
        asyncio.run(listen())


async def test_each_brain_sends_its_own_key_over_the_one_client(
    make_brain: MakeBrain, provider: ProviderServer
) -> None:
    brains = [make_brain(key=f"key-{number}") for number in range(8)]

    async def listen(brain: OpenAIBrain, channel: str) -> str:
        return "".join([delta async for delta in brain.reply(ask(f"I am {channel}"))])

    await asyncio.gather(*(listen(brain, f"channel-{number}") for number, brain in enumerate(brains)))
    for request in provider.requests:
        number = request.headers["Authorization"].removeprefix("Bearer key-")
        text = str(request.body["messages"])
        assert f"channel-{number}" in text
        assert text.count("channel-") == 1


async def test_the_guard_decides_where_requests_may_go(provider: ProviderServer) -> None:
    async def nowhere(request: httpx2.Request) -> None:
        raise httpx2.ConnectError(f"{request.url.host} is not allowed", request=request)

    async with shared_http_client(check_request=nowhere) as client:
        brain = OpenAIBrain(ChatEndpoint(provider.base_url, "key", "m"), client)
        with pytest.raises(BrainError) as refused:
            await anext(aiter(brain.reply(ask())))
    assert refused.value.code == "llm_unreachable"
    assert provider.requests == []


@pytest.mark.parametrize("url", ["", "models.example/v1", "file:///etc/passwd", "http://", "http://[::1/v1"])
async def test_an_address_that_is_none_is_refused_at_once(http: httpx2.AsyncClient, url: str) -> None:
    with pytest.raises(BrainError) as refused:
        OpenAIBrain(ChatEndpoint(url, "key", "m"), http)
    assert refused.value.code == "llm_bad_address"


def test_a_key_is_not_in_the_endpoints_repr() -> None:
    assert "secret" not in repr(ChatEndpoint("https://models.example/v1", "secret", "m"))
