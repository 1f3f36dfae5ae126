"""Whether this process reaches Redis: a run that cannot be heard is better carried out elsewhere."""

from __future__ import annotations

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.fleet.lease import RENEW

PATIENCE = RENEW / 2
"""Seconds for a connection, and for an answer: Redis gives both in milliseconds, or is as good as away."""


def redis_answers() -> bool:
    """Whether all servers that carry words and sound answer now, over connections of their own: one that stands may be
    dead without knowing it."""
    return all(_answers(url) for url in settings.ENV.layer_urls)


def _answers(url: str) -> bool:
    client = redis.Redis.from_url(
        url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
