"""Which brain a channel gets, and whose key and headers travel where."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from pydantic import SecretStr

from channels_app.models import Channel
from tests.clock import until
from tests.fakes.provider import DEFAULT_REPLY, ProviderServer, status
from tests.live import live
from tests.workers.brain.requests import ask
from workers import refusals, wiring
from workers.models import RefusedField
from workers.pipeline.ports import Brain, BrainError
from workers.pipeline.usage import Meter
from workers.records import Provider

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


@pytest.fixture
def other() -> Iterator[ProviderServer]:
    """A provider that is neither the platform's first nor its key's."""
    with ProviderServer(answer=lambda body: "I am the other one.") as server:
        yield server


@pytest_asyncio.fixture(autouse=True)
async def fresh_wiring() -> AsyncIterator[None]:
    """What other tests learned of a loopback port is no business of these."""
    wiring._breakers.clear()
    yield
    await asyncio.gather(*wiring._writing)
    await wiring.close_clients()


def use(settings: Any, **values: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update=values)


async def listen(brain: Brain) -> str:
    return "".join([delta async for delta in brain.reply(ask())])


async def test_a_spare_model_of_another_provider_gets_its_own_key(
    settings: Any, provider: ProviderServer, other: ProviderServer
) -> None:
    key = SecretStr("spare-key")
    use(settings, LLM_SPARE_BASE_URL=other.base_url, LLM_SPARE_MODEL="spare", LLM_SPARE_API_KEY=key)
    provider.chat.default = status(503)
    assert await listen(wiring.brain_for({})) == "I am the other one."
    [request] = other.requests
    assert (request.body["model"], request.headers["Authorization"]) == ("spare", "Bearer spare-key")
    assert len(provider.requests) == 1, "the broken one is not asked again before the spare is"


async def test_the_platforms_key_never_goes_to_the_spares_address(
    settings: Any, provider: ProviderServer, other: ProviderServer
) -> None:
    use(settings, LLM_SPARE_BASE_URL=other.base_url, LLM_SPARE_MODEL="spare")
    provider.chat.default = status(503)
    await listen(wiring.brain_for({}))
    assert "llm-key" not in str(other.requests[0].headers)


async def test_a_spare_model_of_the_same_provider_needs_only_its_name(settings: Any, provider: ProviderServer) -> None:
    use(settings, LLM_SPARE_MODEL="spare")
    provider.chat.queue(status(503))
    assert await listen(wiring.brain_for({})) == DEFAULT_REPLY
    assert [request.body["model"] for request in provider.requests] == ["gpt-6-luna", "spare"]
    assert {request.headers["Authorization"] for request in provider.requests} == {"Bearer llm-key"}


async def test_the_setting_chooses_the_api(settings: Any, provider: ProviderServer) -> None:
    use(settings, LLM_API="responses")
    assert await listen(wiring.brain_for({})) == DEFAULT_REPLY
    assert [request.path for request in provider.requests] == ["/v1/responses"]


async def test_a_channels_own_endpoint_sees_nothing_of_the_platform(
    settings: Any, provider: ProviderServer, other: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "platform-secret")
    monkeypatch.setenv("OPENAI_ORG_ID", "platform-org")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "platform-project")
    use(settings, LLM_SPARE_MODEL="spare")
    own = {kind: Provider(other.base_url, "m", "v", "") for kind in ("llm", "moderation")}
    assert await listen(wiring.brain_for(own)) == "I am the other one."
    moderation = wiring.moderation_for(own)
    assert moderation is not None
    await moderation.judge("hello", Meter())
    other.chat.default = status(503)
    with pytest.raises(BrainError):
        await listen(wiring.brain_for(own))
    for request in other.requests:
        assert request.headers["Authorization"] == f"Bearer {wiring.NO_KEY}"
        assert "platform" not in str(request.headers)
        assert "llm-key" not in str(request.headers)
    assert provider.requests == [], "a channel with a provider of its own never spends the platform's"


@pytest.mark.parametrize("key", ["ключ", "two\nlines"])
async def test_a_key_of_no_use_ends_replies_and_not_the_run(
    stage: Channel, provider: ProviderServer, other: ProviderServer, key: str
) -> None:
    await sync_to_async(stage.providers.create)(kind="llm", base_url=other.base_url, model="m", api_key=key)
    async with live(stage) as channel:
        await channel.say("!ai hi")
        [turn] = await channel.settled()
        assert not channel.run.done()
    assert (turn.outcome, turn.reason.partition(":")[0]) == ("failed", "llm_no_key")
    assert other.requests == provider.requests_to("/chat/completions") == []


async def test_a_turn_says_why_the_spare_model_answered(
    settings: Any, stage: Channel, provider: ProviderServer
) -> None:
    use(settings, LLM_SPARE_MODEL="spare")
    provider.chat.queue(status(503))
    async with live(stage) as channel:
        await channel.say("!ai hi")
        [turn] = await channel.settled()
    assert (turn.outcome, turn.brain, turn.reason.partition(":")[0]) == ("spoken", "spare", "llm_server_error")


async def test_what_an_endpoint_refuses_is_known_to_the_next_worker(stage: Channel, provider: ProviderServer) -> None:
    provider.rejected_parameters = frozenset({"temperature"})
    async with live(stage) as channel:
        await channel.say("!ai hi")
        await channel.settled()
        await until(lambda: RefusedField.objects.aexists())
    [known] = await sync_to_async(refusals.known)()
    assert known.field == "temperature"
    row = await RefusedField.objects.aget()
    assert provider.base_url not in (row.place, row.model, str(row))
