"""A moderation endpoint in OpenAI's shape, at any base URL. What it cannot answer in time is not allowed."""

from __future__ import annotations

import asyncio
import logging

import httpx2

from workers.brain.endpoint import ChatEndpoint
from workers.pipeline.usage import Meter
from workers.pipeline.values import ALLOW, Action, Verdict
from workers.safety.asking import BUDGET_SECONDS, asking_client, figures_of

log = logging.getLogger(__name__)


class Moderation:
    """One endpoint. Never raises: a failing or late one blocks."""

    def __init__(
        self, endpoint: ChatEndpoint, http_client: httpx2.AsyncClient, *, budget: float = BUDGET_SECONDS
    ) -> None:
        self._endpoint = endpoint
        self._budget = budget
        self._client = asking_client(endpoint, http_client, budget)

    async def judge(self, text: str, meter: Meter) -> Verdict:
        """Allow, or drop with the categories that were flagged as evidence."""
        try:
            async with asyncio.timeout(self._budget):
                answer = await self._client.moderations.create(model=self._endpoint.model, input=text)
            # OpenAI asks nothing and counts nothing; who does count may ask something for it.
            if (count := figures_of(answer)) is not None:
                meter.add(self._endpoint.metered(count, exact=True))
            result = answer.results[0]
            if not result.flagged:
                return ALLOW
            flagged = [name for name, value in result.categories.to_dict().items() if value]
            return Verdict(Action.DROP, "moderation.flagged", ", ".join(flagged), judged=text)
        except Exception as error:
            # Fail closed, whatever went wrong: a gate that cannot answer does not open.
            log.warning("the moderation endpoint did not answer, the sentence is blocked (%s)", type(error).__name__)
            return Verdict(Action.DROP, "moderation.unavailable", type(error).__name__)
