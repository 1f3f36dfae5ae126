"""How the endpoints that judge a sentence are asked, and what that consumes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import httpx2
import openai

from workers.brain.catalogue import TokenCount, estimate_tokens
from workers.brain.endpoint import ChatEndpoint
from workers.brain.wire import read_usage
from workers.pipeline.usage import Meter

T = TypeVar("T")

BUDGET_SECONDS = 2.0
"""How long a sentence waits for its verdict. It is asked together with the voice, so most of this costs nothing."""


def asking_client(endpoint: ChatEndpoint, http_client: httpx2.AsyncClient, budget: float) -> openai.AsyncOpenAI:
    """A client of the shared connections that asks once, for `budget` seconds."""
    client = openai.AsyncOpenAI(
        api_key=endpoint.key, base_url=endpoint.base_url, http_client=http_client, max_retries=0, timeout=budget
    )
    # Read from the environment by the client; they would go to the tenant's server.
    client.organization = client.project = None
    return client


async def counted(
    request: Awaitable[T], endpoint: ChatEndpoint, meter: Meter, *, asked: str, answer_tokens: int = 0
) -> T:
    """The answer, and what it consumed on the meter: by its own figures, else about what `asked` and an answer of so
    many tokens come to. Who hangs up, or waits in vain, was read all the same; who is refused was not."""
    try:
        answer = await request
    except (asyncio.CancelledError, openai.APITimeoutError):
        meter.add(endpoint.metered(TokenCount(estimate_tokens(asked), 0), exact=False))
        raise
    count = figures_of(answer)
    guessed = TokenCount(estimate_tokens(asked), answer_tokens)
    meter.add(endpoint.metered(count or guessed, exact=count is not None))
    return answer


def figures_of(answer: object) -> TokenCount | None:
    """What an answer says it consumed; None where it says nothing, as small servers do."""
    usage = getattr(answer, "usage", None)
    count = read_usage(usage.to_dict() if isinstance(usage, openai.BaseModel) else usage)
    return count if count is not None and count.prompt else None
