"""An OpenAI-compatible embeddings endpoint. Without one, memory is searched by words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx2

from workers.brain import catalogue
from workers.brain.endpoint import ChatEndpoint
from workers.brain.vectors import packed
from workers.pipeline.values import Usage

BATCH = 64


class EmbeddingsError(Exception):
    """The endpoint gave no usable vectors. The message never holds a secret."""


class Embeddings:
    """One endpoint and model."""

    def __init__(self, endpoint: ChatEndpoint, http_client: httpx2.AsyncClient) -> None:
        self.endpoint = endpoint
        self._http = http_client

    @property
    def model(self) -> str:
        return self.endpoint.model

    async def vectors(self, texts: Sequence[str], *, seconds: float) -> tuple[list[bytes], Usage]:
        """A vector for each of at most BATCH texts, and what they cost. Raises EmbeddingsError, also when late."""
        body = {"model": self.endpoint.model, "input": list(texts)}
        try:
            async with asyncio.timeout(seconds):
                answer = await self._http.post(
                    f"{self.endpoint.base_url.rstrip('/')}/embeddings",
                    json=body,
                    headers={"Authorization": f"Bearer {self.endpoint.key}"},
                )
            if not answer.is_success:
                raise EmbeddingsError(f"{self.endpoint.host} refused the texts ({answer.status_code}).")
            found = answer.json()
            rows = sorted(found["data"], key=lambda row: row["index"])
            vectors = [packed(row["embedding"]) for row in rows]
        except (TimeoutError, httpx2.HTTPError) as error:
            raise EmbeddingsError(f"{self.endpoint.host} did not answer ({type(error).__name__}).") from None
        except (ValueError, KeyError, TypeError):
            raise EmbeddingsError(f"{self.endpoint.host} sent something unreadable.") from None
        if len(vectors) != len(texts):
            raise EmbeddingsError(f"{self.endpoint.host} sent {len(vectors)} vectors for {len(texts)} texts.")
        return vectors, self._usage(found, texts)

    def _usage(self, answer: dict[str, object], texts: Sequence[str]) -> Usage:
        told = answer.get("usage")
        tokens = told.get("prompt_tokens") if isinstance(told, dict) else None
        exact = isinstance(tokens, int)
        count = tokens if isinstance(tokens, int) else sum(map(catalogue.estimate_tokens, texts))
        used = catalogue.TokenCount(prompt=count, completion=0)
        return self.endpoint.metered(used, exact=exact)
