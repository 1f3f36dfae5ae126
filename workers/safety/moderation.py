"""A moderation endpoint in OpenAI's shape, at any base URL. What it cannot answer in time is not allowed."""

from __future__ import annotations

import asyncio
import logging

import httpx2

from workers.pipeline.values import ALLOW, Action, Verdict
from workers.safety.asking import BUDGET_SECONDS, asking_client

log = logging.getLogger(__name__)


class Moderation:
    """One endpoint. Never raises: a failing or late one blocks."""

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        model: str,
        http_client: httpx2.AsyncClient,
        budget: float = BUDGET_SECONDS,
    ) -> None:
        self._model = model
        self._budget = budget
        self._client = asking_client(base_url=base_url, api_key=api_key, http_client=http_client, budget=budget)

    async def judge(self, text: str) -> Verdict:
        """Allow, or drop with the categories that were flagged as evidence."""
        try:
            async with asyncio.timeout(self._budget):
                answer = await self._client.moderations.create(model=self._model, input=text)
            result = answer.results[0]
            if not result.flagged:
                return ALLOW
            flagged = [name for name, value in result.categories.to_dict().items() if value]
            return Verdict(Action.DROP, "moderation.flagged", ", ".join(flagged), judged=text)
        except Exception as error:
            # Fail closed, whatever went wrong: a gate that cannot answer does not open.
            log.warning("the moderation endpoint did not answer, the sentence is blocked (%s)", type(error).__name__)
            return Verdict(Action.DROP, "moderation.unavailable", type(error).__name__)
