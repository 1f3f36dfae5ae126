"""How the endpoints that judge a sentence are asked."""

from __future__ import annotations

import httpx2
import openai

BUDGET_SECONDS = 2.0
"""How long a sentence waits for its verdict. It is asked together with the voice, so most of this costs nothing."""


def asking_client(*, base_url: str, api_key: str, http_client: httpx2.AsyncClient, budget: float) -> openai.AsyncOpenAI:
    """A client of the shared connections that asks once, for `budget` seconds."""
    client = openai.AsyncOpenAI(
        api_key=api_key, base_url=base_url, http_client=http_client, max_retries=0, timeout=budget
    )
    # Read from the environment by the client; they would go to the tenant's server.
    client.organization = client.project = None
    return client
