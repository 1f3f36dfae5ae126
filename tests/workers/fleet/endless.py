"""Our Celery application with a task that never ends by itself, for worker processes of tests."""

from __future__ import annotations

import time

from django.conf import settings
from redis import Redis

from aigirl_site.celery import app

BEGUN, OVER = "endless.begun", "endless.over"
"""Keys in Redis: how many run, and whether they shall end."""


@app.task(name="endless")
def endless() -> None:
    with Redis.from_url(settings.ENV.redis_url) as server:
        server.incr(f"{settings.ENV.REDIS_PREFIX}:{BEGUN}")
        while not server.exists(f"{settings.ENV.REDIS_PREFIX}:{OVER}"):
            time.sleep(0.05)
